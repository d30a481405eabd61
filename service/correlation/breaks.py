"""Splits and breaks: is the slope of return on sentiment the same on both sides of a split, and at every date?

The null is a *constant* link, and the worlds have none. But F of two slopes is the same for y as for y less any
multiple of x, so what a constant link leaves of the outcome is set beside every world: that is F of the world with the
constant link put back. The outcome's order in time stays, and with it its spells of volatility, which a table of
critical values would not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.leadlag import largest
from service.correlation.parts import Moments, slope_difference, sum_parts
from service.correlation.regimes import Split
from service.correlation.results import BreakTest, RegimeSplit
from service.correlation.worlds import tail_share
from service.instants import from_millis

TRIM = 0.15
"""No break is sought in this share of the bars at either end: D. W. K. Andrews (1993), Econometrica 61."""

_DATES_TRIED = 40


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """The parts of a sample that splits and cuts make: bars × (first sides, second sides, all, all before each cut)."""

    splits: tuple[Split, ...]
    cuts: NDArray[np.int64]
    parts: NDArray[np.bool_]

    def differences(self, worlds: NDArray[np.float64], outcome: NDArray[np.float64]) -> NDArray[np.float64]:
        """F of equal slopes, worlds × (splits, then cuts); NaN where a side has too few pairs."""
        moments = sum_parts(worlds, outcome, self.parts)
        (first, second), (before, after) = self._sides(moments), self._halves(moments)
        return np.hstack([slope_difference(first, second), slope_difference(before, after)])

    def judge(
        self,
        series: AlignedSeries,
        outcome: NDArray[np.float64],
        null: NDArray[np.float64],
    ) -> tuple[tuple[RegimeSplit, ...], BreakTest | None]:
        """Both results, from the real outcome and the worlds' F."""
        observed = self.differences(series.sentiment[None], outcome)[0]
        moments = sum_parts(series.sentiment[None], outcome, self.parts)
        number = len(self.splits)
        (first, second), (before, after) = self._sides(moments), self._halves(moments)
        r_first, r_second = first.told_correlations(), second.told_correlations()
        regimes = tuple(
            RegimeSplit(
                split.name,
                *(split.sides[0], int(first.n[0, place]), r_first[place]),
                *(split.sides[1], int(second.n[0, place]), r_second[place]),
                _share(null[:, [place]], observed[[place]]),
            )
            for place, split in enumerate(self.splits)
        )
        p = _share(null[:, number:], observed[number:])
        if p is None:
            return regimes, None
        at = int(np.nanargmax(observed[number:]))
        return regimes, BreakTest(
            from_millis(int(series.open_at[self.cuts[at]])),
            float(observed[number + at]),
            before.told_correlations()[at],
            after.told_correlations()[at],
            p,
        )

    def _sides(self, moments: Moments) -> tuple[Moments, Moments]:
        number = len(self.splits)
        return moments.pick(slice(0, number)), moments.pick(slice(number, 2 * number))

    def _halves(self, moments: Moments) -> tuple[Moments, Moments]:
        number = len(self.splits)
        before = moments.pick(slice(2 * number + 1, None))
        return before, moments.pick(slice(2 * number, 2 * number + 1)).less(before)


def lay_sides(bars: int, splits: Sequence[Split]) -> Sides:
    """Forty dates at most are tried, evenly over the middle of the sample."""
    cuts = np.unique(np.linspace(TRIM * bars, (1 - TRIM) * bars, _DATES_TRIED).astype(np.int64))
    cuts = cuts[(cuts > 0) & (cuts < bars)]
    sides = [split.first for split in splits] + [split.second for split in splits]
    whole = np.ones(bars, np.bool_)
    return Sides(tuple(splits), cuts, np.hstack([np.column_stack([*sides, whole]), np.arange(bars)[:, None] < cuts]))


def less_constant_link(sentiment: NDArray[np.float64], outcome: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outcome less its least-squares multiple of the sentiment, NaN where either is missing."""
    both = np.isfinite(sentiment) & np.isfinite(outcome)
    x = sentiment - sentiment[both].mean() if both.any() else sentiment
    spread = float(x[both] @ x[both])
    slope = float(x[both] @ outcome[both]) / spread if spread > 0 else 0.0
    return outcome - slope * x


def _share(null: NDArray[np.float64], observed: NDArray[np.float64]) -> float | None:
    """Share of worlds whose largest F reaches the largest observed; None where none was told."""
    told = np.isfinite(observed)
    return tail_share(largest(null[:, told]), float(observed[told].max())) if told.any() else None
