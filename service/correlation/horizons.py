"""Returns over many bars: sums of neighbouring stretches share bars, and naive tests take that for evidence.

    sentiment ─▶ return of h bars, h = 1, 3, 5 … ─▶ the same on single bars ─▶ worlds ─▶ step-down over all h, both ways

A regression on overlapping returns equals one of single-bar returns on overlapping sums of the regressor, whose errors
do not overlap (M. Britten-Jones, A. Neuberger & I. Nolte 2011, Improved inference in regression with overlapping
observations, J. Business Finance & Accounting 38). The judge is the strongest of the family in worlds whose sentiment
keeps its memory; HAC stands beside it as a companion only, since it calls too much.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.regression import fit_line
from service.correlation.results import Direction, HorizonReturn
from service.correlation.scan import MINIMUM_PAIRS, pearson
from service.correlation.worlds import step_down
from service.instants import Interval

HORIZONS = {Interval.H1: (1, 3, 6, 12, 24, 72, 168), Interval.D1: (1, 3, 5, 10, 20, 40)}
"""Bars; those of daily bars serve every other interval."""

_LEAST_STRETCHES = 10


def choose_horizons(interval: Interval, bars: int) -> tuple[int, ...]:
    """Those that fit ten times into a sample of `bars`."""
    return tuple(h for h in HORIZONS.get(interval, HORIZONS[Interval.D1]) if h * _LEAST_STRETCHES <= bars)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """One horizon one way: the stretches' returns beside the sentiment's bar, and what the transform needs of them."""

    direction: Direction
    bars: int
    summed: NDArray[np.float64]
    origin: NDArray[np.bool_]  # bars at which both the sentiment and the whole stretch are held
    single: NDArray[np.float64]  # returns of the bars that lie in some stretch, mean 0 and length 1, 0 elsewhere

    def measure(self, worlds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cosine of the single-bar returns with the sums of the sentiment whose stretches hold that bar, by world."""
        held = np.where(self.origin, worlds, 0.0)
        held -= np.where(self.origin, held.sum(axis=1, keepdims=True) / self.origin.sum(), 0.0)
        total = np.cumsum(held, axis=1)
        sums = np.zeros_like(total)
        if self.direction is Direction.FORWARD:  # the `bars` bars before
            sums[:, 1:] = total[:, :-1]
            sums[:, self.bars + 1 :] -= total[:, : -self.bars - 1]
        else:  # those after
            sums[:, : -self.bars] = total[:, self.bars :]
            sums[:, -self.bars :] = total[:, -1:]
            sums -= total
        length = np.sqrt(np.einsum("wt,wt->w", sums, sums))
        cosine = np.full(len(worlds), np.nan)
        np.divide(sums @ self.single, length, out=cosine, where=length > 0)
        return cosine


