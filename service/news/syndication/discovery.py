"""Where a site tells its news: the feeds and sitemaps that its front page and its robots.txt name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from service.errors import BadInput
from service.news.text.decoding import decode
from service.news.text.markup import to_line
from service.news.urls import host_of, resolve

LONGEST_READ = 2_000_000
"""Characters of a page or robots.txt that are looked at."""
MOST_LINKS = 50
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_LOOSE_TYPES = frozenset({"text/xml", "application/xml", "application/json", "text/rss+xml"})
_FEED_PATH = re.compile(r"(?:/|\b)(?:feeds?|rss|atom)(?:/|\.xml|\.json|$)|\.(?:rss|atom|rdf)$", re.IGNORECASE)
_SIDE_FEED = re.compile(r"/comments/|/wp-json/|oembed", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NewsLink:
    """An address where a site says, or seems, to tell its news. `url` is absolute; `title` is the site's, plain."""

    url: str
    kind: Literal["feed", "sitemap"]
    title: str = ""
    is_declared: bool = True  # named as what it is; else only its address looks so


def find_links(page: bytes, url: str, *, content_type: str = "") -> tuple[NewsLink, ...]:
    """The feeds and sitemaps that a page from `url` names, those declared first, each once, at most 50.

    Declared are `<link rel="alternate">` with the type of a feed and `<link rel="sitemap">`; ordinary links within the
    site whose address looks like a feed's follow. Feeds of comments are left out. Never raises on any bytes.
    """
    from lxml import etree

    text = decode(page, content_type=content_type).text[:LONGEST_READ].replace("\0", "")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return ()
    base = _address(next((found.get("href") or "" for found in root.iter("base")), ""), url) or url
    return _once([*_declared(root, base), *_likely(root, base, url)])


def find_sitemaps(robots: str, url: str) -> tuple[NewsLink, ...]:
    """The sitemaps that a robots.txt from `url` names, those that speak of news first, each once, at most 50."""
    found = [_address(line[1], url) for line in _SITEMAP_LINE.finditer(robots[:LONGEST_READ])]
    links = [NewsLink(address, "sitemap") for address in found if address]
    return _once(sorted(links, key=lambda link: "news" not in link.url.lower() and "nieuws" not in link.url.lower()))


def _declared(root: Any, base: str) -> Iterator[NewsLink]:
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        address = _address(link.get("href") or "", base)
        if not address or _SIDE_FEED.search(address):
            continue
        title = to_line((link.get("title") or "")[:200])
        if "sitemap" in relations:
            yield NewsLink(address, "sitemap", title)
        elif {"alternate", "feed"}.intersection(relations) and _is_feed(kind, address):
            yield NewsLink(address, "feed", title)


def _is_feed(kind: str, address: str) -> bool:
    return kind in _FEED_TYPES or (kind in _LOOSE_TYPES and _FEED_PATH.search(address) is not None)


def _likely(root: Any, base: str, url: str) -> Iterator[NewsLink]:
    for link in root.iter("a"):
        address = _address(link.get("href") or "", base)
        path = address.split("#")[0].split("?")[0]
        if address and _FEED_PATH.search(path) and not _SIDE_FEED.search(path) and _is_same_site(address, url):
            yield NewsLink(address, "feed", to_line("".join(link.itertext())[:200]), is_declared=False)


def _address(link: str, base: str) -> str:
    try:
        return resolve(link.strip(), base) if link.strip() else ""
    except BadInput:
        return ""


def _is_same_site(first: str, second: str) -> bool:
    """Whether two addresses share a host or one's host lies below the other's."""
    try:
        one, other = host_of(first), host_of(second)
    except BadInput:
        return False
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _once(links: list[NewsLink]) -> tuple[NewsLink, ...]:
    kept: dict[str, NewsLink] = {}
    for link in links:
        kept.setdefault(link.url, link)
    return tuple(kept.values())[:MOST_LINKS]
