"""How far out a bar lies, by the bars before it alone.

The distance of a bar is that from the median of its trailing history, in robust standard deviations (1.4826 × the
median absolute deviation; P. J. Rousseeuw & C. Croux (1993), JASA 88(424), section 1). How far is far is not read from
a bell curve, whose tails news does not have: each day of the history has its own farthest bar, and a bar is beyond the
usual where it lies farther out than all but the k−1 farthest of those. Of bars in no particular order about one day in
(days + 1) / k has one by chance, whatever their distribution; k is chosen for the rate of false alarms asked for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.alerts.rule import ShockRule

Floats = NDArray[np.float64]

LEAST_DISTANCE = 3.0
"""Robust standard deviations: what lies nearer is no shock, be it the farthest of all."""

FEWEST_BARS = 30
"""So many bars of a history have to be usable before anything is judged by it."""

_TO_DEVIATION = 1.4826  # from the median absolute deviation of a normal distribution to its standard deviation


@dataclass(frozen=True, slots=True)
class Measured:
    """Where a bar lies. `distance` counts deviations from `centre`, with its sign; a shock needs more than `needed`."""

    centre: float
    distance: float
    needed: float
    days: int  # of the history, in which something could be judged by
    is_beyond: bool


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A column of bars on an even grid. `usable`: may be judged and judged by. `a_day`: how many bars there are in one.

    `inverse` is 1 / articles where the values of few scatter more than those of many, else None: the squared scale of
    a bar is then a + b / articles, a and b from the halves of its history with fewer and with more of them.
    `least_scale` is what the scale is never below; `is_one_sided`: only what lies above counts.
    """

    values: Floats
    usable: NDArray[np.bool_]
    a_day: int
    inverse: Floats | None = None
    least_scale: float = 0.0
    is_one_sided: bool = False

    def count_days(self, row: int, rule: ShockRule) -> int:
        """Days of the history of `row` that hold a usable bar."""
        return int(self._fold(self.usable, row, rule, fill=False).any(axis=1).sum())

    def measure(self, row: int, rule: ShockRule) -> Measured | None:
        """Where bar `row` lies among those before it; None where they are too few, or have no scale."""
        days = self.count_days(row, rule)
        farthest = rule.count_farthest(days)
        since = max(0, row - rule.history_days * self.a_day)
        held = np.flatnonzero(self.usable[since:row]) + since
        if farthest < 1 or len(held) < FEWEST_BARS:
            return None
        centre = float(np.median(self.values[held]))
        scale = self._find_scale(held, centre, np.append(held, row))
        if not scale.min() > 0:
            return None
        distance = (self.values[np.append(held, row)] - centre) / scale
        sized = distance if self.is_one_sided else np.abs(distance)
        far = np.full(row, -np.inf)
        far[held] = sized[:-1]
        daily = self._fold(far, row, rule, fill=-np.inf).max(axis=1)
        needed = max(LEAST_DISTANCE, float(np.partition(daily, -farthest)[-farthest]))
        return Measured(centre, float(distance[-1]), needed, days, is_beyond=bool(sized[-1] > needed))

    def is_repeated(self, row: int, found: Measured, rule: ShockRule) -> bool:
        """Whether a bar less than a day before `row` was beyond the usual on the same side, by its own history."""
        for before in range(max(0, row - self.a_day + 1), row):
            other = self.measure(before, rule) if self.usable[before] else None
            if other is not None and other.is_beyond and (other.distance > 0) == (found.distance > 0):
                return True
        return False

    def _fold(self, column: NDArray[np.generic], row: int, rule: ShockRule, *, fill: object) -> NDArray[np.generic]:
        """The bars before `row`, days × bars: each day ends where the next begins, the last one at `row`."""
        wanted = rule.history_days * self.a_day
        part = column[max(0, row - wanted) : row]
        padded = np.concatenate([np.full(wanted - len(part), fill, column.dtype), part])
        return padded.reshape(rule.history_days, self.a_day)

    def _find_scale(self, held: NDArray[np.int64], centre: float, wanted: NDArray[np.int64]) -> Floats:
        """The robust standard deviation of the bars `wanted`, as that of the bars `held` has it."""
        away = np.abs(self.values[held] - centre)
        whole = max(_deviate(away), self.least_scale)
        if self.inverse is None:
            return np.full(len(wanted), whole)
        inverse = self.inverse[held]
        few = inverse > np.median(inverse)
        if few.sum() < FEWEST_BARS:  # most of them hold equally few
            few = inverse >= np.median(inverse)
        if min(few.sum(), (~few).sum()) < FEWEST_BARS:
            return np.full(len(wanted), whole)
        few_squared, many_squared = _deviate(away[few]) ** 2, _deviate(away[~few]) ** 2
        few_mean, many_mean = float(inverse[few].mean()), float(inverse[~few].mean())
        slope = max(0.0, (few_squared - many_squared) / (few_mean - many_mean))
        base = max(0.0, many_squared - slope * many_mean) if slope else whole**2
        return np.sqrt(base + slope * self.inverse[wanted])


def _deviate(away: Floats) -> float:
    return _TO_DEVIATION * float(np.median(away))
