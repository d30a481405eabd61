"""What venues say of a bar: every statement is kept, numbered in the order it was met; the highest counts.

A venue that goes back to what it said before makes a further statement: its last word counts. What was fetched no later
than the last word, or is only read in an archive, is no further one where it repeats an earlier statement, so that a
second import or a re-run after a crash changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

import sqlalchemy as sa

from service.instants import Interval
from service.market.candle import Candle
from storage.instant_column import to_micros
from storage.schema import candle
from storage.upsert import BATCH, Saved, insert_new

_COLUMNS = ("market_id", "open_at", "number", "open", "high", "low", "close", "volume", "fetched_at")
_FIGURES = (candle.c.open, candle.c.high, candle.c.low, candle.c.close, candle.c.volume)
_Figures = tuple[float, float, float, float, float]
_Statement = tuple[int, int, _Figures]  # open_at and fetched_at in microseconds, then open, high, low, close, volume
_OPEN_MICROS = sa.type_coerce(candle.c.open_at, sa.BigInteger)
_FETCHED_MICROS = sa.type_coerce(candle.c.fetched_at, sa.BigInteger)


@dataclass(slots=True)
class _Told:
    """What has been said of one bar, in the order it was met, and when the newest word of it was fetched."""

    statements: list[_Figures]
    fetched_at: int

    def hear(self, figures: _Figures, fetched_at: int) -> None:
        self.statements.append(figures)
        self.fetched_at = max(self.fetched_at, fetched_at)

    def differs(self, figures: _Figures, fetched_at: int, *, is_archive: bool) -> bool:
        """Whether this is a further statement: a new one, or an earlier one the venue went back to."""
        if figures not in self.statements:
            return True
        return figures != self.statements[-1] and fetched_at > self.fetched_at and not is_archive


def save_statements(
    connection: sa.Connection, market_id: int, interval: Interval, candles: Iterable[Candle], *, is_archive: bool
) -> Saved:
    """Store what these candles of one market say that is not held as the last word. Naive instants raise `BadInput`.

    `is_archive`: they were read in a file, which tells what was said at some time, not what the venue says now.
    """
    rows = sorted(_write_statements(candles))
    last = connection.scalar(sa.select(sa.func.max(_OPEN_MICROS)).where(candle.c.market_id == market_id))
    known = 0 if last is None else bisect_right(rows, last, key=itemgetter(0))
    saved = Saved()
    for part in _split_by_span(rows[:known], interval.millis * 1000):
        told = _load_statements(connection, market_id, part)
        saved += _save_part(connection, market_id, part, told, is_archive=is_archive)
    # beyond the last bar held there is nothing to compare with
    beyond = rows[known:]
    if all(one[0] < other[0] for one, other in pairwise(beyond)):
        fresh = [(market_id, open_at, 1, *figures, fetched_at) for open_at, fetched_at, figures in beyond]
        insert_new(connection, candle, _COLUMNS, fresh)
        return saved + Saved(new=len(fresh))
    return saved + _save_part(connection, market_id, beyond, {}, is_archive=is_archive)


def _write_statements(candles: Iterable[Candle]) -> Iterator[_Statement]:
    seen_at, seen_micros = None, 0
    for one in candles:
        if one.fetched_at is not seen_at:  # a page of candles shares one instant
            seen_at, seen_micros = one.fetched_at, to_micros(one.fetched_at, "candle.fetched_at")
        # adding 0.0 takes the sign from a −0.0, which SQLite would drop and PostgreSQL keep
        figures = (one.open + 0.0, one.high + 0.0, one.low + 0.0, one.close + 0.0, one.volume + 0.0)
        yield to_micros(one.open_at, "candle.open_at"), seen_micros, figures


def _save_part(
    connection: sa.Connection,
    market_id: int,
    part: Sequence[_Statement],
    held: dict[int, _Told],
    *,
    is_archive: bool,
) -> Saved:
    """Store what of `part` differs from what is `held`, numbered after it."""
    fresh = []
    new = revised = 0
    for open_at, fetched_at, figures in part:
        told = held.get(open_at)
        if told is None:
            held[open_at] = _Told([figures], fetched_at)
            fresh.append((market_id, open_at, 1, *figures, fetched_at))
            new += 1
        elif told.differs(figures, fetched_at, is_archive=is_archive):
            told.hear(figures, fetched_at)
            fresh.append((market_id, open_at, len(told.statements), *figures, fetched_at))
            revised += 1
    insert_new(connection, candle, _COLUMNS, fresh)
    return Saved(new, revised, len(part) - len(fresh))


def _split_by_span(rows: Sequence[_Statement], step: int) -> Iterator[Sequence[_Statement]]:
    """Parts of at most `BATCH` rows whose first and last bar are not much further apart than that many bars."""
    start = 0
    while start < len(rows):
        end = min(start + BATCH, len(rows))
        furthest = rows[start][0] + 2 * BATCH * step
        if rows[end - 1][0] > furthest:
            end = next(index for index in range(start, end) if rows[index][0] > furthest)
        # all statements of one bar stay together
        while end < len(rows) and rows[end][0] == rows[end - 1][0]:
            end += 1
        yield rows[start:end]
        start = end


def _load_statements(connection: sa.Connection, market_id: int, part: Sequence[_Statement]) -> dict[int, _Told]:
    rows = connection.execute(
        sa.select(_OPEN_MICROS, _FETCHED_MICROS, *_FIGURES)
        .where(candle.c.market_id == market_id, _OPEN_MICROS.between(part[0][0], part[-1][0]))
        .order_by(candle.c.open_at, candle.c.number)
    )
    held: dict[int, _Told] = {}
    for open_at, fetched_at, first, high, low, last, volume in rows:
        held.setdefault(open_at, _Told([], fetched_at)).hear((first, high, low, last, volume), fetched_at)
    return held
