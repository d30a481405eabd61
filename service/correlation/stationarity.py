"""The gate before every estimator: may this series be correlated at all?"""

import warnings

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import Stationarity
from service.wording import Worded, word

MINIMUM = 20
"""Fewer values than this are too short to say."""

LEVEL = 0.05


def examine(name: str, values: NDArray[np.float64], *, may_be_used: bool = True) -> Stationarity:
    """ADF and KPSS (constant only) on the values held, in order of time; NaN are left out.

    ADF's null is a unit root (lags by AIC), KPSS's null is stationarity (automatic bandwidth; its p-value is only
    tabled between 0.01 and 0.1 and is reported at those ends beyond). The conclusion is `stationary` when ADF rejects
    and KPSS does not, `not stationary` when KPSS rejects and ADF does not, `unclear` when they disagree otherwise,
    `too short` below twenty values or without variance. `is_used` is False for the last, for `not stationary`, and
    where `may_be_used` says that the series is only shown (levels).
    """
    held = values[np.isfinite(values)]
    if len(held) < MINIMUM or np.ptp(held) == 0:
        return Stationarity(name, len(held), None, None, None, None, is_used=False, conclusion="too short")
    adf_statistic, adf_p = augmented_dickey_fuller(held)
    kpss_statistic, kpss_p = kwiatkowski_phillips_schmidt_shin(held)
    conclusion = _conclude(has_root=adf_p >= LEVEL, has_trend=kpss_p < LEVEL)
    is_used = may_be_used and conclusion != "not stationary"
    return Stationarity(name, len(held), adf_statistic, adf_p, kpss_statistic, kpss_p, is_used, conclusion)


def _conclude(*, has_root: bool, has_trend: bool) -> str:
    if has_root and has_trend:
        return "not stationary"
    return "unclear" if has_root or has_trend else "stationary"


def augmented_dickey_fuller(values: NDArray[np.float64]) -> tuple[float, float]:
    """Statistic and p-value; constant, lag order by AIC. Equal to statsmodels' `autolag="AIC"`, at a fraction of it."""
    from statsmodels.tsa.stattools import adfuller

    result = adfuller(values, maxlag=choose_lags(values), regression="c", autolag=None, result_object=True)
    return float(result.statistic), float(result.pvalue)


def choose_lags(values: NDArray[np.float64]) -> int:
    """The number of lagged differences with the least AIC, up to 12·(n/100)^¼ (Schwert's rule).

    The candidates are nested, so one QR decomposition of the widest regression tells every residual sum of squares:
    that of the first k columns is |y|² minus the squares of the first k coordinates of Qᵀy.
    """
    n = len(values)
    most = min(int(np.ceil(12.0 * (n / 100.0) ** 0.25)), n // 2 - 2)
    change = np.diff(values)
    y = change[most:]
    lagged = [change[most - lag : len(change) - lag] for lag in range(1, most + 1)]
    with_y = np.column_stack([np.ones(len(y)), values[most:-1], *lagged, y])
    triangle: NDArray[np.float64] = np.asarray(np.linalg.qr(with_y, mode="r"))
    coordinates = triangle[:-1, -1]  # Qᵀy without Q, which would cost as much again
    left = y @ y - np.cumsum(coordinates**2)[1:]
    columns = np.arange(2, most + 3)
    aic = len(y) * np.log(np.maximum(left, np.finfo(float).tiny) / len(y)) + 2 * columns
    return int(np.argmin(aic))


def kwiatkowski_phillips_schmidt_shin(values: NDArray[np.float64]) -> tuple[float, float]:
    """Statistic and p-value (0.01–0.1, the range of the table); constant, automatic bandwidth."""
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import kpss

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # says only that p lies beyond the table's ends
        result = kpss(values, regression="c", nlags="auto", result_object=True)
    return float(result.statistic), float(result.pvalue)


def refuse_levels(close: Stationarity) -> Worded:
    """Why the price itself is never set against sentiment, with this sample's figures."""
    if close.adf_p is None or close.kpss_p is None:
        return word(
            "close against sentiment in levels: refused, prices in levels wander, and any two wandering series look "
            "related; log returns are used"
        )
    return word(
        "close against sentiment in levels: refused, prices in levels wander, and any two wandering series look "
        "related (here ADF {adf}, p {adf_p:.3f}; KPSS {kpss}, p {kpss_p:.3f}); log returns are used",
        adf=word("does not reject a unit root" if close.adf_p >= LEVEL else "rejects a unit root"),
        adf_p=close.adf_p,
        kpss=word("rejects stationarity" if close.kpss_p < LEVEL else "does not reject stationarity"),
        kpss_p=close.kpss_p,
    )
