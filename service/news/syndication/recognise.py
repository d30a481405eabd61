"""What bytes are: a feed, a sitemap, a page, or plain text. Decided from them; the declared type only breaks ties."""

import enum
import re

_HEAD_BYTES = 4096
_FEED_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf)\b", re.IGNORECASE)
_SITEMAP_ROOT = re.compile(r"<(?:\w+:)?(urlset|sitemapindex)\b", re.IGNORECASE)
_PAGE_SIGN = re.compile(r"<!doctype html|<html\b|<head\b|<body\b|<article\b|<p\b|<div\b", re.IGNORECASE)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?://(?:www\.)?jsonfeed\.org/version')


class Kind(enum.Enum):
    """The forms in which news arrives."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    TEXT = "text"


def recognise(body: bytes, content_type: str = "") -> Kind:
    """FEED for RSS, RDF, Atom and JSON Feed; SITEMAP for sitemaps in XML; PAGE for HTML; TEXT for anything else."""
    head = _decode(body[:_HEAD_BYTES]).lstrip("\ufeff \t\r\n")
    markup = _strip_comments(head)
    feed, page = _FEED_ROOT.search(markup), _PAGE_SIGN.search(markup)
    if feed and not (page and page.start() < feed.start()):
        return Kind.FEED
    sitemap = _SITEMAP_ROOT.search(markup)
    if sitemap and not (page and page.start() < sitemap.start()):
        return Kind.SITEMAP
    if head.startswith("{") and (_JSON_FEED.search(head) or "feed+json" in content_type.lower()):
        return Kind.FEED
    if page or "html" in content_type.lower():
        return Kind.PAGE
    return Kind.TEXT


def _decode(head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _strip_comments(head: str) -> str:
    return re.sub(r"<!--.*?(?:-->|\Z)", "", head, flags=re.DOTALL)
