"""What is computed again: series from the articles and candles they were made of."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jobs.align import aggregation_of, build_series, read_inputs, span_of
from jobs.checks.ward import Examined, Ward, tell
from jobs.markets import choose_market
from service.correlation.aligned import AlignedSeries
from service.errors import NewscandleError
from service.health.findings import Finding, Severity
from service.instants import format_instant, from_millis
from service.integrity.checks import Check, Cost, Family
from storage import database, inputs, series
from storage.series import Declaration

_DAY_MILLIS = 86_400_000
_FIGURES = ("sentiment", "close", "log_return", "realised_volatility", "volume")
_COUNTS = ("scored", "no_signal", "no_mention", "unsupported")
_RECOMPUTED = Check(
    "series_recomputed",
    Family.SERIES,
    "the newest value of every point of the settings' series is what its articles and candles give, on the days whose "
    "inputs are those it was computed from",
    Cost.DEEP,
    "Run newscandle align --full: it writes what is right beside what stands. See the seals for what was changed.",
)


def list_checks() -> tuple[Examined, ...]:
    """Every check that computes again."""
    return (Examined(_RECOMPUTED, _compute_again),)


def _compute_again(ward: Ward) -> Iterator[Finding]:
    with database.read(ward.engine) as connection:
        held = series.load_declarations(connection)
    for interval in ward.settings.align.intervals:
        try:
            market = choose_market(ward.house, interval)
        except NewscandleError:
            continue  # no candles yet
        wanted = aggregation_of(ward.house, interval)
        mine = [
            one
            for one in held
            if (one.aggregation, one.venue, one.symbol) == (wanted, market.venue, market.symbol)
            and one.catalogue == ward.house.catalogue.digest
        ]
        for one in mine:
            now = read_inputs(ward.house, market, wanted, one.scorer)
            made = build_series(ward.house, market, one.target, one.scorer, interval, window=span_of(market, interval))
            yield from _compare(ward, one, made, now)


def _compare(ward: Ward, told: Declaration, made: AlignedSeries, now: dict[int, str]) -> Iterator[Finding]:
    with database.read(ward.engine) as connection:
        before = inputs.load(connection, told)
        held = series.load(
            connection,
            target=told.target,
            scorer=told.scorer,
            catalogue=told.catalogue,
            venue=told.venue,
            symbol=told.symbol,
            aggregation=told.aggregation,
        )
    if held is None:
        return
    same_days = np.array([day for day, line in now.items() if before.get(day) == line], dtype=np.int64)
    wrong = find_unlike(held, made, same_days)
    if wrong:
        name = f"{told.target} {told.aggregation.interval.value} {told.scorer}"
        first = format_instant(from_millis(wrong[0]))
        text = f"{len(wrong):,} points are not what their articles and candles give, the first at {first}."
        yield tell(_RECOMPUTED, text, subject=name, severity=Severity.CRITICAL)


def find_unlike(held: AlignedSeries, made: AlignedSeries, days: NDArray[np.int64]) -> list[int]:
    """Where (ms) points differ on these UTC days, or are on one side only."""
    inside = {id(one): np.isin(one.open_at // _DAY_MILLIS, days) for one in (held, made)}
    ours, others = (one.open_at[inside[id(one)]] for one in (held, made))
    lonely = np.setxor1d(ours, others)
    _, mine, theirs = np.intersect1d(ours, others, return_indices=True)
    unlike = np.zeros(len(mine), dtype=bool)
    for name in (*_FIGURES, *_COUNTS):
        left, right = (getattr(one, name)[inside[id(one)]].astype(float) for one in (held, made))
        unlike |= ~np.isclose(left[mine], right[theirs], rtol=1e-9, atol=1e-12, equal_nan=True)
    return sorted({*lonely.tolist(), *ours[mine][unlike].tolist()})
