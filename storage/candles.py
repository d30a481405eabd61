"""Candles: every statement a venue made of a bar (`statements.py`), rows refused at the door, and what is held.

Reads give the newest statement of each bar, or the newest known by an `as_of`.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import CandleColumns
from service.instants import Interval, Window
from service.market.candle import Candle, Quarantined
from storage.gaps import load_gaps, replace_gaps
from storage.instant_column import to_micros
from storage.markets import THE_MARKET, find_market, find_or_add_markets, name_market
from storage.schema import candle, market, quarantined_candle
from storage.statements import save_statements
from storage.upsert import Saved, insert_new, split, storable

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

_FIGURES = (candle.c.open, candle.c.high, candle.c.low, candle.c.close, candle.c.volume)
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


def save(connection: sa.Connection, candles: Sequence[Candle], *, is_archive: bool = False) -> Saved:
    """Store what these candles say that is not held as the last word. Raises `BadInput` on a naive instant.

    `is_archive`: they were read in a file, which tells what was said at some time, not what the venue says now.
    """
    grouped: dict[tuple[str, str, Interval], list[Candle]] = {}
    for key, run in groupby(candles, key=attrgetter("venue", "symbol", "interval")):
        grouped.setdefault(key, []).extend(run)
    ids = find_or_add_markets(connection, grouped)
    saved = Saved()
    for key, theirs in grouped.items():
        saved += save_statements(connection, ids[key], key[2], theirs, is_archive=is_archive)
    return saved


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
    asked = name_market(venue, symbol, interval) | _by(as_of, interval) | {"start": window.start, "end": window.end}
    rows = connection.execute(_select_columns(is_past=as_of is not None), asked).all()
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


@functools.cache
def _select_columns(*, is_past: bool) -> sa.Select[Any]:
    inside = [candle.c.open_at >= sa.bindparam("start"), candle.c.open_at < sa.bindparam("end")]
    return (
        sa.select(_OPEN_MICROS, *_FIGURES)
        .where(candle.c.market_id == THE_MARKET, *inside, *_known_by(is_past=is_past))
        .order_by(candle.c.open_at, candle.c.number)
    )


def _known_by(*, is_past: bool) -> list[sa.ColumnElement[bool]]:
    """What holds of a statement newscandle had by `:as_of` of a bar closed by then; of all, unless it is asked."""
    if not is_past:
        return []
    return [candle.c.fetched_at <= sa.bindparam("as_of"), candle.c.open_at <= sa.bindparam("newest")]


def _by(as_of: dt.datetime | None, interval: Interval) -> dict[str, object]:
    """The instants `_known_by` names: then, and where the newest bar opened that had closed by then."""
    return {} if as_of is None else {"as_of": as_of, "newest": as_of - interval.duration}


def last_open_at(
    connection: sa.Connection, *, venue: str, symbol: str, interval: Interval, as_of: dt.datetime | None = None
) -> dt.datetime | None:
    """The opening instant of the newest bar held (with `as_of`, known by then); None where none is."""
    asked = name_market(venue, symbol, interval) | _by(as_of, interval)
    newest: dt.datetime | None = connection.scalar(_select_newest(is_past=as_of is not None), asked)
    return newest


@functools.cache
def _select_newest(*, is_past: bool) -> sa.Select[Any]:
    inside = [candle.c.market_id == THE_MARKET, *_known_by(is_past=is_past)]
    return sa.select(sa.func.max(candle.c.open_at)).where(*inside)


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
    closed = {} if as_of is None else {f"newest_{one.name}": as_of - one.duration for one in Interval}
    rows = connection.execute(_count_candles(is_past=as_of is not None), closed | {"as_of": as_of})
    held = [Held(venue, symbol, Interval(code), *rest) for venue, symbol, code, *rest in rows]
    return sorted(held, key=lambda one: (one.venue, one.symbol, one.interval.duration))


@functools.cache
def _count_candles(*, is_past: bool) -> sa.Select[Any]:
    inside: list[sa.ColumnElement[bool]] = [candle.c.number == 1]
    if is_past:
        closed = [
            sa.and_(market.c.interval == one.value, candle.c.open_at <= sa.bindparam(f"newest_{one.name}"))
            for one in Interval
        ]
        inside += [candle.c.fetched_at <= sa.bindparam("as_of"), sa.or_(*closed)]
    return (
        sa.select(
            *(market.c.venue, market.c.symbol, market.c.interval, sa.func.count()),
            *(sa.func.min(candle.c.open_at), sa.func.max(candle.c.open_at)),
        )
        .join(candle, candle.c.market_id == market.c.id)
        .where(*inside)
        .group_by(market.c.id)
    )
