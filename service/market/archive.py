"""Candle archives (CSV exports) read with their faults caught, counted and explained. Nothing is swallowed.

bytes ─▶ lines ─▶ archive_layouts.detect ─▶ archive_table.parse ─▶ archive_identity (venue, symbol, interval)
      ─▶ archive_checks (units, order, zones, volumes) ─▶ the newest bar, unless told it closed
      ─▶ rules.admit ─▶ archive_checks.find_suspects ─▶ gaps.find ─▶ ArchiveReading
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInput
from service.instants import Interval, Window, ensure_utc, from_millis, to_millis
from service.market import archive_checks, gaps, rules
from service.market.archive_defects import Defect, count_refused, defect
from service.market.archive_identity import find_interval, find_symbol, find_venue, read_symbol
from service.market.archive_layouts import detect
from service.market.archive_table import Table, Unreadable, parse
from service.market.candle import Candle, Gap, Quarantined

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class ArchiveReading:
    """What a file gave: the bars that can be used, those that cannot and why, the holes, and the faults counted.

    `rows` is how many non-empty lines stood below the header; each is in `candles` or in `quarantined`, never in both.
    """

    candles: tuple[Candle, ...]
    quarantined: tuple[Quarantined, ...]
    gaps: tuple[Gap, ...]
    defects: tuple[Defect, ...]
    venue: str
    symbol: str
    interval: Interval
    rows: int


def read(
    body: bytes,
    *,
    name: str,
    venue: str | None,
    symbol: str | None,
    interval: Interval | None,
    now: dt.datetime,
    is_last_bar_closed: bool = False,
) -> ArchiveReading:
    """Read one archive. `name` is its file name, `now` the instant of reading (becomes `fetched_at`; later bars are
    refused); `venue`, `symbol`, `interval` may be None where the file or its name tells them.

    The newest bar is refused as `unfinished` unless `is_last_bar_closed`: exports are cut at any moment, and only a
    later row shows that a bar had closed. Raises `BadInput` where the file is empty, has no header, contradicts what
    was given, or does not tell whose bars it holds; the remedy names the option.
    """
    ensure_utc(now, "now")
    text = body.decode("utf-8-sig", errors="replace").replace("\x00", "\ufffd")
    lines = _LINE_BREAK.split(text)
    layout = detect(lines, name)
    table, unreadable = parse(lines, layout)
    if not len(table):
        raise BadInput("file", name, "no row below its header can be read as a candle")
    subject = _Subject(
        find_venue(name, venue), find_symbol(name, table, symbol), find_interval(name, table, interval), now
    )
    found = [defect("preamble", len(layout.preamble), layout.preamble[0])] if layout.preamble else []
    if "\ufffd" in text:
        found.append(defect("encoding", text.count("\ufffd"), next(line for line in lines if "\ufffd" in line)))
    refused = [subject.refuse_line(each) for each in unreadable]
    table, strangers = _drop_other_symbols(table, subject)
    found += archive_checks.note_times(table)
    table, future = subject.drop(table, table.open_at > to_millis(now), "future")
    table, unfinished = _drop_newest(table, subject, is_last_bar_closed=is_last_bar_closed)
    table, volume_defects = archive_checks.settle_volumes(table, subject.symbol, subject.interval)
    admitted, broken = rules.admit(subject.candles(table), now=now)
    kept, suspects, wicks = _drop_suspects(admitted)
    refused += [*strangers, *future, *unfinished, *broken, *suspects]
    holes = subject.gaps(table, kept, refused)
    found += [*volume_defects, *archive_checks.note_quiet_bars(kept), *wicks, *count_refused(refused), *_missing(holes)]
    return ArchiveReading(
        candles=tuple(kept),
        quarantined=tuple(refused),
        gaps=tuple(holes),
        defects=tuple(found),
        venue=subject.venue,
        symbol=subject.symbol,
        interval=subject.interval,
        rows=len(kept) + len(refused),
    )


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose bars are being read, and when."""

    venue: str
    symbol: str
    interval: Interval
    now: dt.datetime

    def candles(self, table: Table) -> list[Candle]:
        columns = (table.open_at, table.open, table.high, table.low, table.close, table.base_volume)
        return [
            Candle(self.venue, self.symbol, self.interval, from_millis(at), first, high, low, last, volume, self.now)
            for at, first, high, low, last, volume in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def refuse_line(self, row: Unreadable) -> Quarantined:
        detail = f"line {row.line}: {row.why}"
        return Quarantined("unreadable", self.venue, self.symbol, self.interval, None, row.text, detail)

    def drop(self, table: Table, bad: NDArray[np.bool_], reason: str) -> tuple[Table, list[Quarantined]]:
        """The table without the rows that are `bad`, and those rows as refused."""
        refused = []
        for number in np.flatnonzero(bad).tolist():
            at, where = from_millis(int(table.open_at[number])), f"line {table.line[number]}"
            text = str(table.text[number])
            refused.append(Quarantined(reason, self.venue, self.symbol, self.interval, at, text, where))
        if not refused:
            return table, refused
        return replace(table, **{name: getattr(table, name)[~bad] for name in Table.__slots__}), refused

    def gaps(self, table: Table, kept: list[Candle], refused: list[Quarantined]) -> list[Gap]:
        """Missing bars between the first and the last bar of the file that was finished, kept or not."""
        if not len(table):
            return []
        window = Window(
            from_millis(int(table.open_at.min())), from_millis(int(table.open_at.max())) + self.interval.duration
        )
        return gaps.find(
            (candle.open_at for candle in kept),
            window,
            self.interval,
            venue=self.venue,
            symbol=self.symbol,
            reason="missing_in_archive",
            quarantined={row.open_at for row in refused if row.open_at is not None},
        )


def _drop_other_symbols(table: Table, subject: _Subject) -> tuple[Table, list[Quarantined]]:
    """Rows whose symbol column names another pair; a column that is absent or empty accuses nobody."""
    names = np.unique(table.symbol).tolist()
    strangers = [text for text in names if text and read_symbol(text) != subject.symbol]
    return subject.drop(table, np.isin(table.symbol, strangers), "other_symbol")


def _drop_newest(table: Table, subject: _Subject, *, is_last_bar_closed: bool) -> tuple[Table, list[Quarantined]]:
    if is_last_bar_closed or not len(table):
        return table, []
    return subject.drop(table, table.open_at == table.open_at.max(), "unfinished")


def _drop_suspects(candles: Sequence[Candle]) -> tuple[list[Candle], list[Quarantined], list[Defect]]:
    """Bars with a price no neighbour bears out, refused; bars with an unlikely wick, kept and counted."""
    listed = list(candles)
    why, wicks = archive_checks.find_suspects(listed)
    kept = [candle for candle, reason in zip(listed, why, strict=True) if not reason]
    suspects = [
        rules.quarantine(candle, "suspect", f"{reason} out of line with its neighbours")
        for candle, reason in zip(listed, why, strict=True)
        if reason
    ]
    noted = [defect("suspect_wick", len(wicks), rules.quarantine(wicks[0], "").row)] if wicks else []
    return kept, suspects, noted


def _missing(holes: Sequence[Gap]) -> list[Defect]:
    absent = [hole for hole in holes if hole.reason == "missing_in_archive"]
    if not absent:
        return []
    bars = sum(hole.bars for hole in absent)
    return [defect("missing", bars, f"{absent[0].start:%Y-%m-%d %H:%M} UTC", f"{len(absent)} gaps")]
