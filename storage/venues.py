"""The bars of every venue of one symbol side by side, as the reference price is measured from them at each read."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from service.instants import Interval, Window
from service.market.reference import VenueBars
from storage.schema import candle, market
from storage.upsert import split

_OPEN_MICROS = sa.type_coerce(candle.c.open_at, sa.BigInteger)
_FETCHED_MICROS = sa.type_coerce(candle.c.fetched_at, sa.BigInteger)
_FIGURES = (candle.c.open, candle.c.high, candle.c.low, candle.c.close, candle.c.volume)
_ROW = [("t", np.int64), *((name, np.float64) for name in "ohlcv"), ("fetched", np.int64)]


def load_venues(
    connection: sa.Connection,
    *,
    symbol: str,
    interval: Interval,
    window: Window,
    as_of: dt.datetime | None = None,
) -> list[VenueBars]:
    """Per venue, by name, the newest statement of each bar that opens in `window`; a venue may have none.

    With `as_of`, what newscandle knew by then. A bar is available at its close, or at its fetch where that is later.
    """
    inside = [candle.c.open_at >= window.start, candle.c.open_at < window.end]
    if as_of is not None:
        inside += [candle.c.fetched_at <= as_of, candle.c.open_at <= as_of - interval.duration]
    markets = connection.execute(
        sa.select(market.c.venue, market.c.id)
        .where(market.c.symbol == symbol, market.c.interval == interval.value)
        .order_by(market.c.venue)
    ).all()
    found = []
    for venue, market_id in markets:
        rows = connection.execute(
            sa.select(_OPEN_MICROS, *_FIGURES, _FETCHED_MICROS)
            .where(candle.c.market_id == market_id, *inside)
            .order_by(candle.c.open_at, candle.c.number)
        ).all()
        found.append(_columns(venue, symbol, interval, np.array([tuple(row) for row in rows], dtype=_ROW)))
    return sorted(found, key=lambda one: one.venue)  # databases may order letters differently


def load_traded_elsewhere(
    connection: sa.Connection, *, venue: str, symbol: str, interval: Interval, windows: Sequence[Window]
) -> list[dt.datetime]:
    """Opening instants within `windows` of bars in which another venue printed trades of the same symbol, rising."""
    found: set[dt.datetime] = set()
    for part in split(windows, 100):  # SQLite bounds the depth of one condition
        inside = [sa.and_(candle.c.open_at >= one.start, candle.c.open_at < one.end) for one in part]
        found.update(
            connection.scalars(
                sa.select(candle.c.open_at)
                .join(market, market.c.id == candle.c.market_id)
                .where(market.c.symbol == symbol, market.c.interval == interval.value, market.c.venue != venue)
                .where(candle.c.volume > 0, sa.or_(*inside))
            )
        )
    return sorted(found)


def _columns(venue: str, symbol: str, interval: Interval, table: np.ndarray) -> VenueBars:
    is_newest = np.ones(len(table), dtype=bool)
    is_newest[:-1] = table["t"][:-1] != table["t"][1:]
    table = table[is_newest]
    open_at = table["t"] // 1000
    fetched_at = -(-table["fetched"] // 1000)  # up: not known a millisecond before it was
    first, high, low, close, volume = (np.ascontiguousarray(table[name]) for name in "ohlcv")
    available_at = np.maximum(open_at + interval.millis, fetched_at)
    return VenueBars(venue, symbol, interval, open_at, first, high, low, close, volume, available_at)
