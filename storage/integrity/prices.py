"""What must hold of candles, refused rows and holes."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from service.instants import Interval
from storage.integrity.rule import Broken, Rule, is_after, length_of, micros, plain, tell_rows
from storage.schema import candle, gap, market, quarantined_candle

_BAR = (candle.c.market_id, plain(candle.c.open_at), candle.c.number)
_OPEN = micros(candle.c.open_at)
_MOST = 1_000

REASONS = (
    *("unfetched", "fetch_failed", "maintenance", "no_trade", "disputed", "outage", "truncated", "quarantined"),
    *("not_listed_yet", "out_of_reach", "missing_in_archive", "unknown"),
)
"""What a hole may be put down to, as the schema lists them."""


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of prices."""
    c = candle.c
    figures = (c.open, c.high, c.low, c.close)
    in_order = sa.and_(c.low <= c.open, c.low <= c.close, c.open <= c.high, c.close <= c.high, c.low > 0, c.volume >= 0)
    infinite = sa.or_(*(sa.not_(sa.and_(one < 1e300, one > -1e300)) for one in (*figures, c.volume)))
    joined = candle.join(market, market.c.id == c.market_id)
    length = length_of(market.c.interval)
    earlier = candle.alias("earlier")
    follows = (
        earlier.c.market_id == c.market_id,
        micros(earlier.c.open_at) == _OPEN,
        earlier.c.number == c.number - 1,
    )
    same = (earlier.c[one.name] == one for one in (*figures, c.volume))
    of_gap = (gap.c.id, gap.c.market_id, plain(gap.c.start_at), plain(gap.c.end_at), gap.c.reason)
    gap_market = gap.join(market, market.c.id == gap.c.market_id)
    inside = (c.market_id == gap.c.market_id, micros(gap.c.start_at) <= _OPEN, micros(gap.c.end_at) > _OPEN)
    is_held = sa.exists().where(*inside).correlate(gap)
    other = gap.alias("other")
    both_open = (gap.c.filled_at.is_(None), other.c.filled_at.is_(None))
    overlap = (micros(gap.c.start_at) < micros(other.c.end_at), micros(other.c.start_at) < micros(gap.c.end_at))
    return (
        Rule(
            "market_known",
            "market",
            "each market has a venue, a symbol and an interval newscandle knows",
            sa.select(market.c.id, market.c.venue, market.c.symbol, market.c.interval).where(
                sa.or_(
                    market.c.venue == "", sa.not_(market.c.symbol.like("%_/_%")), length_of(market.c.interval).is_(None)
                )
            ),
        ),
        Rule(
            "candle_shape",
            "candle",
            "low ≤ open, close ≤ high, prices above zero, volume not below it, all finite",
            sa.select(*_BAR, *figures, c.volume).where(sa.or_(sa.not_(in_order), infinite)),
        ),
        Rule(
            "candle_grid",
            "candle",
            "each bar opens on the grid of its interval",
            sa.select(*_BAR).select_from(joined).where(_OPEN % length != 0),
        ),
        Rule(
            "candle_closed",
            "candle",
            "only closed bars are stored: none was fetched before its end",
            sa.select(*_BAR, plain(c.fetched_at)).select_from(joined).where(micros(c.fetched_at) < _OPEN + length),
        ),
        Rule(
            "candle_numbers",
            "candle",
            "the statements of a bar are numbered 1, 2 … without a hole",
            sa.select(c.market_id, plain(c.open_at), sa.func.count().label("statements"))
            .group_by(c.market_id, c.open_at)
            .having(sa.or_(sa.func.min(c.number) != 1, sa.func.max(c.number) != sa.func.count())),
        ),
        Rule(
            "candle_restated",
            "candle",
            "a further statement of a bar differs from the one before it",
            sa.select(*_BAR).join(earlier, sa.and_(*follows)).where(*same),
        ),
        Rule(
            "gap_shape",
            "gap",
            "a hole begins before it ends, on the grid, for a known reason; it was noticed, then written, then filled",
            sa.select(*of_gap)
            .select_from(gap_market)
            .where(
                sa.or_(
                    micros(gap.c.start_at) >= micros(gap.c.end_at),
                    is_after(gap.c.noticed_at, gap.c.recorded_at),
                    is_after(gap.c.recorded_at, gap.c.filled_at),
                    gap.c.reason.not_in(REASONS),
                    gap.c.retried < 0,
                    micros(gap.c.start_at) % length_of(market.c.interval) != 0,
                    micros(gap.c.end_at) % length_of(market.c.interval) != 0,
                )
            ),
        ),
        Rule(
            "gap_overlap",
            "gap",
            "no two open holes of a market overlap",
            sa.select(*of_gap)
            .join(other, sa.and_(other.c.market_id == gap.c.market_id, other.c.id > gap.c.id))
            .where(*both_open, *overlap),
        ),
        Rule(
            "gap_held",
            "gap",
            "no bar is held where an open hole says that it is missing",
            sa.select(*of_gap).where(gap.c.filled_at.is_(None), is_held),  # hole by hole, for they are few
        ),
        Rule(
            "quarantine_reason",
            "quarantined_candle",
            "each refused row has a reason",
            sa.select(quarantined_candle.c.id).where(quarantined_candle.c.reason == ""),
        ),
    )


def find_uncovered(connection: sa.Connection) -> Broken | None:
    """Bars between the first and the last of a market that are neither held nor in an open hole: at most 1,000.

    The database tells where two bars are further apart than one length; only there are the holes looked at.
    """
    found: list[dict[str, Any]] = []
    for market_id, code in connection.execute(sa.select(market.c.id, market.c.interval).order_by(market.c.id)).all():
        try:
            step = Interval(code).millis * 1000
        except ValueError:
            continue  # told by market_known
        for start, end in _find_uncovered(connection, market_id, step):
            found.append({"market_id": market_id, "open_at": start, "bars": (end - start) // step})
            if len(found) >= _MOST:
                return tell_rows(found)
    return tell_rows(found)


def _find_uncovered(connection: sa.Connection, market_id: int, step: int) -> Iterator[tuple[int, int]]:
    before = sa.func.lag(_OPEN).over(order_by=candle.c.open_at).label("before")
    bars = (
        sa.select(_OPEN.label("open_at"), before)
        .where(candle.c.market_id == market_id, candle.c.number == 1)
        .subquery()
    )
    apart = sa.select(bars.c.before, bars.c.open_at).where(bars.c.open_at - bars.c.before > step)
    holes = connection.execute(apart.order_by(bars.c.open_at)).all()
    if not holes:
        return
    chosen = sa.select(micros(gap.c.start_at), micros(gap.c.end_at)).where(
        gap.c.market_id == market_id, gap.c.filled_at.is_(None)
    )
    told = sorted((start, end) for start, end in connection.execute(chosen))
    for last, following in holes:
        inside = [(last + step, last + step), *_within(told, last + step, following), (following, following)]
        covered = last + step
        for (_, end), (start, _) in pairwise(inside):
            covered = max(covered, end)
            if start > covered:
                yield covered, start


def _within(told: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    return [(max(one, start), min(other, end)) for one, other in told if one < end and other > start]
