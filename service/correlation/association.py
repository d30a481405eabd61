"""Same-bar association: Pearson and Spearman, what they are worth, and how sure one may be of them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.correlation.bootstrap import correlation_interval
from service.correlation.leadlag import Scan
from service.correlation.results import Association
from service.correlation.scan import paired, pearson, spearman
from service.correlation.worlds import holm, tail_share


def effective_n(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """How many independent pairs the complete pairs of two columns (NaN where missing) are worth, 3 … n.

    n / (1 + 2 Σ (1 − k/n) ρₓ(k) ρᵧ(k)) over lags up to a quarter of the bars: M. S. Bartlett (1935), Some aspects of
    the time-correlation problem, JRSS 98; M. H. Quenouille (1947), JRSS 110. Autocorrelations are pairwise complete.
    """
    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < 8 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return None
    furthest = len(x) // 4
    products = _autocorrelation(np.where(both, x, np.nan), furthest) * _autocorrelation(
        np.where(both, y, np.nan), furthest
    )
    lags = np.arange(1, furthest + 1)
    inflation = 1 + 2 * float(np.sum((1 - lags / len(x)) * products * both.mean()))
    return max(3.0, n / max(inflation, 1.0))


def _autocorrelation(values: NDArray[np.float64], furthest: int) -> NDArray[np.float64]:
    """Pairwise-complete autocorrelations at lags 1 … furthest, 0 where fewer than eight pairs are held."""
    held = np.isfinite(values)
    filled = np.where(held, values - values[held].mean(), 0.0)
    size = 1 << (2 * len(values) - 1).bit_length()
    power = np.abs(np.fft.rfft(np.vstack([filled, held.astype(np.float64)]), size, axis=1)) ** 2
    sums, pairs = np.fft.irfft(power, size, axis=1)[:, 1 : furthest + 1]
    covariance = np.divide(sums, pairs, out=np.zeros_like(sums), where=pairs > 7.5)
    correlation: NDArray[np.float64] = covariance / float(np.mean(filled[held] ** 2))
    return correlation


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
