"""What a feed says of one item, before it is made plain; both readers of XML feeds fill it, one function reads it."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.news.article import Dated, FeedEntry, InstantOrigin
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

_MISSING = read("", origin=InstantOrigin.FEED)
Parsed = Sequence[int] | None


class Unsure(Exception):
    """The quick reader does not know how feedparser reads this document; the document is left to feedparser."""


@dataclass(slots=True)
class Record:
    """The texts of one item as written. `contents` are (text, is plain); `claims` languages, the nearest first.

    `first_parsed` and `changed_parsed` are feedparser's readings of the dates; the quick reader has none (`is_quick`).
    """

    link: str = ""
    guid: str = ""
    title: str = ""
    summary: str = ""
    contents: list[tuple[str, bool]] = field(default_factory=list)
    first: str = ""  # when it was published or made
    changed: str = ""
    first_parsed: Parsed = None
    changed_parsed: Parsed = None
    authors: list[object] = field(default_factory=list)
    claims: list[object] = field(default_factory=list)
    tags: list[object] = field(default_factory=list)
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
    summary = record.summary
    content = max(_contents(record), key=len, default="") if record.contents else ""
    changed = _dated(record, record.changed, record.changed_parsed, zone, claim)
    return FeedEntry(
        guid=guid_of(record.guid) or link,
        url=link,
        title=title_of(record.title, faults),
        summary=line_of(summary, LONGEST_SUMMARY, faults),
        content_html=cut(content or (summary if "<" in summary else ""), LONGEST_CONTENT, faults),
        # A feed that gives only the change (RDF's dc:date, Atom's updated) means it for both.
        published=_dated(record, record.first, record.first_parsed, zone, claim) if record.first else changed,
        modified=changed,
        authors=names_of(record.authors) if record.authors else (),
        language_claim=claim,
        tags=names_of(record.tags) if record.tags else (),
    )


def _contents(record: Record) -> Iterator[str]:
    """The markup of each full text an item carries; plain ones are escaped."""
    for value, is_plain in record.contents:
        if is_plain and value and "<" not in value:
            yield f"<p>{html.escape(clean(value))}</p>"
        else:
            yield value


def _dated(record: Record, written: str, foreign: Parsed, zone: str | None, language: str) -> Dated:
    """Our reading of a date; for scripts we have no month names of, feedparser's (Korean, Greek, Hungarian)."""
    if not written:
        return _MISSING
    dated = read(written, origin=InstantOrigin.FEED, zone=zone, language=language)
    if dated.reason != "date_unreadable" or written.isascii():
        return dated
    if record.is_quick:
        raise Unsure
    if not foreign:
        return dated
    again = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*foreign[:6])
    understood = read(again, origin=InstantOrigin.FEED)
    return Dated(understood.instant, InstantOrigin.FEED, dated.raw, zone_assumed=True, reason=understood.reason)
