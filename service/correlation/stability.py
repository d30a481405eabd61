"""Stability: does the relation of sentiment and return hold through windows, regimes and time?

worlds ─▶ moments over windows, regimes and dates ─▶ rolling r with bands · slopes on two sides · sup-F
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import NamedEvent
from service.correlation.breaks import TRIM, lay_sides, less_constant_link
from service.correlation.leadlag import largest
from service.correlation.parts import sum_parts
from service.correlation.regimes import split_regimes
from service.correlation.results import Relation, RollingWindow, Stability
from service.correlation.worlds import Worlds, critical_value, step_down, tail_share
from service.instants import Interval, from_millis

LAGS = (-1, 0, 1)
"""Sentiment at t with the return at t + lag: chosen beforehand, so nothing here was picked by its strength."""

_WINDOW = {Interval.H1: 720, Interval.D1: 90}
_MOST_WINDOWS = 24


def study_stability(
    series: AlignedSeries, log_return: NDArray[np.float64], worlds: Worlds, dates: Sequence[NamedEvent]
) -> Stability:
    """All three for the return one bar before, in, and one bar after the sentiment's bar."""
    splits, notes = split_regimes(series, dates)
    sides = lay_sides(series.length, splits)
    window = min(_WINDOW.get(series.aggregation.interval, 90), max(series.length // 3, 1))
    starts = place_windows(series.length, window)
    bar = np.arange(series.length)[:, None]
    windows = (bar >= starts) & (bar < starts + window)
    outcomes = [_shift(log_return, lag) for lag in LAGS]
    residuals = [less_constant_link(series.sentiment, outcome) for outcome in outcomes]
    null_r: list[list[NDArray[np.float64]]] = [[] for _ in LAGS]
    null_f: list[list[NDArray[np.float64]]] = [[] for _ in LAGS]
    for batch in worlds.batches():
        for place in range(len(LAGS)):
            null_r[place].append(sum_parts(batch, outcomes[place], windows).correlations())
            null_f[place].append(sides.differences(batch, residuals[place]))
    nulls = [np.vstack(batches) for batches in null_f]
    relations = []
    for place, lag in enumerate(LAGS):
        rolling, p_rolling = _roll(series, outcomes[place], windows, np.vstack(null_r[place]))
        regimes, found = sides.judge(series, outcomes[place], nulls[place])
        relations.append(Relation(lag, rolling, p_rolling, regimes, found))
    observed = [sides.differences(series.sentiment[None], outcome)[0, : len(splits)] for outcome in outcomes]
    family = step_down(np.concatenate(observed), np.nan_to_num(np.hstack([null[:, : len(splits)] for null in nulls])))
    return Stability(window, _adjust(relations, family), TRIM, worlds.count, notes)


def place_windows(bars: int, window: int) -> NDArray[np.int64]:
    """First bars of at most 24 windows, evenly spaced, a third of a window apart or more; the last ends the sample."""
    step = max(1, window // 3, -(-(bars - window) // (_MOST_WINDOWS - 1)))
    return np.arange((bars - window) % step, bars - window + 1, step) if bars >= window else np.empty(0, np.int64)


def _shift(outcome: NDArray[np.float64], lag: int) -> NDArray[np.float64]:
    """The outcome at t + lag, told at t, in units of its deviation."""
    shifted = np.full(len(outcome), np.nan)
    if lag >= 0:
        shifted[: len(outcome) - lag] = outcome[lag:]
    else:
        shifted[-lag:] = outcome[:lag]
    held = shifted[np.isfinite(shifted)]
    return shifted / held.std() if len(held) and np.ptp(held) > 0 else shifted


def _roll(
    series: AlignedSeries, outcome: NDArray[np.float64], windows: NDArray[np.bool_], null: NDArray[np.float64]
) -> tuple[tuple[RollingWindow, ...], float | None]:
    """r and band per window: 5 % of worlds have an |r|·√n beyond the band's in any window."""
    moments = sum_parts(series.sentiment[None], outcome, windows)
    r, n = moments.told_correlations(), moments.n[0]
    told = np.array([value is not None for value in r], np.bool_)
    bands, p = np.full(len(r), np.nan), None
    if told.any():
        strongest = largest(null[:, told] * np.sqrt(n[told]))
        bands[told] = np.minimum(critical_value(strongest) / np.sqrt(n[told]), 1.0)
        p = tail_share(strongest, float(np.abs(moments.correlations()[0, told] * np.sqrt(n[told])).max()))
    bars = [np.flatnonzero(column) for column in windows.T]
    return tuple(
        RollingWindow(
            from_millis(int(series.open_at[inside[0]])),
            from_millis(int(series.available_at[inside[-1]])),
            int(n[place]),
            r[place],
            float(bands[place]) if told[place] else None,
        )
        for place, inside in enumerate(bars)
    ), p


def _adjust(relations: Sequence[Relation], family: NDArray[np.float64]) -> tuple[Relation, ...]:
    """The family-wise p of every split of every relation, in that order."""
    told = iter(float(p) if np.isfinite(p) else None for p in family)
    return tuple(
        replace(one, regimes=tuple(replace(split, p_family=next(told)) for split in one.regimes)) for one in relations
    )