class HorizonScan:
    """Sentiment beside the summed log returns of every horizon, before it (reverse, first) and after it.

    The statistic is that of the transformed regression, but for a constant: single-bar returns against overlapping sums
    of sentiment. Without a link it spreads alike at every horizon and memory, so a memory that the worlds miss a little
    does little harm; r of overlapping sums spreads wider the longer both are.
    """

    most_worlds = None

    def __init__(
        self, sentiment: NDArray[np.float64], log_return: NDArray[np.float64], horizons: Sequence[int]
    ) -> None:
        """One value per bar each, NaN where missing."""
        self._sentiment, self._log_return = sentiment, log_return
        after = {h: sum_after(log_return, h) for h in horizons}
        self._stretches = [self._lay_out(Direction.REVERSE, h, _shift(after[h], h + 1)) for h in horizons]
        self._stretches += [self._lay_out(Direction.FORWARD, h, after[h]) for h in horizons]

    def _lay_out(self, direction: Direction, h: int, summed: NDArray[np.float64]) -> _Stretch:
        origin = np.isfinite(self._sentiment) & np.isfinite(summed)
        turn = slice(None, None, 1 if direction is Direction.FORWARD else -1)
        used = _sum_before(origin[turn], h)[turn] > 0
        single = np.where(used, self._log_return, 0.0)
        single = np.where(used, single - single.sum() / max(used.sum(), 1), 0.0)
        length = float(np.sqrt(single @ single))
        return _Stretch(direction, h, summed, origin, single / length if length > 0 else single)

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """The statistic of every world, −1…1, worlds × (reverse horizons, forward horizons); NaN where undefined."""
        told = [
            stretch.measure(batch) if stretch.origin.sum() >= MINIMUM_PAIRS and stretch.single.any() else None
            for stretch in self._stretches
        ]
        nothing = np.full(len(batch), np.nan)
        columns = [nothing if column is None else column for column in told]
        return np.column_stack(columns) if columns else np.empty((len(batch), 0))

    def judge(self, null: NDArray[np.float64]) -> tuple[HorizonReturn, ...]:
        """The rows, reverse first; `null` is what `of_worlds` gave."""
        own = np.abs(self.of_worlds(self._sentiment[None])[0])
        p_family = step_down(own, np.nan_to_num(np.abs(null)))
        family = int(np.isfinite(own).sum())
        return tuple(
            self._tell(stretch, p, family, len(null)) for stretch, p in zip(self._stretches, p_family, strict=True)
        )

    def _tell(self, stretch: _Stretch, p: float, family: int, worlds: int) -> HorizonReturn:
        forward, h = stretch.direction is Direction.FORWARD, stretch.bars
        x, y = (self._sentiment, stretch.summed) if forward else (stretch.summed, self._sentiment)
        lags = max(4, math.ceil(1.5 * h))
        line = fit_line(x, y, lags=lags)
        transformed = transformed_test(self._sentiment, self._log_return, h) if forward else None
        return HorizonReturn(
            direction=stretch.direction,
            bars=h,
            n=int(stretch.origin.sum()),
            r=pearson(x[stretch.origin], y[stretch.origin]),
            slope=line.slope if line else None,
            t_transformed=transformed[1] if transformed else None,
            p_transformed=transformed[2] if transformed else None,
            p_hac=line.p_hac if line else None,
            hac_lags=lags,
            p_plain=line.p if line else None,
            p_family=float(p) if np.isfinite(p) else None,
            family=family,
            worlds=worlds,
        )


def sum_after(values: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    """The sum over the `bars` bars after each bar, NaN unless all of them are held."""
    held = np.isfinite(values)
    running = np.concatenate([[0.0], np.cumsum(np.where(held, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(held)])
    summed = np.full(len(values), np.nan)
    last = len(values) - bars
    if last > 0:
        whole = count[bars + 1 :] - count[1 : last + 1] == bars
        summed[:last] = np.where(whole, running[bars + 1 :] - running[1 : last + 1], np.nan)
    return summed


def transformed_test(
    sentiment: NDArray[np.float64], log_return: NDArray[np.float64], bars: int
) -> tuple[float, float, float] | None:
    """Slope of the return over `bars` bars on the sentiment before them, its t and two-sided p; None where undefined.

    With A summing single-bar returns r into overlapping ones and X = [1, sentiment], least squares of A·r on X equals
    that of r on X̃(X̃'X̃)⁻¹X'X, X̃ = A'X (equation 7 of the paper), whose errors do not overlap; n − 2 degrees of freedom,
    n single bars. Stretches with a missing bar are left out of A.
    """
    from scipy.stats import t as student

    origin = np.isfinite(sentiment) & np.isfinite(sum_after(log_return, bars))
    count = int(origin.sum())
    if count < 4 or np.ptp(sentiment[origin]) == 0:
        return None
    # Centred, X'X is diagonal; the slope is the same.
    centred = np.where(origin, sentiment - sentiment[origin].mean(), 0.0)
    design = np.column_stack([_sum_before(origin, bars), _sum_before(centred, bars)])
    used = design[:, 0] > 0
    design, target = design[used], log_return[used]
    own = np.array([float(count), float(centred @ centred)])
    products = design.T @ design
    moments = design.T @ target
    left = float(target @ target - moments @ np.linalg.lstsq(products, moments, rcond=None)[0])
    degrees = len(target) - 2
    if degrees < 1 or left <= 0:
        return None
    slope = float(moments[1] / own[1])
    error = math.sqrt(left / degrees * products[1, 1]) / own[1]
    t = slope / error
    return slope, t, 2 * float(student.sf(abs(t), degrees))


def _sum_before(values: NDArray[np.float64] | NDArray[np.bool_], bars: int) -> NDArray[np.float64]:
    """The sum over the `bars` bars before each bar, fewer at the start."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    summed: NDArray[np.float64] = running[at] - running[np.maximum(at - bars, 0)]
    return summed


def _shift(values: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    """`values` that many bars later."""
    later = np.full(len(values), np.nan)
    later[bars:] = values[: len(values) - bars]
    return later
