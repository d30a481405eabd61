"""Secrets in text: what looks like one is struck out, and so is what is known to be one.

    text ─▶ known secrets, in every spelling ─▶ userinfo, tokens in queries, passwords, headers ─▶ text for anybody

Looks alone cannot find them all (a webhook's secret is a part of its path), and a list alone cannot either (a server
may send a redirect to an address with a token of its own): so both are done.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, quote, unquote, urlsplit

STRUCK = "***"
"""What stands where a secret stood."""
_SHORTEST = 6
"""A known secret shorter than this is found by its looks only: it would be struck out of ordinary words."""
_SHORTEST_SEGMENT = 12

_NAMES = r"[\w.-]{0,40}(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|signature|credentials?)"
_SECRET_NAME = re.compile(rf"(?i){_NAMES}|key|auth|sig|pass|sid|(?:proxy-)?authorization|(?:set-)?cookie")
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&#\"'<>]*[^\s,;&#\"'<>:.)\]])"
_LOOKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(https?:/{2})[^\s/?#\"'<>]*@"), r"\1"),
    (re.compile(r"(?i)\b((?!https?:)[a-z][a-z0-9+.-]*://)[^\s@\"'<>]*(?:@[^\s@/\"'<>]*)*@"), r"\1"),
    (re.compile(rf"(?i)([?&;](?:{_NAMES}|key|auth|sig|pass|sid)=)[^&#;\s\"'<>]*[^&#;\s\"'<>:.,)\]]"), rf"\1{STRUCK}"),
    (re.compile(rf"(?i)(\b{_NAMES}\s*=\s*){_VALUE}"), rf"\1{STRUCK}"),
    (re.compile(rf"(?i)([\"']{_NAMES}[\"']\s*:\s*)(?:\"[^\"]*\"|'[^']*')"), rf'\1"{STRUCK}"'),
    (
        re.compile(r"(?i)(\b(?:proxy-)?authorization|\bx-api-key|\b(?:set-)?cookie)([\"']?\s*[:=]\s*)[^\r\n]+"),
        rf"\1\2{STRUCK}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{16,}"), rf"\1 {STRUCK}"),
)
_MAY_HOLD = re.compile(r"(?i)@|=|[\"']\s*:|authorization|api-key|cookie|bearer|basic")


@dataclass(frozen=True)
class Redactor:
    """Strikes out `known` secrets, however they are quoted, and whatever else looks like one."""

    known: frozenset[str] = frozenset()

    def clean(self, text: str) -> str:
        """`text` without secrets; the same text where there is none in it."""
        if self._pattern is not None:
            text = self._pattern.sub(STRUCK, text)
        return strike_looks(text)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        spellings = sorted({one for secret in self.known for one in _spell(secret)}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, spellings))) if spellings else None


def strike_looks(text: str) -> str:
    """`text` without user and password in addresses, tokens in queries, `password=…` and Authorization headers."""
    if _MAY_HOLD.search(text):
        for pattern, instead in _LOOKS:
            text = pattern.sub(instead, text)
    return text


def is_secret(name: str) -> bool:
    """Whether what goes by this name (of a setting, a header, a part of a query) is to be told to nobody."""
    return _SECRET_NAME.fullmatch(name) is not None


def _spell(secret: str) -> Iterator[str]:
    """A secret as it may stand in an address, in JSON, in a `repr`, and as it was before it was quoted."""
    for one in (secret, unquote(secret)):
        yield from (one, quote(one), quote(one, safe=""), repr(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])


def find_in_address(text: str, *, whole: bool) -> Iterator[str]:
    """The secrets in one setting: an address's password and tokens, and all of what is none, if `whole`.

    Of a secret http(s) address the path is one too, as with webhooks. A password that is also the user's name, the
    host or the database is no secret, and would be struck out of every line.
    """
    parts = _split(text)
    if parts is None:
        yield from _long_enough([text] if whole else [])
        return
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    host, path = parts.netloc.rpartition("@")[2], parts.path.strip("/")
    known_anyway = {unquote(user) if password else "", host, host.partition(":")[0], path}
    queried = [item.partition("=") for item in re.split("[&;]", parts.query)]
    found = [password or user, *(value for name, _, value in queried if whole or is_secret(name))]
    yield from _long_enough(one for one in found if unquote(one) not in known_anyway)
    if user:
        yield base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode().rstrip("=")
    if whole and parts.scheme.lower() in ("http", "https"):
        yield from _long_enough([parts.path.rstrip("/")])
        yield from (one for one in parts.path.split("/") if len(one) >= _SHORTEST_SEGMENT)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return parts if parts.scheme and "//" in text else None


def _long_enough(found: Iterable[str]) -> Iterator[str]:
    return (one for one in found if len(one) >= _SHORTEST)


def fill_in(address: str, secret_address: str) -> str:
    """`address`, from which secrets were struck, with those of `secret_address` where both name one host.

    What was written down without a password can so be asked for again, and no other host is told it.
    """
    if strike_looks(secret_address) == address:
        return secret_address
    told, known = urlsplit(address), urlsplit(secret_address)
    own = known.netloc.rpartition("@")
    if (told.scheme, told.netloc.lower()) != (known.scheme, own[2].lower()):
        return address
    values = dict(item.partition("=")[::2] for item in known.query.split("&"))
    query = "&".join(
        f"{name}{mark}{values.get(name, value) if value == STRUCK else value}"
        for name, mark, value in (item.partition("=") for item in told.query.split("&"))
    )
    return told._replace(netloc="".join((*own[:2], told.netloc)), query=query).geturl()
