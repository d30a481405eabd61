"""A news page to its text, instants and claims."""

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import Any

from service.errors import BadInput, ParseFailed
from service.news.article import Dated
from service.news.page.bodies import read_body
from service.news.page.pagemeta import PageClaims, read_claims
from service.news.page.walls import WALLS, asks_password, is_stub, name_barrier
from service.news.syndication.feedlimits import Faults
from service.news.text.characters import clean
from service.news.text.decoding import decode
from service.news.text.markup import to_text
from service.news.urls import canonical

LARGEST_BODY = 10_000_000
LONGEST_READ = 2_000_000  # characters: extraction takes seconds beyond it
_MOST_ELEMENTS = 10_000  # above it trafilatura may take seconds
_MUCH_LONGER = 1.5  # times what the page shows, from which the text in JSON-LD is taken instead
_LEAST_DECLARED = 60
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D))
_MENUS = ["//nav", "//dialog", "//*[@role='navigation']", "//*[@role='dialog']", "//header//ul", "//button"]
_PARSING = {"encoding": "utf-8", "no_network": True, "remove_comments": True, "remove_pis": True, "huge_tree": False}
_TAG = re.compile(r"<(?:!doctype|[a-z][a-z0-9]*)\b", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Page:
    """What was read from one HTML page. Texts are plain; one paragraph or heading per line in `text`.

    `published` and `modified` are UTC with their provenance. `canonical_url` is the page's claim of its own address
    ("" where it makes none that it may make), in the spelling of `urls.canonical`. `faults` are stable codes:
    `no_body`, `paywall_stub`, `too_large` (only the beginning was read), `encoding`, `date_missing`, and the walls:
    `challenge`, `consent_wall`, `login`, `soft_404`. `published_by` and `modified_by` say what told the instants:
    `json_ld`, `meta`, `time`, `shown`, `address` or "". `section` is the part of the paper, "" where none is told.
    """

    title: str
    text: str
    published: Dated
    modified: Dated
    canonical_url: str
    language_claim: str
    authors: tuple[str, ...]
    site: str
    faults: tuple[str, ...] = ()
    section: str = ""
    is_paid: bool = False
    published_by: str = ""
    modified_by: str = ""

    @property
    def wall(self) -> str:
        """What stands where the story was asked (a code), "" for a story."""
        return next((fault for fault in self.faults if fault in WALLS), "")


def extract(html: str | bytes, *, url: str = "", content_type: str = "", zone: str | None = None) -> Page:
    """Title, body text, instants and claims of the page `html` that came from `url`.

        bytes ─decode→ text ─lxml→ tree ─read_claims→ claims
                                     └──read_body──▶ text ─(unsure)─▶ trafilatura, JSON-LD's text → Page

    One tree serves claims and body. Recall goes before precision: promo, disclaimers and bios that survive are labelled
    later. Dates that name no zone
    are read in `zone` (IANA name), else UTC. Raises `ParseFailed`: `malformed` (no HTML), `too_large` (above 10 MB).
    """
    if len(html) > LARGEST_BODY:
        raise ParseFailed("too_large", f"the page has more than {LARGEST_BODY} bytes")
    faults = Faults()
    spelled = b""  # the page in UTF-8, where it came so
    if isinstance(html, bytes):
        decoded = decode(html, content_type=content_type)
        if decoded.is_contradicted:
            faults.add("encoding")
        spelled = html.removeprefix(BOM_UTF8) if decoded.encoding == "utf-8" else b""
        html = decoded.text
    if len(html) > LONGEST_READ:
        faults.add("too_large")
        html, spelled = html[:LONGEST_READ], b""
    if _TAG.search(html) is None:
        raise ParseFailed("malformed", "there is no HTML in it")
    source = (spelled or html.encode("utf-8", "ignore")).translate(None, _CONTROLS)
    root = _parse(source)
    claims = read_claims(root, url=_own(url), zone=zone)
    has_password = asks_password(root)
    text = _read_text(root, source, claims)
    for fault in _judge(html, text, claims, has_password=has_password):
        faults.add(fault)
    return Page(
        title=claims.title,
        text=text,
        published=claims.dates.published,
        modified=claims.dates.modified,
        canonical_url=claims.canonical_url,
        language_claim=claims.language,
        authors=claims.authors,
        site=claims.site,
        faults=faults.codes(),
        section=claims.section,
        is_paid=not claims.is_free,
        published_by=claims.dates.published_by,
        modified_by=claims.dates.modified_by,
    )


def _own(url: str) -> str:
    try:
        return canonical(url) if url else ""
    except BadInput:
        return ""


def _parse(source: bytes, kind: Any = None) -> Any:
    """The page's tree, by a parser of another `kind` where one is named. Nothing is fetched or expanded."""
    from lxml import etree

    try:
        root = etree.fromstring(source, (kind or etree.HTMLParser)(**_PARSING))
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise ParseFailed("too_costly", "reading the page took more memory than it may") from error
        raise ParseFailed("malformed", f"the page cannot be parsed: {str(error)[:200]}") from error
    if root is None:
        raise ParseFailed("malformed", "the page holds no element")
    return root


def _read_text(root: Any, source: bytes, claims: PageClaims) -> str:
    """The story's text: the own reading; where that is unsure the longer of it and trafilatura's; JSON-LD's text where
    the page shows much less. `root` is spent afterwards.
    """
    body = read_body(root)
    text = body.text
    if not body.is_sure and root.xpath("count(//*)") <= _MOST_ELEMENTS:
        text = max(text, _read_otherwise(source), key=len)
    if len(claims.body) > max(_MUCH_LONGER * len(text), _LEAST_DECLARED):
        return to_text(claims.body)
    return text


def _read_otherwise(source: bytes) -> str:
    from lxml.html import HTMLParser
    from trafilatura import extract as extract_text

    found = extract_text(
        _parse(source, HTMLParser), fast=True, include_comments=False, include_tables=True, prune_xpath=_MENUS
    )
    return _BLANK_LINES.sub("\n\n", clean(found or "")).strip()


def _judge(html: str, text: str, claims: PageClaims, *, has_password: bool) -> list[str]:
    """The faults of a page as a source of one story."""
    barrier = name_barrier(html, title=claims.title, text=text, has_password=has_password)
    found = {
        "no_body": not text,
        barrier: bool(barrier),
        "paywall_stub": not claims.is_free and is_stub(text),
        "date_missing": claims.dates.published.instant is None,
    }
    return [fault for fault, is_so in found.items() if is_so]
