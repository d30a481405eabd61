"""Bytes of a feed to its entries: RSS, RDF, Atom and JSON Feed, however broken."""

from dataclasses import replace

from service.errors import BadInput, ParseFailed
from service.news.article import Feed, FeedEntry
from service.news.syndication.feedlimits import LARGEST_BODY, MOST_ENTRIES, MOST_TAGS, Faults
from service.news.syndication.jsonfeed import read_json_feed
from service.news.syndication.refusals import name_page, refuse_attributes, refuse_entities
from service.news.syndication.treefeed import read_tree_feed
from service.news.syndication.xmlfeed import read_xml_feed
from service.news.text.characters import drop_controls, has_controls
from service.news.text.decoding import decode
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

        bytes ─decode→ text ─refuse_entities→ tree, else feedparser │ JSON → entries ─first of each guid→ Feed

    What was wrong though entries were recovered stands in `Feed.faults`, each code once: `malformed`, `encoding`,
    `control_characters`, `too_many_items`, `field_too_large`, `blocked_scheme` (a link that is not http),
    `duplicate_guid` (the same item twice: first kept), `guid_reused` (another story under an old guid: both kept),
    `empty_feed`.

    Raises `ParseFailed` and nothing else, whatever the bytes: `too_large`, `malformed`, `html_instead`,
    `consent_wall`, `challenge`, `entity_expansion`, `external_entity`. (`BadInput` only for an unknown `zone`.)
    """
    if len(body) > max_bytes:
        raise ParseFailed("too_large", f"the feed has {len(body)} bytes, more than {max_bytes}")
    decoded = decode(body, content_type=content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n\0")
    if not text.strip():
        raise ParseFailed("malformed", "the body is empty")
    faults = Faults()
    if decoded.is_contradicted or "\ufffd" in text:
        faults.add("encoding")
    feed = None
    if quick and text.startswith("<"):
        raw = body.lstrip(_BEFORE) if decoded.encoding == "utf-8" else b""
        feed = read_tree_feed(text, url=url, zone=zone, faults=faults, most_entries=max_entries, raw=raw)
    if feed is None:
        feed = _read_thoroughly(text, url=url, zone=zone, faults=faults, most_entries=max_entries)
    entries = _distinct(feed.entries, faults)
    if not entries:
        faults.add("empty_feed")
    return replace(feed, entries=entries, faults=faults.codes())


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
