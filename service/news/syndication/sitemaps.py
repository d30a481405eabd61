"""Sitemaps (sitemaps.org 0.9), news sitemaps and sitemap indexes to the same entries that feeds give."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from service.errors import ParseFailed
from service.news.article import Dated, Feed, FeedEntry, InstantOrigin
from service.news.dating.dates import read
from service.news.syndication.feedlimits import (
    LARGEST_BODY,
    MOST_NAMES,
    Faults,
    language_of,
    link_of,
    names_of,
    title_of,
)
from service.news.syndication.refusals import name_page, refuse_attributes, refuse_entities
from service.news.syndication.xml_parser import make_parser
from service.news.text.characters import drop_controls, has_controls
from service.news.text.decoding import decode

MOST_URLS = 50_000
"""The protocol's own bound; what stands beyond it is left out."""
_GZIP = b"\x1f\x8b"
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_MISSING = read("", origin=InstantOrigin.FEED)
_OWN = frozenset({"loc", "lastmod"})
_NEWS = frozenset({"title", "publication_date", "keywords"})
_PUBLICATION = frozenset({"name", "language"})


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap named by an index; `modified` is when the site says it last changed."""

    url: str
    modified: Dated


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap holds: `feed` (kind `sitemap`) its pages as entries, `children` the sitemaps of an index.

    An entry has the address, and of a news sitemap title, publication date, language and keywords; `modified` is its
    `lastmod`. Summary, content and GUID are "". Which of both a sitemap has, the other is empty.
    """

    feed: Feed
    children: tuple[Child, ...] = ()


def parse(
    body: bytes,
    *,
    content_type: str = "",
    url: str = "",
    zone: str | None = None,
    max_bytes: int = LARGEST_BODY,
    max_urls: int = MOST_URLS,
) -> Sitemap:
    """The sitemap in `body`, as XML or as a text with an address in each line, gzipped or not.

    `url` is where it came from; `zone` (IANA name) is assumed where dates name none. `Feed.faults` as for feeds:
    `malformed` (the addresses up to the break are kept), `encoding`, `control_characters`, `too_many_items` (beyond
    `max_urls`), `field_too_large`, `blocked_scheme`, `empty_feed`. Translations, pictures and videos are passed over.

    Raises `ParseFailed` and nothing else, whatever the bytes, with the reasons that feeds have.
    """
    body = _inflate(body, max_bytes)
    if len(body) > max_bytes:
        raise ParseFailed("too_large", f"the sitemap has {len(body)} bytes, more than {max_bytes}")
    decoded = decode(body, content_type=content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n\0")
    faults = Faults()
    if decoded.is_contradicted or "\ufffd" in text:
        faults.add("encoding")
    if has_controls(text):
        faults.add("control_characters")
        text = drop_controls(text)
    if _ADDRESS.match(text):
        sitemap = _read_lines(text, url, faults, max_urls)
    else:
        if reason := name_page(text):
            raise ParseFailed(reason, "an HTML page stands where a sitemap should be")
        refuse_entities(text)
        refuse_attributes(text)
        sitemap = _read_tree(_parse(text, faults), url, zone, faults, max_urls)
    if not sitemap.feed.entries and not sitemap.children:
        faults.add("empty_feed")
    return replace(sitemap, feed=replace(sitemap.feed, faults=faults.codes()))


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """Sitemaps are often gzipped files; a bomb among them is stopped one byte beyond the bound."""
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(31).decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise ParseFailed("malformed", f"the gzipped sitemap cannot be inflated: {error}") from error


def _parse(text: str, faults: Faults) -> Any:
    """The root of the document, with what could be recovered where it is broken."""
    from lxml import etree

    parser = make_parser(recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise ParseFailed("malformed", "this is no sitemap")
    if any(error.level_name != "WARNING" for error in parser.error_log):
        faults.add("malformed")
    return root


def _read_tree(root: Any, url: str, zone: str | None, faults: Faults, max_urls: int) -> Sitemap:
    kind = "url" if _name(root) == "urlset" else "sitemap"
    found: dict[str, dict[str, str]] = {}
    for number, element in enumerate(child for child in root if _name(child) == kind):
        if number >= max_urls:
            faults.add("too_many_items")
            break
        said = _read_texts(element)
        if address := link_of(said.get("loc", ""), url, faults):
            found.setdefault(address, said)
    if kind == "sitemap":
        children = tuple(Child(address, _date(said.get("lastmod", ""), zone, "")) for address, said in found.items())
        return Sitemap(_feed(url, ()), children)
    entries = [_entry(address, said, zone, faults) for address, said in found.items()]
    name = title_of(next((said["name"] for said in found.values() if "name" in said), ""), faults)
    languages = {entry.language_claim for entry in entries}
    claim = languages.pop() if len(languages) == 1 else ""
    return Sitemap(replace(_feed(url, tuple(entries)), title=name, language_claim=claim))


def _read_lines(text: str, url: str, faults: Faults, max_urls: int) -> Sitemap:
    """A text sitemap: one address in each line, nothing else."""
    entries: dict[str, FeedEntry] = {}
    for number, line in enumerate(line for line in text.splitlines() if line.strip()):
        if number >= max_urls:
            faults.add("too_many_items")
            break
        if not _ADDRESS.fullmatch(line.strip()):
            faults.add("malformed")
        elif address := link_of(line, url, faults):
            entries.setdefault(address, _entry(address, {}, None, faults))
    return Sitemap(_feed(url, tuple(entries.values())))


def _feed(url: str, entries: tuple[FeedEntry, ...]) -> Feed:
    return Feed(kind="sitemap", title="", url=url, language_claim="", entries=entries)


def _entry(address: str, said: Mapping[str, str], zone: str | None, faults: Faults) -> FeedEntry:
    language = language_of(said.get("language", ""))
    return FeedEntry(
        guid="",
        url=address,
        title=title_of(said.get("title", ""), faults),
        summary="",
        content_html="",
        published=_date(said.get("publication_date", ""), zone, language),
        modified=_date(said.get("lastmod", ""), zone, language),
        language_claim=language,
        tags=names_of(said["keywords"].split(",", MOST_NAMES)[:MOST_NAMES]) if "keywords" in said else (),
    )


def _date(text: str, zone: str | None, language: str) -> Dated:
    return read(text, origin=InstantOrigin.FEED, zone=zone, language=language) if text else _MISSING


def _read_texts(element: Any) -> dict[str, str]:
    """The texts of a page that are kept, the first of each; those of news stand two and three levels down."""
    said: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name in _OWN:
            said.setdefault(name, child.text or "")
        elif name == "news":
            for inner in child:
                if (name := _name(inner)) in _NEWS:
                    said.setdefault(name, inner.text or "")
                elif name == "publication":
                    said.update({name: deep.text or "" for deep in inner if (name := _name(deep)) in _PUBLICATION})
    return said


def _name(element: Any) -> str:
    """The name of an element without its namespace: sitemaps of all versions and misspelt namespaces are read."""
    return _local(element.tag)


@lru_cache(256)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
