"""What a feed says of one item, before it is made plain; both readers of XML feeds fill it, one function reads it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from service.news.article import Dated, FeedEntry, InstantOrigin
from service.news.dating.dateforms import read_exact
from service.news.dating.dates import read
from service.news.syndication.feedlimits import (
    LONGEST_CONTENT,
    LONGEST_SUMMARY,
    Faults,
    cut,
    guid_of,
    language_of,
    line_of,
    link_of,
    names_of,
    title_of,
)
from service.news.text.characters import clean

_FEED = InstantOrigin.FEED
_MISSING = read("", origin=_FEED)
Parsed = Sequence[int] | None


class Unsure(Exception):
    """The quick reader does not know how feedparser reads this document; the document is left to feedparser."""


@dataclass(slots=True)
class Record:
    """The texts of one item as written. `contents` are (text, is plain); `claims` languages, the nearest first.

    `first_parsed` and `changed_parsed` are feedparser's readings of the dates; the quick reader has none (`is_quick`).
    """

    link: str
    guid: str
    title: str
    summary: str
    contents: Sequence[tuple[str, bool]]
    first: str  # when it was published or made
    changed: str
    first_parsed: Parsed
    changed_parsed: Parsed
    authors: Sequence[object]
    claims: Sequence[object]
    tags: Sequence[object]
    is_quick: bool = False


def make_entry(record: Record, *, base: str, language: str, zone: str | None, faults: Faults) -> FeedEntry:
    """The entry that a record makes; `base` resolves its link, `language` is the feed's, `zone` that of its dates.

    Raises `Unsure` where a date of a quick record needs feedparser's reading.
    """
    link = link_of(record.link, base, faults)
    claim = language
    for one in record.claims:
        if one and (found := language_of(one)):
            claim = found
            break
    summary = line_of(record.summary, LONGEST_SUMMARY, faults)
    content = _longest(record.contents) if record.contents else ""
    if not content and "<" in record.summary:
        content = record.summary
    changed = _dated(record, record.changed, record.changed_parsed, zone, claim) if record.changed else _MISSING
    return FeedEntry(
        guid_of(record.guid) or link,
        link,
        title_of(record.title, faults),
        summary,
        cut(content, LONGEST_CONTENT, faults),
        # A feed that gives only the change (RDF's dc:date, Atom's updated) means it for both.
        _dated(record, record.first, record.first_parsed, zone, claim) if record.first else changed,
        changed,
        names_of(record.authors) if record.authors else (),
        claim,
        names_of(record.tags) if record.tags else (),
    )


def _longest(contents: Sequence[tuple[str, bool]]) -> str:
    """The longest markup of the full texts an item carries; plain ones are escaped."""
    longest = ""
    for value, is_plain in contents:
        markup = f"<p>{html.escape(clean(value))}</p>" if is_plain and value and "<" not in value else value
        if len(markup) > len(longest):
            longest = markup
    return longest


def _dated(record: Record, written: str, foreign: Parsed, zone: str | None, language: str) -> Dated:
    """Our reading of a date; for scripts we have no month names of, feedparser's (Korean, Greek, Hungarian)."""
    if zone is None and (instant := read_exact(written)) is not None:
        return Dated(instant, _FEED, written)
    dated = read(written, origin=_FEED, zone=zone, language=language)
    if dated.reason != "date_unreadable" or written.isascii():
        return dated
    if record.is_quick:
        raise Unsure
    if not foreign:
        return dated
    again = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*foreign[:6])
    understood = read(again, origin=_FEED)
    return Dated(understood.instant, _FEED, dated.raw, zone_assumed=True, reason=understood.reason)
