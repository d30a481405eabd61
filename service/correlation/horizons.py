"""Returns over many bars: sums of neighbouring stretches share bars, and naive tests take that for evidence.

    sentiment ─▶ r with the return of h bars, h = 1, 3, 5 … ─▶ worlds overlap alike ─▶ step-down over all h, both ways

The judge is the largest |r| over the family in worlds whose sentiment keeps its memory. Beside it stand the slope
tested on single-bar returns (M. Britten-Jones, A. Neuberger & I. Nolte 2011, Improved inference in regression with
overlapping observations, J. Business Finance & Accounting 38) and, as a companion only, HAC, which calls too much.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.correlation.regression import Line, fit_line
from service.correlation.results import Direction, HorizonReturn
from service.correlation.scan import correlate, lay_out_columns
from service.correlation.worlds import critical_value, step_down
from service.instants import Interval

HORIZONS = {Interval.H1: (1, 3, 6, 12, 24, 72, 168), Interval.D1: (1, 3, 5, 10, 20, 40)}
"""Bars; those of daily bars serve every other interval."""

_LEAST_STRETCHES = 10


def choose_horizons(interval: Interval, bars: int) -> tuple[int, ...]:
    """Those that fit ten times into a sample of `bars`."""
    return tuple(h for h in HORIZONS.get(interval, HORIZONS[Interval.D1]) if h * _LEAST_STRETCHES <= bars)


class HorizonScan:
    """Sentiment beside the summed log returns of every horizon, before it (reverse, first) and after it."""

    most_worlds = None

    def __init__(
        self, sentiment: NDArray[np.float64], log_return: NDArray[np.float64], horizons: Sequence[int]
    ) -> None:
        """One value per bar each, NaN where missing."""
        self._sentiment, self._log_return = sentiment, log_return
        after = {h: sum_after(log_return, h) for h in horizons}
        before = {h: _shift(after[h], h + 1) for h in horizons}
        self._sums = [(Direction.REVERSE, h, before[h]) for h in horizons]
        self._sums += [(Direction.FORWARD, h, after[h]) for h in horizons]
        columns = [column for _, _, column in self._sums]
        self._laid = lay_out_columns(np.column_stack(columns) if columns else np.empty((len(sentiment), 0)))

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """r of every world, worlds × (reverse horizons, forward horizons)."""
        return correlate(batch, self._laid)

    def judge(self, null: NDArray[np.float64]) -> tuple[HorizonReturn, ...]:
        """The rows, reverse first; `null` is what `of_worlds` gave. |r| is taken in units of its own horizon's band."""
        r = self.of_worlds(self._sentiment[None])[0]
        null = np.nan_to_num(np.abs(null))
        bands = np.array([critical_value(column) for column in null.T])
        told = np.isfinite(r) & (bands > 0)
        bands = np.where(told, bands, 1.0)
        p_family = step_down(np.where(told, np.abs(r) / bands, np.nan), null / bands)
        return tuple(
            self._tell(direction, h, summed, r[place], p_family[place], int(told.sum()), len(null))
            for place, (direction, h, summed) in enumerate(self._sums)
        )

    def _tell(
        self, direction: Direction, h: int, summed: NDArray[np.float64], r: float, p: float, family: int, worlds: int
    ) -> HorizonReturn:
        forward = direction is Direction.FORWARD
        lags = max(4, math.ceil(1.5 * h))
        x, y = (self._sentiment, summed) if forward else (summed, self._sentiment)
        line: Line | None = fit_line(x, y, lags=lags)
        transformed = transformed_test(self._sentiment, self._log_return, h) if forward else None
        return HorizonReturn(
            direction=direction,
            bars=h,
            n=int(np.sum(np.isfinite(x) & np.isfinite(y))),
            r=float(r) if np.isfinite(r) else None,
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
    design = np.column_stack([_sum_before(origin.astype(np.float64), bars), _sum_before(centred, bars)])
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


def _sum_before(values: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
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
