"""Same-bar association: Pearson and Spearman, what they are worth, and how sure one may be of them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.correlation.autocovariance import autocovariance
from service.correlation.bootstrap import correlation_interval
from service.correlation.leadlag import Scan
from service.correlation.results import Association
from service.correlation.scan import paired, pearson, spearman
from service.correlation.worlds import holm, tail_share


def effective_n(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """How many independent pairs the complete pairs of two columns (NaN where missing) are worth, 3 … n.

    n / (1 + 2 Σ (pairs at lag k / n) ρₓ(k) ρᵧ(k)) over lags up to a quarter of the bars, which without holes is
    the product formula with its weight 1 − k/n: M. S. Bartlett (1935), Some aspects of
    the time-correlation problem, JRSS 98; M. H. Quenouille (1947), JRSS 110. Autocorrelations are pairwise complete.
    """
    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < 8 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return None
    furthest = len(x) // 4
    (own, pairs), (other, _) = (autocovariance(np.where(both, column, np.nan)) for column in (x, y))
    products = (own * other / (own[0] * other[0]))[1 : furthest + 1]
    weight = (pairs / len(x))[1 : furthest + 1]
    inflation = 1 + 2 * float(weight @ products) * len(x) / n
    return max(3.0, n / max(inflation, 1.0))


def associate(
    scans: Sequence[Scan],
    sentiment: NDArray[np.float64],
    outcomes: Mapping[str, NDArray[np.float64]],
    *,
    seed: int,
    resamples: int,
) -> tuple[Association, ...]:
    """One row per scanned outcome; `scans` hold the worlds' same-bar correlations in their column of lag 0."""
    p_values = [_share(scan.null_pearson, scan.pearson, scan.lags) for scan in scans]
    adjusted = holm(p_values)
    rows = []
    for position, scan in enumerate(scans):
        x, y = paired(sentiment, outcomes[scan.outcome], 0)
        generator = np.random.default_rng([seed, 2, position])
        interval = correlation_interval(x, y, generator, resamples=resamples)
        rows.append(
            Association(
                outcome=scan.outcome,
                n=len(x),
                effective_n=effective_n(sentiment, outcomes[scan.outcome]),
                pearson=pearson(x, y),
                pearson_low=interval[0] if interval else None,
                pearson_high=interval[1] if interval else None,
                pearson_p=p_values[position],
                spearman=spearman(x, y),
                spearman_p=_share(scan.null_ranks, scan.ranks, scan.lags),
                p_holm=adjusted[position],
            )
        )
    return tuple(rows)


def _share(null: NDArray[np.float64], observed: NDArray[np.float64], lags: NDArray[np.int64]) -> float | None:
    """Two-sided surrogate p-value at lag 0."""
    at = int(np.flatnonzero(lags == 0)[0])
    if not math.isfinite(observed[at]):
        return None
    return tail_share(np.abs(null[:, at]), abs(float(observed[at])))
