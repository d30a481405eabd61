"""Reads that lead from a stored point of a series to the rows behind it."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from service.instants import Interval, Window
from storage.schema import candle, market, series_point
from storage.schema import series as declared
from storage.series import Declaration


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A point as last computed; `number` counts how often it changed, `recorded_at` says when it took these values."""

    number: int
    open_at: dt.datetime
    available_at: dt.datetime
    recorded_at: dt.datetime
    sentiment: float | None
    scored: int
    no_signal: int
    no_mention: int
    unsupported: int
    close: float | None
    log_return: float | None
    realised_volatility: float | None
    volume: float | None


@dataclass(frozen=True, slots=True)
class StatedCandle:
    """One candle as a venue stated it by then; prices in quote currency."""

    venue: str
    interval: Interval
    open_at: dt.datetime
    statement: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    fetched_at: dt.datetime


_POINT = tuple(series_point.c[name] for name in StoredPoint.__dataclass_fields__)
_CANDLE = ("open_at", "number", "open", "high", "low", "close", "volume", "fetched_at")


def _known_by(as_of: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """What holds of a point's values that newscandle knew by `as_of`; of all, without an instant."""
    if as_of is None:
        return []
    return [series_point.c.recorded_at <= as_of, series_point.c.available_at <= as_of]


def load_point(
    connection: sa.Connection, told: Declaration, open_at: dt.datetime, *, as_of: dt.datetime | None = None
) -> StoredPoint | None:
    """The newest values (with `as_of`, those of then) of the point that opens at `open_at`; None without one."""
    chosen = (
        sa.select(*_POINT)
        .join(declared, declared.c.id == series_point.c.series_id)
        .where(declared.c.key == told.key, series_point.c.open_at == open_at, *_known_by(as_of))
        .order_by(series_point.c.number.desc())
        .limit(1)
    )
    row = connection.execute(chosen).one_or_none()
    return None if row is None else StoredPoint(*row)


def load_neighbours(
    connection: sa.Connection, told: Declaration, instant: dt.datetime, *, as_of: dt.datetime | None = None
) -> tuple[dt.datetime, ...]:
    """Where the last point up to `instant` and the first one after it open: two, one, or none in an empty series.

    With `as_of`, of the points known by then.
    """
    its_points = sa.and_(declared.c.key == told.key, *_known_by(as_of))
    joined = series_point.join(declared, declared.c.id == series_point.c.series_id)
    edges = (
        sa.select(sa.func.max(series_point.c.open_at)).where(series_point.c.open_at <= instant),
        sa.select(sa.func.min(series_point.c.open_at)).where(series_point.c.open_at > instant),
    )
    found = (connection.scalar(edge.select_from(joined).where(its_points)) for edge in edges)
    return tuple(one for one in found if one is not None)


def load_candles(
    connection: sa.Connection,
    *,
    symbol: str,
    venue: str | None,
    coarsest: Interval,
    window: Window,
    as_of: dt.datetime,
) -> list[StatedCandle]:
    """Candles of `symbol` at `coarsest` or finer that open in `window`, as stated by `as_of`.

    Of one venue, or of all (None). Coarser ones first, then by time and venue.
    """
    usable = {one.value: one for one in Interval if one.duration <= coarsest.duration}
    chosen = (
        sa.select(market.c.venue, market.c.interval, *(candle.c[name] for name in _CANDLE))
        .join(market, market.c.id == candle.c.market_id)
        .where(
            *([] if venue is None else [market.c.venue == venue]),
            market.c.symbol == symbol,
            market.c.interval.in_(usable),
            candle.c.open_at >= window.start,
            candle.c.open_at < window.end,
            candle.c.fetched_at <= as_of,
        )
        .order_by(candle.c.number)
    )
    newest = {
        (whose, code, open_at): StatedCandle(whose, usable[code], open_at, *rest)
        for whose, code, open_at, *rest in connection.execute(chosen)
    }
    return sorted(newest.values(), key=lambda one: (-one.interval.millis, one.open_at, one.venue))
