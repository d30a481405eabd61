"""What stands where a story was asked: consent, challenge, log-in, a page that says it is not there."""

import re
from typing import Any

WALLS = frozenset(["challenge", "consent_wall", "login", "soft_404"])
"""Codes of pages that are no story at all; their text is nobody's news."""
_STUB = 1_000  # characters: what stands in a story's place shows less text than this
_LOGIN = re.compile(
    r"^\W*(?:log[- ]?in|sign[- ]?in|inloggen|aanmelden|log je in|registreren|subscribe to (?:read|continue))\b",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b(?:page|article|story|content|pagina|artikel|bericht) (?:was |is |could |can |kan |werd )?"
    r"(?:not|cannot be|no longer|niet|niet meer)(?: be| worden)? ?(?:found|available|exist|gevonden|beschikbaar)\b"
    r"|^\W*(?:error\s*)?404\W*(?:$|error|page|not|pagina|oops)|^\W*(?:not found|niet gevonden)\b",
    re.IGNORECASE,
)
_NEEDS_SCRIPTS = re.compile(
    r"enable (?:javascript|js) and cookies to continue|checking (?:if|your) (?:the site|browser)", re.IGNORECASE
)
_CHALLENGE = re.compile(
    r"challenge-platform|cf[-_]browser[-_]verification|cf_chl_|<title>\s*just a moment"
    r"|attention required! \| cloudflare"
    r"|captcha-delivery\.com|px-captcha|_incapsula_resource|ddos protection by|verify (?:that )?you are (?:a )?human",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"consent\.(?:google|yahoo|youtube)\.|myprivacy\.dpgmedia|privacy-?gate|cookie-?wall|consent-?(?:wall|gate)|guce\.",
    re.IGNORECASE,
)


def name_wall(page: str) -> str:
    """`challenge` or `consent_wall` where a page is one (short pages only: articles write about walls); else ""."""
    sample = page[:200_000]
    if len(page) < 60_000 and _CHALLENGE.search(sample):
        return "challenge"
    return "consent_wall" if len(page) < 200_000 and _CONSENT.search(sample[:20_000]) else ""


def asks_password(root: Any) -> bool:
    """Whether the parsed page has a field for a password."""
    return any((field.get("type") or "").lower() == "password" for field in root.iter("input"))


def name_barrier(html: str, *, title: str, text: str, has_password: bool) -> str:
    """`challenge`, `consent_wall`, `soft_404` or `login` where the page is one, else "".

    `html` is the source, `title` and `text` what was read of it. Long texts are stories, whatever else is there.
    """
    if len(text) >= _STUB:
        return ""
    if wall := name_wall(html):
        return wall
    if _NEEDS_SCRIPTS.search(text):
        return "challenge"
    if _NOT_FOUND.search(title) or (len(text) < _STUB // 3 and _NOT_FOUND.search(text)):
        return "soft_404"
    return "login" if _LOGIN.match(title) or (has_password and len(text) < _STUB // 3) else ""


def is_stub(text: str) -> bool:
    """Whether so little is shown that a paid page keeps its story back."""
    return len(text) < _STUB
