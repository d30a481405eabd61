"""Poison for candles and gaps."""

from typing import Any

import sqlalchemy as sa

from service.instants import Interval
from storage.schema import candle, gap, market
from storage.scramble import LATER, Clock, Cut, Poisoned, copy_rows, highest, micros, minutes, rows_of

_PRICES = ("open", "high", "low", "close")


def scramble_prices(connection: sa.Connection, cut: Cut) -> Poisoned:
    """Every market's later bars, and its holes."""
    total = Poisoned()
    for market_id, code in connection.execute(sa.select(market.c.id, market.c.interval)).all():
        total += _scramble_bars(connection, cut, market_id, Interval(code))
        total += _scramble_gaps(connection, cut, market_id, Interval(code))
    return total


def _scramble_bars(connection: sa.Connection, cut: Cut, market_id: int, interval: Interval) -> Poisoned:
    """Prices times 0.5–2, a tenth of the bars gone, bars where none were, and restatements that count as newest."""
    theirs = candle.c.market_id == market_id
    later = sa.and_(theirs, cut.later_candles(interval))
    key = minutes(candle.c.open_at)
    factor = 0.5 + 1.5 * cut.noise(key, market_id, "price")
    values = {name: candle.c[name] * factor for name in _PRICES}
    values["volume"] = candle.c.volume * 3.0 * cut.noise(key, market_id, "volume") + 0.001
    changed = rows_of(connection, sa.update(candle).where(later).values(values))
    deleted = rows_of(connection, sa.delete(candle).where(later, cut.noise(key, market_id, "deleted") < 0.1))
    return Poisoned(changed, deleted, _invent_bars(connection, cut, theirs, interval))


def _invent_bars(connection: sa.Connection, cut: Cut, theirs: sa.ColumnElement[bool], interval: Interval) -> int:
    """A fifth of the bars is restated, and holes beside bars are filled with the prices of those.

    Later bars, or bars that were known: of those newscandle comes to know other figures later.
    """
    later, step = cut.later_candles(interval), interval.millis * 1000
    known: sa.ColumnElement[Any]
    if cut.clock is Clock.AVAILABLE:
        chosen, known, beside = sa.and_(theirs, later), candle.c.fetched_at, step
    else:
        chosen, beside = sa.and_(theirs, ~later), -step
        known = sa.literal(cut.instant + LATER, candle.c.fetched_at.type)
    first = sa.and_(chosen, candle.c.number == 1)
    place = micros(candle.c.open_at) + beside
    there = candle.alias("there")
    held = sa.select(there.c.number).where(there.c.market_id == candle.c.market_id, micros(there.c.open_at) == place)
    filled = copy_rows(candle, sa.and_(first, ~held.exists()), open_at=place, fetched_at=known)
    newest = highest(connection, candle.c.number) + 1
    prices = {name: candle.c[name] * 1.25 for name in _PRICES}
    drawn = cut.noise(minutes(candle.c.open_at), "restated") < 0.2
    restated = copy_rows(candle, sa.and_(first, drawn), number=sa.literal(newest), fetched_at=known, **prices)
    return rows_of(connection, restated) + rows_of(connection, filled)


def _scramble_gaps(connection: sa.Connection, cut: Cut, market_id: int, interval: Interval) -> Poisoned:
    """Holes that reach beyond the instant end elsewhere, or were found, filled or changed at another time."""
    theirs = gap.c.market_id == market_id
    step = interval.millis * 1000
    hole = {
        "market_id": market_id,
        "start_at": interval.ceil(cut.instant),
        "end_at": interval.ceil(cut.instant) + 7 * interval.duration,
        "reason": "outage",
        "noticed_at": cut.instant + LATER,
        "recorded_at": cut.instant + LATER,
    }
    if cut.clock is Clock.AVAILABLE:
        later = sa.and_(theirs, gap.c.end_at > cut.instant)
        changed = rows_of(connection, sa.update(gap).where(later).values(end_at=micros(gap.c.end_at) + 5 * step))
        gone = sa.and_(theirs, gap.c.start_at >= cut.instant, cut.noise(gap.c.id, "gap") < 0.5)
    else:
        refilled = sa.and_(theirs, gap.c.filled_at > cut.instant)
        changed = rows_of(connection, sa.update(gap).where(refilled).values(filled_at=sa.null()))
        filled = sa.and_(theirs, gap.c.filled_at.is_(None), cut.noise(gap.c.id, "filled") < 0.5)
        changed += rows_of(connection, sa.update(gap).where(filled).values(filled_at=cut.instant + LATER))
        gone = sa.and_(theirs, gap.c.recorded_at > cut.instant, cut.noise(gap.c.id, "gap") < 0.5)
        hole |= {"start_at": interval.floor(cut.instant) - 9 * interval.duration}
    deleted = rows_of(connection, sa.delete(gap).where(gone))
    return Poisoned(changed, deleted, rows_of(connection, sa.insert(gap).values(hole)))
