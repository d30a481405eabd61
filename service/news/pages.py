"""A news page to its text, instants and claims."""

import re
from dataclasses import dataclass
from typing import Any

from service.errors import BadInput, ParseFailed
from service.news.article import Dated
from service.news.characters import clean, drop_controls
from service.news.decoding import decode
from service.news.feedlimits import Faults
from service.news.markup import to_text
from service.news.pagemeta import PageClaims, read_claims
from service.news.refusals import name_wall
from service.news.urls import canonical

LARGEST_BODY = 10_000_000
LONGEST_READ = 2_000_000  # characters: extraction takes seconds beyond it
_STUB = 1_000  # characters: a paid page shows less than this of its story
_COMPLETE = 0.6  # share of the page's paragraphs below which the quick extraction is done again thoroughly
_LEAST_PARAGRAPH = 60
_MENUS = ["//nav", "//dialog", "//*[@role='navigation']", "//*[@role='dialog']", "//header//ul", "//button"]
_TAG = re.compile(r"<(?:!doctype|[a-z][a-z0-9]*)\b", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Page:
    """What was read from one HTML page. Texts are plain; one paragraph or heading per line in `text`.

    `published` and `modified` are UTC with their provenance. `canonical_url` is the page's claim of its own address
    ("" where it makes none that it may make), in the spelling of `urls.canonical`. `faults` are stable codes:
    `no_body`, `paywall_stub`, `too_large` (only the beginning was read), `encoding`, `date_missing`, `challenge`,
    `consent_wall`.
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


def extract(html: str | bytes, *, url: str = "", content_type: str = "", zone: str | None = None) -> Page:
    """Title, body text, instants and claims of the page `html` that came from `url`.

        bytes ─decode→ text ─lxml→ tree ─read_claims→ claims ─trafilatura→ body → Page

    Recall goes before precision: promo, disclaimers and bios that survive are labelled later. Dates that name no zone
    are read in `zone` (IANA name), else UTC. Raises `ParseFailed`: `malformed` (no HTML), `too_large` (above 10 MB).
    """
    if len(html) > LARGEST_BODY:
        raise ParseFailed("too_large", f"the page has more than {LARGEST_BODY} bytes")
    faults = Faults()
    if isinstance(html, bytes):
        decoded = decode(html, content_type=content_type)
        if decoded.is_contradicted:
            faults.add("encoding")
        html = decoded.text
    if len(html) > LONGEST_READ:
        faults.add("too_large")
        html = html[:LONGEST_READ]
    root = _parse(html)
    claims = read_claims(root, url=_own(url), zone=zone)
    text = _body(root, claims)
    for fault in _judge(html, text, claims):
        faults.add(fault)
    return Page(
        title=claims.title,
        text=text,
        published=claims.published,
        modified=claims.modified,
        canonical_url=claims.canonical_url,
        language_claim=claims.language,
        authors=claims.authors,
        site=claims.site,
        faults=faults.codes(),
    )


def _own(url: str) -> str:
    try:
        return canonical(url) if url else ""
    except BadInput:
        return ""


def _parse(html: str) -> Any:
    """The page's tree. Nothing is fetched, entities of a document type are not expanded."""
    from lxml import etree
    from lxml.html import HTMLParser

    if _TAG.search(html) is None:
        raise ParseFailed("malformed", "there is no HTML in it")
    parser = HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(drop_controls(html).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ParseFailed("malformed", f"the page cannot be parsed: {str(error)[:200]}") from error
    if root is None:
        raise ParseFailed("malformed", "the page holds no element")
    return root


def _body(root: Any, claims: PageClaims) -> str:
    """The story's text: quick extraction, a thorough one where it lost paragraphs, JSON-LD's text where both did."""
    expected = _COMPLETE * _length_of_paragraphs(root)
    text = _extract_text(root, is_fast=True)
    if len(text) < expected:
        text = max(text, _extract_text(root, is_fast=False), key=len)
    if len(claims.body) > max(1.3 * len(text), _LEAST_PARAGRAPH) and (len(text) < expected or not text):
        return to_text(claims.body)
    return text


def _length_of_paragraphs(root: Any) -> int:
    lengths = (len(" ".join("".join(paragraph.itertext()).split())) for paragraph in root.iter("p"))
    return sum(length for length in lengths if length >= _LEAST_PARAGRAPH)


def _extract_text(root: Any, *, is_fast: bool) -> str:
    from copy import deepcopy

    from trafilatura import extract as extract_text

    found = extract_text(deepcopy(root), fast=is_fast, include_comments=False, include_tables=True, prune_xpath=_MENUS)
    return _BLANK_LINES.sub("\n\n", clean(found or "")).strip()


def _judge(html: str, text: str, claims: PageClaims) -> list[str]:
    """The faults of a page as a source of one story."""
    faults = []
    wall = name_wall(html) if len(text) < _STUB else ""
    if not text:
        faults.append("no_body")
    if wall:
        faults.append(wall)
    if not claims.is_free and len(text) < _STUB:
        faults.append("paywall_stub")
    if claims.published.instant is None:
        faults.append("date_missing")
    return faults
