"""Sentiment worlds without the link: what the sentiment could have been, had it known nothing of the market.

Each world is drawn from an autoregression fitted to the sentiment itself (an AR sieve: P. Bühlmann 1997, Sieve
bootstrap for time series, Bernoulli 3), so it keeps the sentiment's persistence, spread and missing bars, and its
daily cycle where it has one; the market stays as it was. A correlation is judged by how often such worlds beat it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAXIMUM_ORDER = 5
BURN_IN = 200
_LARGEST_ROOT = 0.995
_ENOUGH_ROWS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """A fitted autoregression s_t = cycle + Σ coefficients·(earlier deviations) + a drawn residual.

    `cycle` (length = period, 1 for none) is the mean by phase of the day; `residuals` are centred.
    """

    cycle: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    residuals: NDArray[np.float64]


def fit_sieve(sentiment: NDArray[np.float64], *, period: int = 1, maximum_order: int = MAXIMUM_ORDER) -> Sieve:
    """Fit order 0 … `maximum_order` by BIC on the runs of bars that hold a value.

    `sentiment` is one value per bar, NaN where missing, at least ten held. Where runs are too short for least squares
    the coefficients come from the pairwise-complete autocovariances (Yule–Walker) and the residuals are the values
    themselves, scaled. `period` bars make a day; the cycle is kept only if BIC asks for it.
    """
    held = np.isfinite(sentiment)
    cycle = _fit_cycle(sentiment, held, period)
    deviation = sentiment - cycle[np.arange(len(sentiment)) % len(cycle)]
    for order in range(maximum_order, 0, -1):
        if _complete_rows(held, order).sum() >= _ENOUGH_ROWS or (order == 1 and held.all()):
            return _fit_runs(deviation, order, cycle)
    return _fit_covariances(deviation, held, cycle)


def generate(sieve: Sieve, mask: NDArray[np.bool_], count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """`count` worlds × bars; NaN where `mask` (True: value held) is False. Residuals are drawn with replacement."""
    from scipy.signal import lfilter

    bars = len(mask)
    shocks = generator.choice(sieve.residuals, size=(count, bars + BURN_IN))
    if len(sieve.coefficients):
        shocks = lfilter([1.0], np.concatenate([[1.0], -sieve.coefficients]), shocks, axis=1)
    worlds = shocks[:, BURN_IN:] + sieve.cycle[np.arange(bars) % len(sieve.cycle)]
    return np.where(mask, worlds, np.nan)


def _fit_cycle(sentiment: NDArray[np.float64], held: NDArray[np.bool_], period: int) -> NDArray[np.float64]:
    """Mean by phase if BIC prefers it to one mean, else that mean alone."""
    values, phase = sentiment[held], np.flatnonzero(held) % max(period, 1)
    mean = np.array([values.mean()])
    counts = np.bincount(phase, minlength=period)
    if period <= 1 or counts.min() < 10:
        return mean
    cycle = np.bincount(phase, values, period) / counts
    n, around_mean, around_cycle = len(values), np.sum((values - mean) ** 2), np.sum((values - cycle[phase]) ** 2)
    if around_mean <= 0:
        return mean
    gain = -n * np.log(max(around_cycle / around_mean, 1e-300))
    return cycle if gain > (period - 1) * np.log(n) else mean


def _complete_rows(held: NDArray[np.bool_], order: int) -> NDArray[np.bool_]:
    """Whether bar t and the `order` bars before it are all held, for t = order …"""
    bars = len(held)
    if bars <= order:
        return np.zeros(0, np.bool_)
    rows = held[order:].copy()
    for lag in range(1, order + 1):
        rows &= held[order - lag : bars - lag]
    return rows


def _design(deviation: NDArray[np.float64], order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    bars = len(deviation)
    rows = _complete_rows(np.isfinite(deviation), order)
    columns = [deviation[order - lag : bars - lag][rows] for lag in range(1, order + 1)]
    return np.column_stack([np.ones(int(rows.sum())), *columns]), deviation[order:][rows]


def _fit_runs(deviation: NDArray[np.float64], maximum_order: int, cycle: NDArray[np.float64]) -> Sieve:
    """Least squares on complete rows: orders compared on the same rows, the chosen one refitted on all its own."""
    design, target = _design(deviation, maximum_order)
    n, best, order = len(target), np.inf, 0
    for candidate in range(maximum_order + 1):
        part = design[:, : candidate + 1]
        residual = target - part @ np.linalg.lstsq(part, target, rcond=None)[0]
        criterion = n * np.log(max(float(residual @ residual) / n, 1e-300)) + (candidate + 1) * np.log(n)
        if criterion < best - 1e-9:
            best, order = criterion, candidate
    design, target = _design(deviation, order)
    fitted = np.linalg.lstsq(design, target, rcond=None)[0]
    residual = target - design @ fitted
    return Sieve(cycle, _stable(fitted[1:]), residual - residual.mean())


def _fit_covariances(deviation: NDArray[np.float64], held: NDArray[np.bool_], cycle: NDArray[np.float64]) -> Sieve:
    """Yule–Walker of order 1 from the pairs of neighbouring bars there are; order 0 if there are hardly any."""
    values = deviation[held] - deviation[held].mean()
    neighbours = held[1:] & held[:-1]
    if neighbours.sum() < 20 or values.var() <= 0:
        return Sieve(cycle, np.empty(0), values)
    covariance = float(np.mean(deviation[1:][neighbours] * deviation[:-1][neighbours]))
    first = max(-0.98, min(0.98, covariance / float(values.var())))
    return Sieve(cycle, np.array([first]), values * np.sqrt(1 - first**2))


def _stable(coefficients: NDArray[np.floating]) -> NDArray[np.float64]:
    """The coefficients, shrunk where they would explode: sentiment is bounded, a fitted unit root is chance."""
    if not len(coefficients):
        return np.empty(0)
    largest = float(np.abs(np.roots(np.concatenate([[1.0], -coefficients]))).max())
    shrink = min(1.0, _LARGEST_ROOT / largest) if largest > 0 else 1.0
    return np.asarray(coefficients * shrink ** np.arange(1, len(coefficients) + 1), np.float64)
