"""Bytes of a feed to its entries: RSS, RDF, Atom and JSON Feed, however broken."""

import codecs
from dataclasses import replace

from service.errors import BadInput, ParseFailed
from service.news.article import Feed, FeedEntry
from service.news.syndication.feedlimits import LARGEST_BODY, MOST_ENTRIES, MOST_TAGS, Faults
from service.news.syndication.jsonfeed import read_json_feed
from service.news.syndication.refusals import name_page, refuse_attributes, refuse_entities
from service.news.syndication.treefeed import read_tree_feed
from service.news.syndication.xmlfeed import read_xml_feed
from service.news.text.characters import drop_controls, has_controls
from service.news.text.decoding import Decoded, decode, is_utf8
from service.news.urls import canonical

_BEFORE = b"\xef\xbb\xbf \t\r\n\0"  # what may stand before a document


def parse(
    body: bytes,
    *,
    content_type: str = "",
    url: str = "",
    zone: str | None = None,
    max_bytes: int = LARGEST_BODY,
    max_entries: int = MOST_ENTRIES,
    quick: bool = True,
) -> Feed:
    """The feed in `body`; `url` is where it came from and resolves its links, `content_type` the header's value.

    `zone` (IANA name) is assumed where dates name none, else UTC. Dates are not yet held against a clock. `quick`
    false leaves every XML feed to feedparser, which takes many times longer and reads the same.

        bytes ─tree, else decode→ text ─refuse_entities→ feedparser │ JSON → entries ─first of each guid→ Feed

    What was wrong though entries were recovered stands in `Feed.faults`, each code once: `malformed`, `encoding`,
    `control_characters`, `too_many_items`, `field_too_large`, `blocked_scheme` (a link that is not http),
    `duplicate_guid` (the same item twice: first kept), `guid_reused` (another story under an old guid: both kept),
    `empty_feed`.

    Raises `ParseFailed` and nothing else, whatever the bytes: `too_large`, `malformed`, `html_instead`,
    `consent_wall`, `challenge`, `entity_expansion`, `external_entity`. (`BadInput` only for an unknown `zone`.)
    """
    if len(body) > max_bytes:
        raise ParseFailed("too_large", f"the feed has {len(body)} bytes, more than {max_bytes}")
    faults = Faults()
    feed = None
    if raw := _utf8_document(body, content_type) if quick else b"":
        if b"\xef" in raw and b"\xef\xbf\xbd" in raw:
            faults.add("encoding")
        feed = read_tree_feed(raw, url=url, zone=zone, faults=faults, most_entries=max_entries)
    if feed is None:
        faults = Faults()
        decoded = decode(body, content_type=content_type)
        is_new = quick and not (raw and decoded.encoding == "utf-8")
        feed = _read_decoded(decoded, url=url, zone=zone, faults=faults, most_entries=max_entries, quick=is_new)
    entries = _distinct(feed.entries, faults)
    if not entries:
        faults.add("empty_feed")
    return replace(feed, entries=entries, faults=faults.codes())


def _utf8_document(body: bytes, content_type: str) -> bytes:
    """The body without what stands before its first tag where it is an XML document in UTF-8 for all one can see."""
    raw = body.lstrip(_BEFORE)
    before = body[: len(body) - len(raw)].replace(codecs.BOM_UTF8, b"").strip(b" \t\r\n\0")
    return raw if raw.startswith(b"<") and not before and is_utf8(body, content_type=content_type) else b""


def _read_decoded(
    decoded: Decoded, *, url: str, zone: str | None, faults: Faults, most_entries: int, quick: bool
) -> Feed:
    text = decoded.text.lstrip("\ufeff \t\r\n\0")
    if not text.strip():
        raise ParseFailed("malformed", "the body is empty")
    if decoded.is_contradicted or "\ufffd" in text:
        faults.add("encoding")
    if quick and text.startswith("<"):
        raw = text.encode("utf-8", "replace")
        if feed := read_tree_feed(raw, url=url, zone=zone, faults=faults, most_entries=most_entries):
            return feed
    return _read_thoroughly(text, url=url, zone=zone, faults=faults, most_entries=most_entries)


def _read_thoroughly(text: str, *, url: str, zone: str | None, faults: Faults, most_entries: int) -> Feed:
    if has_controls(text):
        faults.add("control_characters")
        text = drop_controls(text)
    if text.startswith(("{", "[")):
        return read_json_feed(text, url=url, zone=zone, faults=faults, most_entries=most_entries)
    if reason := name_page(text):
        raise ParseFailed(reason, "an HTML page stands where a feed should be")
    refuse_entities(text)
    refuse_attributes(text)
    text = _keep_beginning(text, faults)
    return read_xml_feed(text, url=url, zone=zone, faults=faults, most_entries=most_entries)


def _keep_beginning(text: str, faults: Faults) -> str:
    """The text up to its 40,000th tag: feedparser takes some 40 µs for each, nested without end or not."""
    pieces = text.split("<", MOST_TAGS + 1)
    if len(pieces) <= MOST_TAGS + 1:
        return text
    faults.add("too_many_items")
    return text[: -len(pieces[-1]) - 1]


def _distinct(entries: tuple[FeedEntry, ...], faults: Faults) -> tuple[FeedEntry, ...]:
    """Entries without repeats: one guid is one story, unless both title and address say that it was reused."""
    kept: dict[tuple[str, str], FeedEntry] = {}
    first: dict[str, FeedEntry] = {}
    for number, entry in enumerate(entries):
        known = first.setdefault(entry.guid, entry) if entry.guid else entry
        if known is entry:
            kept[entry.guid, "" if entry.guid else str(number)] = entry
        elif _is_other_story(known, entry):
            faults.add("guid_reused")
            kept.setdefault((entry.guid, entry.url), entry)
        else:
            faults.add("duplicate_guid")
    return tuple(kept.values())


def _is_other_story(first: FeedEntry, second: FeedEntry) -> bool:
    if not (first.url and second.url and first.title and second.title) or first.title == second.title:
        return False
    return _identity(first.url) != _identity(second.url)


def _identity(url: str) -> str:
    try:
        return canonical(url)
    except BadInput:
        return url
