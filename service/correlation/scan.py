"""The correlation kernel: pairwise-complete correlations of many sentiment worlds with one outcome over many lags."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINIMUM_PAIRS = 4
"""Fewer pairs than this give no coefficient."""


@dataclass(frozen=True, slots=True, eq=False)
class LaggedOutcome:
    """An outcome laid out so that one matrix product correlates it with any number of worlds.

    Column j of `values` (bars × lags) holds the outcome at t + lags[j] in row t, centred, 0 where missing;
    `present` is 1.0 where it is not missing.
    """

    lags: NDArray[np.int64]
    values: NDArray[np.float64]
    squares: NDArray[np.float64]
    present: NDArray[np.float64]


def lay_out(outcome: NDArray[np.float64], lags: NDArray[np.int64]) -> LaggedOutcome:
    """The outcome (one value per bar, NaN where missing) shifted by every lag."""
    held = np.isfinite(outcome)
    centred = np.where(held, outcome - (outcome[held].mean() if held.any() else 0.0), 0.0)
    scale = np.abs(centred).max(initial=0.0)
    centred = centred / scale if scale > 0 else centred
    rows = np.arange(len(outcome))[:, None] + lags[None, :]
    inside = (rows >= 0) & (rows < len(outcome))
    rows = np.where(inside, rows, 0)
    values = np.where(inside, centred[rows], 0.0)
    present = (inside & held[rows]).astype(np.float64)
    return LaggedOutcome(lags, values, values**2, present)


def correlate(worlds: NDArray[np.float64], outcome: LaggedOutcome) -> NDArray[np.float64]:
    """Pearson's r over the pairs both sides hold, per world (row) and lag (column).

    `worlds` is worlds × bars, NaN where missing. The result is worlds × lags, NaN where fewer than four pairs or no
    variance is left. Six sums per pair of columns by matrix products: O(worlds · bars · lags) in BLAS, no loops.
    """
    held = np.isfinite(worlds)
    one_mask = bool((held == held[:1]).all())
    mask = (held[:1] if one_mask else held).astype(np.float64)
    count = np.maximum(held.sum(axis=1, keepdims=True), 1)
    x = np.where(held, worlds, 0.0)
    x = np.where(held, x - x.sum(axis=1, keepdims=True) / count, 0.0)
    n = mask @ outcome.present
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x = (x @ outcome.present) / n
        mean_y = (mask @ outcome.values) / n
        variance_x = ((x**2) @ outcome.present) / n - mean_x**2
        variance_y = (mask @ outcome.squares) / n - mean_y**2
        r = ((x @ outcome.values) / n - mean_x * mean_y) / np.sqrt(variance_x * variance_y)
    spread = (x**2).sum(axis=1, keepdims=True) / count
    told = (n >= MINIMUM_PAIRS) & (variance_x > 1e-12 * spread) & (variance_y > 1e-14)
    return np.where(told, np.clip(r, -1.0, 1.0), np.nan)


def pair_counts(sentiment: NDArray[np.float64], outcome: LaggedOutcome) -> NDArray[np.int64]:
    """Number of complete pairs at each lag."""
    held = np.isfinite(sentiment).astype(np.float64)
    return np.rint(held @ outcome.present).astype(np.int64)


def ranked(worlds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average ranks within each row, 1 … number held. All rows miss the same bars; NaN stays NaN."""
    from scipy.stats import rankdata

    held = np.isfinite(worlds[0])
    ranks = np.full(worlds.shape, np.nan)
    ranks[:, held] = rankdata(worlds[:, held], axis=1)
    return ranks


def paired(x: NDArray[np.float64], y: NDArray[np.float64], lag: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The complete pairs (x at t, y at t + lag), in order of time."""
    bars = len(x)
    if abs(lag) >= bars:
        return np.empty(0), np.empty(0)
    left, right = (x[: bars - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[: bars + lag])
    both = np.isfinite(left) & np.isfinite(right)
    return left[both], right[both]


def pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Pearson's r of complete pairs; None below four pairs or without variance."""
    if len(x) < MINIMUM_PAIRS:
        return None
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    if scale <= 1e-300 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return max(-1.0, min(1.0, float(x @ y) / scale))


def spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Spearman's rank correlation of complete pairs: Pearson's r of their average ranks."""
    from scipy.stats import rankdata

    return pearson(rankdata(x), rankdata(y))


def kendall(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Kendall's τ-b of complete pairs; None below four pairs or without variance."""
    from scipy.stats import kendalltau

    if len(x) < MINIMUM_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(kendalltau(x, y).statistic)
