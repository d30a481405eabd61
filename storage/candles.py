"""Candles: every distinct statement a venue made of a bar, numbered in the order it was met; the highest counts.

Seeing an earlier statement again is not a further one, so that a cached page, a second import or a re-run after a crash
changes nothing. Reads give the newest statement, or the newest known by an `as_of`.
"""

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import CandleColumns
from service.instants import Interval, Window
from service.market.candle import Candle, Quarantined
from storage.gaps import load_gaps, replace_gaps
from storage.instant_column import to_micros
from storage.markets import find_market, find_or_add_markets
from storage.schema import candle, market, quarantined_candle
from storage.upsert import BATCH, Saved, insert_new, split, storable

__all__ = [
    "Held",
    "first_open_at",
    "held_within",
    "last_open_at",
    "load_columns",
    "load_gaps",
    "replace_gaps",
    "save",
    "save_quarantined",
    "venues",
]

_COLUMNS = ("market_id", "open_at", "number", "open", "high", "low", "close", "volume", "fetched_at")
_FIGURES = (candle.c.open, candle.c.high, candle.c.low, candle.c.close, candle.c.volume)
_Figures = tuple[float, float, float, float, float]
_Statement = tuple[int, int, _Figures]  # open_at and fetched_at in microseconds, then open, high, low, close, volume
_OPEN_MICROS = sa.type_coerce(candle.c.open_at, sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one market: number of bars, first and last opening instant."""

    venue: str
    symbol: str
    interval: Interval
    count: int
    first_open_at: dt.datetime
    last_open_at: dt.datetime


def save(connection: sa.Connection, candles: Sequence[Candle]) -> Saved:
    """Store what these candles say that is not held yet. Raises `BadInput` on a naive instant."""
    grouped: dict[tuple[str, str, Interval], list[Candle]] = {}
    for key, run in groupby(candles, key=attrgetter("venue", "symbol", "interval")):
        grouped.setdefault(key, []).extend(run)
    ids = find_or_add_markets(connection, grouped)
    saved = Saved()
    for key, theirs in grouped.items():
        rows = sorted(_write_statements(theirs))
        saved += _save_market(connection, ids[key], key[2], rows)
    return saved


def _write_statements(candles: Sequence[Candle]) -> Iterator[_Statement]:
    seen_at, seen_micros = None, 0
    for one in candles:
        if one.fetched_at is not seen_at:  # a page of candles shares one instant
            seen_at, seen_micros = one.fetched_at, to_micros(one.fetched_at, "candle.fetched_at")
        # adding 0.0 takes the sign from a −0.0, which SQLite would drop and PostgreSQL keep
        figures = (one.open + 0.0, one.high + 0.0, one.low + 0.0, one.close + 0.0, one.volume + 0.0)
        yield to_micros(one.open_at, "candle.open_at"), seen_micros, figures


def _save_market(connection: sa.Connection, market_id: int, interval: Interval, rows: Sequence[_Statement]) -> Saved:
    last = connection.scalar(sa.select(sa.func.max(_OPEN_MICROS)).where(candle.c.market_id == market_id))
    known = 0 if last is None else bisect_right(rows, last, key=itemgetter(0))
    saved = Saved()
    for part in _split_by_span(rows[:known], interval.millis * 1000):
        saved += _save_part(connection, market_id, part, _load_statements(connection, market_id, part))
    # beyond the last bar held there is nothing to compare with
    beyond = rows[known:]
    if all(one[0] < other[0] for one, other in pairwise(beyond)):
        fresh = [(market_id, open_at, 1, *figures, fetched_at) for open_at, fetched_at, figures in beyond]
        insert_new(connection, candle, _COLUMNS, fresh)
        return saved + Saved(new=len(fresh))
    return saved + _save_part(connection, market_id, beyond, {})


def _save_part(
    connection: sa.Connection, market_id: int, part: Sequence[_Statement], held: dict[int, list[_Figures]]
) -> Saved:
    """Store what of `part` is not in `held`, numbered after it."""
    fresh = []
    new = revised = 0
    for open_at, fetched_at, figures in part:
        known = held.get(open_at)
        if known is None:
            held[open_at] = [figures]
            fresh.append((market_id, open_at, 1, *figures, fetched_at))
            new += 1
        elif figures not in known:
            known.append(figures)
            fresh.append((market_id, open_at, len(known), *figures, fetched_at))
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


def _load_statements(
    connection: sa.Connection, market_id: int, part: Sequence[_Statement]
) -> dict[int, list[_Figures]]:
    rows = connection.execute(
        sa.select(_OPEN_MICROS, *_FIGURES)
        .where(candle.c.market_id == market_id, _OPEN_MICROS.between(part[0][0], part[-1][0]))
        .order_by(candle.c.open_at, candle.c.number)
    )
    held: dict[int, list[_Figures]] = {}
    for open_at, *figures in rows:
        held.setdefault(open_at, []).append((figures[0], figures[1], figures[2], figures[3], figures[4]))
    return held


def save_quarantined(connection: sa.Connection, refused: Sequence[Quarantined], *, noticed_at: dt.datetime) -> Saved:
    """Keep refused rows with their reasons; the same row refused again for the same reason is kept once."""
    stamped = to_micros(noticed_at, "noticed_at")
    ids = find_or_add_markets(connection, ((one.venue, one.symbol, one.interval) for one in refused))
    rows: dict[tuple[int, str], tuple[object, ...]] = {}
    for one in sorted(refused, key=lambda one: (one.reason, one.row, one.detail)):
        open_at = None if one.open_at is None else to_micros(one.open_at, "quarantined.open_at")
        key = hashlib.sha256(f"{one.reason}\x00{open_at}\x00{one.row}".encode(errors="replace")).hexdigest()[:32]
        market_id = ids[(one.venue, one.symbol, one.interval)]
        row = (market_id, key, one.reason, open_at, storable(one.row), storable(one.detail), stamped)
        rows.setdefault((market_id, key), row)
    columns = ("market_id", "key", "reason", "open_at", "row", "detail", "noticed_at")
    before = connection.scalar(sa.select(sa.func.count()).select_from(quarantined_candle)) or 0
    insert_new(connection, quarantined_candle, columns, list(rows.values()))
    after = connection.scalar(sa.select(sa.func.count()).select_from(quarantined_candle)) or 0
    return Saved(new=after - before, unchanged=len(rows) - (after - before))


def load_columns(
    connection: sa.Connection,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window,
    as_of: dt.datetime | None = None,
) -> CandleColumns:
    """The bars that open in `window`, strictly rising; with `as_of`, closed and stated as newscandle knew by then."""
    market_id = find_market(connection, venue, symbol, interval)
    inside = [candle.c.market_id == market_id, candle.c.open_at >= window.start, candle.c.open_at < window.end]
    inside += _known_by(as_of, interval)
    chosen = sa.select(_OPEN_MICROS, *_FIGURES).where(*inside).order_by(candle.c.open_at, candle.c.number)
    rows = connection.execute(chosen).all()
    table = np.array([tuple(row) for row in rows], dtype=[("t", np.int64), *((name, np.float64) for name in "ohlcv")])
    newest = np.ones(len(table), dtype=bool)
    newest[:-1] = table["t"][:-1] != table["t"][1:]
    table = table[newest]
    return CandleColumns(
        venue,
        symbol,
        interval,
        table["t"] // 1000,
        *(np.ascontiguousarray(table[name]) for name in "ohlcv"),
    )


def _known_by(as_of: dt.datetime | None, interval: Interval) -> list[sa.ColumnElement[bool]]:
    """What holds of a statement newscandle had by `as_of`, of a bar closed by then; of all, without an instant."""
    if as_of is None:
        return []
    return [candle.c.fetched_at <= as_of, candle.c.open_at <= as_of - interval.duration]


def last_open_at(
    connection: sa.Connection, *, venue: str, symbol: str, interval: Interval, as_of: dt.datetime | None = None
) -> dt.datetime | None:
    """The opening instant of the newest bar held (with `as_of`, known by then); None where none is."""
    market_id = find_market(connection, venue, symbol, interval)
    newest: dt.datetime | None = connection.scalar(
        sa.select(sa.func.max(candle.c.open_at)).where(candle.c.market_id == market_id, *_known_by(as_of, interval))
    )
    return newest


def first_open_at(connection: sa.Connection, *, venue: str, symbol: str, interval: Interval) -> dt.datetime | None:
    """The opening instant of the oldest bar held; None where none is."""
    market_id = find_market(connection, venue, symbol, interval)
    oldest: dt.datetime | None = connection.scalar(
        sa.select(sa.func.min(candle.c.open_at)).where(candle.c.market_id == market_id)
    )
    return oldest


def held_within(
    connection: sa.Connection, *, venue: str, symbol: str, interval: Interval, windows: Sequence[Window]
) -> list[dt.datetime]:
    """Opening instants of the bars held that open in any of `windows`, each once per window it lies in."""
    market_id = find_market(connection, venue, symbol, interval)
    held: list[dt.datetime] = []
    for part in split(windows, 100):  # SQLite bounds the depth of one condition
        inside = [sa.and_(candle.c.open_at >= one.start, candle.c.open_at < one.end) for one in part]
        held += connection.scalars(
            sa.select(candle.c.open_at).where(candle.c.market_id == market_id, candle.c.number == 1, sa.or_(*inside))
        )
    return held


def venues(connection: sa.Connection, *, as_of: dt.datetime | None = None) -> list[Held]:
    """What is held of each market (with `as_of`, what was known by then), by venue, symbol and length of bar."""
    inside = [candle.c.number == 1]
    if as_of is not None:
        closed = [sa.and_(market.c.interval == one.value, *_known_by(as_of, one)) for one in Interval]
        inside.append(sa.or_(*closed))
    rows = connection.execute(
        sa.select(
            *(market.c.venue, market.c.symbol, market.c.interval, sa.func.count()),
            *(sa.func.min(candle.c.open_at), sa.func.max(candle.c.open_at)),
        )
        .join(candle, candle.c.market_id == market.c.id)
        .where(*inside)
        .group_by(market.c.id)
    )
    held = [Held(venue, symbol, Interval(code), *rest) for venue, symbol, code, *rest in rows]
    return sorted(held, key=lambda one: (one.venue, one.symbol, one.interval.duration))
