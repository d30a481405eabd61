"""Statistics of everything before a bar: what may be known there, and nothing later."""

from bisect import insort
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def expanding_moments(values: NDArray[np.float64], *, least: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation (n − 1) of the values held strictly before each bar, NaN below `least` of them."""
    held = np.isfinite(values)
    centre = float(values[held].mean()) if held.any() else 0.0  # only keeps the sums of squares from cancelling
    deviation = np.where(held, values - centre, 0.0)
    n = _before(held.astype(np.float64))
    total, squares = _before(deviation), _before(deviation**2)
    enough = n >= max(least, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        spread = np.sqrt(np.maximum(squares - n * mean**2, 0.0) / (n - 1))
    return np.where(enough, mean + centre, np.nan), np.where(enough, spread, np.nan)


def expanding_quantiles(values: NDArray[np.float64], shares: Sequence[float], *, least: int) -> NDArray[np.float64]:
    """Quantiles (bars × shares, linear between order statistics) of the values held strictly before each bar.

    NaN below `least` values.
    """
    edges = np.full((len(values), len(shares)), np.nan)
    before: list[float] = []
    for bar, value in enumerate(values.tolist()):
        if len(before) >= max(least, 1):
            edges[bar] = [_between(before, share) for share in shares]
        if value == value:
            insort(before, value)
    return edges


def _between(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running sum of everything before each bar."""
    return np.concatenate([[0.0], np.cumsum(values)[:-1]]) if len(values) else values
