"""How much there is of prices, by market."""

import datetime as dt

import numpy as np
import sqlalchemy as sa

from service.instants import Interval, Window
from service.market import reference
from storage.figures import By, read_by, to_seconds
from storage.schema import candle, gap, market, quarantined_candle
from storage.venues import load_venues

_NEWEST_BARS = 48


def count_prices(connection: sa.Connection, now: dt.datetime) -> dict[str, By]:
    """Bars, restatements, refusals and open holes of each market, and how far venues are apart."""
    names = (market.c.venue, market.c.symbol, market.c.interval)
    restated = sa.case((candle.c.number > 1, 1), else_=0)
    bars = (
        sa.select(*names, sa.func.sum(restated), sa.func.count())
        .join(candle, candle.c.market_id == market.c.id)
        .group_by(market.c.id)
    )
    counted = connection.execute(bars).all()
    refused = sa.select(*names, sa.func.count()).join(quarantined_candle).group_by(market.c.id)
    holes = connection.execute(
        sa.select(
            *names, gap.c.reason, sa.func.count(), sa.func.sum(to_seconds(gap.c.end_at) - to_seconds(gap.c.start_at))
        )
        .join(gap, gap.c.market_id == market.c.id)
        .where(gap.c.filled_at.is_(None))
        .group_by(market.c.id, gap.c.reason)
    ).all()
    return {
        "venue_dispersion_ratio": _measure_dispersion(connection, now),
        "candles": {tuple(row[:3]): float(row[4] - row[3]) for row in counted},
        "candle_revisions_total": {tuple(row[:3]): float(row[3]) for row in counted},
        "quarantined_candles": read_by(connection, refused),
        "candle_gaps": {tuple(row[:4]): float(row[4]) for row in holes},
        "candle_missing": {
            tuple(row[:4]): round(float(row[5]) / Interval(row[2]).duration.total_seconds()) for row in holes
        },
    }


def _measure_dispersion(connection: sa.Connection, now: dt.datetime) -> dict[tuple[str, ...], float]:
    """Of each symbol and interval that several venues hold, in the newest bar that several of them hold."""
    several = (
        sa.select(market.c.symbol, market.c.interval)
        .group_by(market.c.symbol, market.c.interval)
        .having(sa.func.count() > 1)
    )
    found: dict[tuple[str, ...], float] = {}
    for symbol, code in connection.execute(several).all():
        interval = Interval(code)
        window = Window(now - _NEWEST_BARS * interval.duration, now)
        bars = load_venues(connection, symbol=symbol, interval=interval, window=window)
        told = reference.measure(bars).dispersion
        known = told[np.isfinite(told)]
        if len(known):
            found[(symbol, code)] = float(known[-1]) / reference.BASIS_POINTS
    return found
