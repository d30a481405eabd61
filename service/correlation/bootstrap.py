"""Stationary bootstrap of a correlation, with the block length chosen from the data.

D. N. Politis & J. P. Romano (1994), The stationary bootstrap, JASA 89; block length after D. N. Politis & H. White
(2004), Automatic block-length selection for the dependent bootstrap, Econometric Reviews 23, with the correction of
A. Patton, D. N. Politis & H. White (2009), Econometric Reviews 28.
"""

import math

import numpy as np
from numpy.typing import NDArray


def block_length(values: NDArray[np.float64]) -> float:
    """Mean block length (bars, ≥ 1) for the stationary bootstrap of one complete series.

    m̂ is the first lag that begins a run of max(5, log₁₀ n) autocorrelations within ±2·√(log₁₀ n / n); over the
    flat-top window of width M = 2 m̂, with R the autocovariances, g = Σ λ(k/M)|k|R(k) and s = Σ λ(k/M)R(k), the length
    is (g/s)^⅔ · n^⅓, at most min(3√n, n/3).
    """
    n = len(values)
    if n < 20 or np.ptp(values) == 0:
        return 1.0
    deviation = values - values.mean()
    in_a_row = max(5, int(math.log10(n)))
    furthest = min(math.ceil(math.sqrt(n)) + in_a_row, n - 2)
    products = np.array([deviation[lag:] @ deviation[: n - lag] for lag in range(furthest + 1)])
    tails = np.array([_tails(deviation, lag + 1) for lag in range(furthest + 1)])
    quiet = np.abs(products) < 2 * math.sqrt(math.log10(n) / n) * tails
    window = min(2 * _first_quiet_run(quiet, in_a_row), furthest)
    lags = np.arange(1, window + 1)
    taper = np.where(lags <= window / 2, 1.0, 2 * (1 - lags / window))
    weighted = 2 * taper * products[1 : window + 1] / n
    slope, level = float(lags @ weighted), float(products[0] / n + weighted.sum())
    if level == 0:
        return 1.0
    length = ((slope / level) ** 2) ** (1 / 3) * n ** (1 / 3)
    return float(min(max(length, 1.0), math.ceil(min(3 * math.sqrt(n), n / 3))))


def _tails(deviation: NDArray[np.float64], lag: int) -> float:
    """Root of the summed squares after `lag` times those before: the scale of the autocorrelation there."""
    late, early = deviation[lag:], deviation[: len(deviation) - lag]
    return math.sqrt(float(late @ late) * float(early @ early))


def _first_quiet_run(quiet: NDArray[np.bool_], in_a_row: int) -> int:
    """The first lag that begins `in_a_row` unremarkable ones; the last lag looked at if there is none."""
    last = len(quiet) - 1
    counted = np.concatenate([[0], np.cumsum(quiet[:last])])
    runs = np.flatnonzero(counted[in_a_row:] - counted[:-in_a_row] == in_a_row)
    return max(int(runs[0]), 1) if len(runs) else last


def correlation_interval(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    generator: np.random.Generator,
    *,
    resamples: int = 999,
    coverage: float = 0.95,
) -> tuple[float, float] | None:
    """Percentile interval of Pearson's r of complete pairs in order of time; None where r is not defined.

    The block length is the longer of the two series' own. Blocks wrap around; the sums over a block are differences of
    running sums, so a resample costs its blocks, not its bars.
    """
    if len(x) < 8 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    r = resampled_correlations(x, y, generator, resamples, max(block_length(x), block_length(y)))
    r = r[np.isfinite(r)]
    if len(r) < resamples / 2:
        return None
    low, high = np.quantile(r, [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)


def resampled_correlations(
    x: NDArray[np.float64], y: NDArray[np.float64], generator: np.random.Generator, resamples: int, mean_block: float
) -> NDArray[np.float64]:
    """Pearson's r of `resamples` stationary-bootstrap resamples of the pairs (geometric blocks, wrapping)."""
    n = len(x)
    x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    sums = resampled_sums(np.column_stack([x, y, x * x, y * y, x * y]), generator, resamples, mean_block)
    mean_x, mean_y, square_x, square_y, product = (sums / n).T
    variance = (square_x - mean_x**2) * (square_y - mean_y**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0, (product - mean_x * mean_y) / np.sqrt(variance), np.nan)


def resampled_sums(
    columns: NDArray[np.float64], generator: np.random.Generator, resamples: int, mean_block: float
) -> NDArray[np.float64]:
    """Column sums (resamples × columns) of stationary-bootstrap resamples of the rows, in order of time."""
    n = len(columns)
    running = np.vstack([np.zeros(columns.shape[1]), np.cumsum(np.vstack([columns, columns]), axis=0)])
    sums = np.empty((resamples, columns.shape[1]))
    for index in range(resamples):
        starts, lengths = _blocks(n, mean_block, generator)
        sums[index] = (running[starts + lengths] - running[starts]).sum(axis=0)
    return sums


def _blocks(n: int, mean_block: float, generator: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts and lengths of blocks that fill `n` bars: geometric lengths of mean `mean_block`, the last one cut."""
    count = int(n / mean_block * 1.2) + 10
    lengths = generator.geometric(1 / max(mean_block, 1.0), size=count)
    while lengths.sum() < n:
        lengths = np.concatenate([lengths, generator.geometric(1 / max(mean_block, 1.0), size=count)])
    ends = np.minimum(np.cumsum(lengths), n)
    used = int(np.searchsorted(ends, n)) + 1
    lengths = np.diff(ends[:used], prepend=0)
    return generator.integers(0, n, size=used), lengths
