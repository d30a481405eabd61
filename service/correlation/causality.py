"""Granger's question both ways: do past values of one series help to tell the other beyond its own past?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import Direction, Granger

_ROWS_PER_COEFFICIENT = 5
_LEAST_ROWS = 20
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class NestedTest:
    """F test of nested regressions: n rows, q restrictions, F and its p, and the robust Wald p on the same rows."""

    n: int
    lags: int
    f: float | None
    p: float | None
    p_robust: float | None


def granger(
    direction: Direction, cause: str, effect: str, x: NDArray[np.float64], y: NDArray[np.float64], *, maximum_lag: int
) -> Granger:
    """Does `x` (cause) help to tell `y` (effect)? Columns over the bars, NaN where missing; lag order by BIC.

    The order minimises the BIC of the regression of y on `lags` own and `lags` foreign past values, compared on the
    rows complete for the longest order the data can carry (`choose_order`).
    """
    order = choose_order(x, y, maximum_lag)
    if order is None:
        return Granger(direction, cause, effect, 0, 0, None, None, None)
    test = nested_test(x, y, order)
    return Granger(direction, cause, effect, test.n, order, test.f, test.p, test.p_robust)


def choose_order(x: NDArray[np.float64], y: NDArray[np.float64], maximum_lag: int) -> int | None:
    """The lag order of least BIC, 1 … `maximum_lag`; None when not even one lag has rows enough.

    The longest order compared is the longest with five rows per coefficient and half the rows that one lag has: with
    missing bars every further lag costs rows, and orders judged on a remnant would be judged on another sample.
    """
    own, foreign = unbroken(y), unbroken(x)
    rows = [int(np.sum((own[1:] > lags) & (foreign[:-1] >= lags))) for lags in range(1, maximum_lag + 1)]
    for longest in range(maximum_lag, 0, -1):
        least = max(_LEAST_ROWS, _LEAST_SHARE * rows[0], _ROWS_PER_COEFFICIENT * (2 * longest + 1))
        if rows[longest - 1] >= least:
            return _least_bic(*regressors(x, y, longest), longest)
    return None


def unbroken(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many bars in a row are held up to and including each."""
    bar = np.arange(1, len(values) + 1)
    since: NDArray[np.int64] = bar - np.maximum.accumulate(np.where(np.isfinite(values), 0, bar))
    return since


def _least_bic(design: NDArray[np.float64], target: NDArray[np.float64], longest: int) -> int:
    """One pass over the rows: all smaller orders are sub-systems of the same normal equations."""
    gram, moments, total, n = design.T @ design, design.T @ target, float(target @ target), len(target)
    best, order = np.inf, 1
    for lags in range(1, longest + 1):
        keep = columns_of(lags, longest)
        coefficients = np.linalg.lstsq(gram[np.ix_(keep, keep)], moments[keep], rcond=None)[0]
        residual = max(total - float(moments[keep] @ coefficients), 1e-300)
        criterion = n * np.log(residual / n) + (2 * lags + 1) * np.log(n)
        if criterion < best - 1e-9:
            best, order = criterion, lags
    return order


def columns_of(lags: int, longest: int) -> NDArray[np.int64]:
    """Columns of a design for `longest` lags that a regression with fewer lags needs: constant, own, foreign."""
    return np.concatenate([[0], 1 + np.arange(lags), 1 + longest + np.arange(lags)])


def nested_test(x: NDArray[np.float64], y: NDArray[np.float64], lags: int, *, extra: int = 0) -> NestedTest:
    """The joint test that `lags` past values of `x` add nothing to `lags` past values of `y`, on all complete rows.

    `p` is that of F with (lags, n − 2·lags − 1) degrees of freedom; `p_robust` that of Wald/lags with the HC3
    covariance (J. G. MacKinnon & H. White 1985, J. Econometrics 29). None where the regression is singular. `extra`
    lags more of both stand in the regression and are not tested (`toda_yamamoto`).
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve
    from scipy.stats import f as f_distribution

    design, target = regressors(x, y, lags + extra)
    n, width = len(target), 2 * (lags + extra) + 1
    if n <= width + 1:
        return NestedTest(n, lags, None, None, None)
    try:
        factor = cho_factor(design.T @ design)
        inverse = cho_solve(factor, np.eye(width))
    except LinAlgError:
        return NestedTest(n, lags, None, None, None)
    coefficients = inverse @ (design.T @ target)
    residual = target - design @ coefficients
    foreign = slice(1 + lags + extra, 1 + 2 * lags + extra)
    effect = coefficients[foreign]
    variance = float(residual @ residual) / (n - width)
    leverage = ((design @ inverse) * design).sum(axis=1)
    if variance <= 0 or leverage.max() >= 1 - 1e-9:
        return NestedTest(n, lags, None, None, None)
    f = float(effect @ np.linalg.solve(inverse[foreign, foreign], effect)) / (lags * variance)
    weighted = design * (residual / (1 - leverage))[:, None]
    robust = (inverse @ (weighted.T @ weighted) @ inverse)[foreign, foreign]
    wald = float(effect @ np.linalg.solve(robust, effect)) / lags
    return NestedTest(
        n,
        lags,
        f,
        float(f_distribution.sf(f, lags, n - width)),
        float(f_distribution.sf(wald, lags, n - width)),
    )


def regressors(
    x: NDArray[np.float64], y: NDArray[np.float64], lags: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows complete in y and in both series' last `lags` bars: [1, own lags 1…, foreign lags 1…], and the target.

    Columns are centred and scaled first: the test does not change, the normal equations are better conditioned.
    """
    design, target = lay_out_lags(x, y, lags)
    complete = np.isfinite(target) & np.isfinite(design).all(axis=1)
    return design[complete], target[complete]


def lay_out_lags(
    x: NDArray[np.float64], y: NDArray[np.float64], lags: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for every bar from `lags` on, NaN where anything is missing."""
    x, y = _standardised(x), _standardised(y)
    bars = len(y)
    if bars <= lags:
        return np.empty((0, 2 * lags + 1)), np.empty(0)
    own = [y[lags - k : bars - k] for k in range(1, lags + 1)]
    foreign = [x[lags - k : bars - k] for k in range(1, lags + 1)]
    return np.column_stack([np.ones(bars - lags), *own, *foreign]), y[lags:]


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    held = values[np.isfinite(values)]
    if not len(held):
        return values
    scaled: NDArray[np.float64] = (values - held.mean()) / (held.std() or 1.0)
    return scaled
