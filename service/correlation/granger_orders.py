"""Granger's F test at every lag order at once: one pass over the rows, one small decomposition per order."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.causality import lay_out_lags, unbroken
from service.correlation.results import Direction, GrangerByOrder

_MOST_LAGS = 24


def granger_by_order(
    direction: Direction,
    cause: str,
    effect: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    longest: int = _MOST_LAGS,
) -> GrangerByOrder:
    """Does `x` (cause) help to tell `y` (effect), at orders 1 … `longest`? Columns over the bars, NaN where missing.

    Every order uses all rows complete for it, so each figure is that of `nested_test` with as many lags. Rows are
    grouped by the longest order they are complete for, and each group's products are summed once: those of order k are
    the sum over the groups k, k + 1 … Of the Cholesky factor of [1, own lags, foreign lags, y]'s products the last row
    tells both residual sums of squares: with all regressors the last entry's square, without the foreign ones also
    theirs.
    """
    from scipy.stats import f as f_distribution

    products = _products_by_order(x, y, longest)
    orders = np.arange(1, longest + 1)
    n = np.rint(products[1:, longest, longest]).astype(np.int64)
    explained, left = np.full(longest, np.nan), np.full(longest, np.nan)
    for order in range(1, longest + 1):
        if n[order - 1] > 2 * order + 2:
            explained[order - 1], left[order - 1] = _sums_of_squares(products[order], order, longest)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = (explained / orders) / (left / (n - 2 * orders - 1))
    p = f_distribution.sf(f, orders, np.maximum(n - 2 * orders - 1, 1))
    return GrangerByOrder(
        direction, cause, effect, tuple(int(rows) for rows in n), tuple(_or_none(f)), tuple(_or_none(p))
    )


def _products_by_order(x: NDArray[np.float64], y: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Products of [own lag k … 1, 1, foreign lag 1 … k, y] for orders k = 0 … `longest`.

    Each order is a block in the middle, with y last. All have the size of the widest; what lies outside an order's
    block says nothing.
    """
    # Bars before the first are missing ones, so that every bar is a row.
    before = np.full(longest, np.nan)
    design, target = lay_out_lags(np.append(before, x), np.append(before, y), longest)
    own, foreign = design[:, longest:0:-1], design[:, longest + 1 :]
    rows = np.column_stack([own, design[:, 0], foreign, target])
    reach = np.zeros(len(y), np.int64)
    reach[1:] = np.minimum(unbroken(y)[1:] - 1, unbroken(x)[:-1])
    reach = np.minimum(reach, longest)
    products = np.zeros((longest + 1, rows.shape[1], rows.shape[1]))
    for order in range(longest, 0, -1):
        block = rows[reach == order, longest - order :]
        block = np.delete(block, np.s_[2 * order + 1 : -1], axis=1)
        products[order] = _widen(block.T @ block, order, longest)
        if order < longest:
            products[order] += products[order + 1]
    return products


def _widen(block: NDArray[np.float64], order: int, longest: int) -> NDArray[np.float64]:
    """The block of one order at its place among the columns of the widest."""
    wide = np.zeros((2 * longest + 2, 2 * longest + 2))
    inside = slice(longest - order, longest + order + 1)
    wide[inside, inside] = block[:-1, :-1]
    wide[-1, inside] = wide[inside, -1] = block[-1, :-1]
    wide[-1, -1] = block[-1, -1]
    return wide


def _sums_of_squares(products: NDArray[np.float64], order: int, longest: int) -> tuple[float, float]:
    """What the foreign lags explain beyond the own ones, and what all leave; NaN where the regression is singular."""
    inside = slice(longest - order, longest + order + 1)
    block = np.empty((2 * order + 2, 2 * order + 2))
    block[:-1, :-1] = products[inside, inside]
    block[-1, :-1] = block[:-1, -1] = products[-1, inside]
    block[-1, -1] = products[-1, -1]
    try:
        last = np.linalg.cholesky(block)[-1]
    except np.linalg.LinAlgError:
        return np.nan, np.nan
    foreign = last[1 + order : 1 + 2 * order]
    return float(foreign @ foreign), float(last[-1] ** 2)


def _or_none(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
