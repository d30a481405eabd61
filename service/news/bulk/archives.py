"""Archives of news: CSV, TSV, JSON lines and JSON arrays, row by row, each row an item or a reason."""

import datetime as dt
import hashlib
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from service.errors import BadInput
from service.instants import to_millis
from service.news.article import Dated, InstantOrigin, Skipped
from service.news.bulk.columns import FIELDS, Columns, choose_columns
from service.news.bulk.records import Table
from service.news.bulk.rows import Row, Rows
from service.news.bulk.streams import Stream
from service.news.dating.dates import DAY_ONLY, load_zone
from service.news.dating.dates import read as read_date
from service.news.syndication.feedlimits import names_of
from service.news.text.characters import fold
from service.news.text.markup import to_line, to_text

__all__ = ["FIELDS", "ArchiveItem", "read"]

_LONGEST_LEAD = 300  # characters: a lone text up to here is a headline
_NO_DELAY = dt.timedelta(0)
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?$")
_NUMERIC = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b")
_ORDER_SAMPLE = 10_000


@dataclass(frozen=True, slots=True)
class ArchiveItem:
    """One usable row. `text` may be empty (then the title is all there is). `row` as a spreadsheet numbers it.

    `assume_delay` is how long after publication the item is taken to have been known.
    """

    row: int
    title: str
    text: str
    published: Dated
    modified: Dated
    url: str
    source: str
    language: str
    authors: tuple[str, ...]
    assume_delay: dt.timedelta


def read(
    body: bytes | Rows,
    *,
    name: str,
    mapping: Mapping[str, str] | None = None,
    zone: str | None = None,
    assume_delay: dt.timedelta | None = None,
) -> Iterator[ArchiveItem | Skipped]:
    """The items of an archive file called `name`, in its order; rows that cannot be used come as `Skipped`.

    `body` is its bytes, or what reads its rows.

    `mapping` gives columns (`{"title": "headline", "published": "day+time"}`); what it leaves open is found by name.
    `zone` (IANA name) is the clock of dates without a zone, else UTC. Of rows with the same title and text the one with
    the earliest date is the item, the others are `Skipped("duplicate")`. Memory beyond `body`: 24 bytes a row.

    A time of exactly midnight without zone is taken for a bare day (`date_day_only`): archives of days are often
    written so. Reasons: `malformed`, `date_missing` and the other reasons of `dates.read`, `no_body`, `duplicate`.
    Raises `BadInput` at once for an unknown zone or field, an absent column, a file without columns for date and text.
    """
    if zone:
        load_zone(zone)
    if assume_delay is not None and assume_delay < _NO_DELAY:
        raise BadInput("assume_delay", str(assume_delay), "give no less than zero: nothing is known before it is out")
    table = Table(lambda: Stream(iter((body,))), name) if isinstance(body, bytes) else body
    columns = choose_columns(table.columns, mapping or {}, name=name)
    table.choose({column for chosen in columns.of.values() for column in chosen})
    reader = _RowReader(columns, name, zone, _finds_day_first(table, columns), assume_delay or _NO_DELAY)
    return _first_of_each(table, reader)


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Makes items of rows, all in one way."""

    columns: Columns
    name: str
    zone: str | None
    day_first: bool | None
    delay: dt.timedelta

    def read(self, row: Row) -> ArchiveItem | Skipped:
        if row.fault:
            return self.skip(row.number, "malformed", row.fault)
        title, text = self._texts(row.values)
        published = self._published(row.values)
        if published.instant is None:
            return self.skip(row.number, published.reason, published.raw)
        if not title and not text:
            return self.skip(row.number, "no_body", "neither title nor text")
        cell = self.columns.cell
        return ArchiveItem(
            row=row.number,
            title=title,
            text=text,
            published=published,
            modified=self._date(cell("modified", row.values)),
            url=cell("url", row.values).strip(),
            source=fold(cell("source", row.values))[:200],
            language=fold(cell("language", row.values))[:20],
            authors=names_of(cell("authors", row.values).split(";")),
            assume_delay=self.delay,
        )

    def skip(self, number: int, reason: str, detail: str) -> Skipped:
        return Skipped(reason, f"{self.name} row {number}", detail[:200])

    def _texts(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Title and text; a lone short text is a headline, so that it is read once and as what it is."""
        title = to_line(self.columns.cell("title", values))
        text = to_text(self.columns.cell("text", values))
        if title:
            return title, "" if fold(text) == title else text
        return (fold(text), "") if len(text) <= _LONGEST_LEAD and "\n\n" not in text else ("", text)

    def _published(self, values: Mapping[str, str]) -> Dated:
        dated = self._date(self.columns.cell("published", values))
        first = self.columns.of["published"][:1]
        if dated.instant is None and len(self.columns.of["published"]) > 1:
            alone = self._date(values.get(first[0], ""))  # the day column was complete by itself
            dated = alone if alone.instant is not None else dated
        if dated.zone_assumed and _MIDNIGHT.search(dated.raw):
            return replace(dated, reason=DAY_ONLY)
        return dated

    def _date(self, text: str) -> Dated:
        return read_date(text, origin=InstantOrigin.ARCHIVE, zone=self.zone, day_first=self.day_first)


def _finds_day_first(table: Rows, columns: Columns) -> bool | None:
    """Whether 03/04/2024 is the third of April in this file: told by its other dates, None where they do not tell."""
    for row, _ in zip(table.rows(), range(_ORDER_SAMPLE), strict=False):
        found = _NUMERIC.match(columns.cell("published", row.values)) if not row.fault else None
        if found and int(found[1]) > 12:
            return True
        if found and int(found[2]) > 12:
            return False
    return None


def _first_of_each(table: Rows, reader: _RowReader) -> Iterator[ArchiveItem | Skipped]:
    """Items with distinct contents: a first pass finds which rows repeat an earlier-dated one, a second hands out."""
    repeats = _find_repeats(table, reader)
    for row in table.rows():
        made = reader.read(row)
        if isinstance(made, ArchiveItem) and row.number in repeats:
            yield reader.skip(row.number, "duplicate", made.title or made.text)
        else:
            yield made


def _find_repeats(table: Rows, reader: _RowReader) -> frozenset[int]:
    """Numbers of rows whose title and text stand in another row with an earlier date, or the same date further up."""
    import numpy as np

    contents, instants, numbers = array("Q"), array("q"), array("q")
    for row in table.rows():
        made = reader.read(row)
        if isinstance(made, ArchiveItem) and made.published.instant is not None:
            digest = hashlib.blake2b(f"{made.title}\x00{made.text}".encode(), digest_size=8).digest()
            contents.append(int.from_bytes(digest, "big"))
            instants.append(to_millis(made.published.instant))
            numbers.append(row.number)
    order = np.lexsort((numbers, instants, contents))
    sorted_contents = np.array(contents, dtype=np.uint64)[order]
    is_repeat = np.concatenate(([False], sorted_contents[1:] == sorted_contents[:-1]))[: len(order)]
    return frozenset(np.array(numbers, dtype=np.int64)[order][is_repeat].tolist())
