"""One regressor, least squares, with the ordinary and the autocorrelation-robust test of its slope."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope · x over `n` complete pairs; t and two-sided p with n − 2 degrees of freedom.

    `t_hac` uses Bartlett weights over `lags` bars. It answers for autocorrelated errors of stationary series, never for
    levels that wander: there it makes a spurious slope look better.
    """

    n: int
    intercept: float
    slope: float
    t: float
    p: float
    t_hac: float
    p_hac: float
    lags: int


def fit_line(x: NDArray[np.float64], y: NDArray[np.float64], *, lags: int) -> Line | None:
    """Regress y on x, one value per bar, NaN where missing; None below four pairs or without variance.

    W. K. Newey & K. D. West (1987), Econometrica 55, times n/(n − 2). A missing bar is an error of 0, so distances in
    time stay what they are (D. D. Datta & W. Du 2012, Nonparametric HAC estimation for time series data with missing
    observations, section 3).
    """
    from scipy.stats import t as student

    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < 4 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return None
    mean_x, mean_y = float(x[both].mean()), float(y[both].mean())
    deviation = np.where(both, x - mean_x, 0.0)
    spread = float(deviation @ deviation)
    slope = float(deviation @ np.where(both, y - mean_y, 0.0)) / spread
    residual = np.where(both, y - mean_y, 0.0) - slope * deviation
    ordinary = math.sqrt(float(residual @ residual) / (n - 2) / spread)
    # Centred, the slope's own score is all that its variance needs.
    score = residual * deviation
    total = float(score @ score)
    for lag in range(1, min(lags, len(x) - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(score[lag:] @ score[:-lag])
    robust = math.sqrt(max(total, 0.0) * n / (n - 2)) / spread
    if ordinary == 0 or robust == 0:
        return None
    t, t_hac = slope / ordinary, slope / robust
    p, p_hac = (2 * float(student.sf(abs(value), n - 2)) for value in (t, t_hac))
    return Line(n, mean_y - slope * mean_x, slope, t, p, t_hac, p_hac, lags)
