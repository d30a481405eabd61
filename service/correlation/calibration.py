"""The study's certificate: how often it cries wolf on its own data, and the least effect it could have seen."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.correlation.bootstrap import block_length
from service.correlation.leadlag import Scan, largest
from service.correlation.results import Calibration
from service.correlation.scan import correlate, lay_out
from service.correlation.worlds import critical_value

_BATCH = 100
_POWER_80 = 0.8416212335729143
"""The standard normal's 80 % quantile."""


def reshuffled(
    sentiment: NDArray[np.float64], count: int, generator: np.random.Generator, *, period: int = 1
) -> NDArray[np.float64]:
    """`count` worlds × bars of the real sentiment in another order: blocks of it, missing bars and all.

    A stationary bootstrap (Politis & Romano 1994) whose jumps move by whole days (`period` bars), so the hour of the
    day stays where it was. Unlike the surrogates the verdict is judged by, these worlds assume no model.
    """
    bars = len(sentiment)
    held = np.isfinite(sentiment)
    circle = max(period, bars // period * period)
    mean_block = max(2.0, block_length(sentiment[held]) / max(float(held.mean()), 1e-9))
    jump = generator.random((count, bars)) < 1 / mean_block
    jump[:, 0] = True
    time = np.arange(bars)
    days = generator.integers(0, circle // period, size=(count, bars))
    since = np.maximum.accumulate(np.where(jump, time, 0), axis=1)
    start = np.take_along_axis(days, since, axis=1) * period + since % period
    worlds: NDArray[np.float64] = sentiment[(start + time - since) % circle]
    return worlds


def calibrate(
    sentiment: NDArray[np.float64],
    outcomes: Mapping[str, NDArray[np.float64]],
    scans: Sequence[Scan],
    *,
    headline_n: float,
    runs: int,
    seed: int,
    period: int = 1,
) -> Calibration:
    """Run the headline test, "is any correlation of the whole family beyond its bands?", where nothing can be found.

    Each run cuts the link by re-ordering the real sentiment in blocks and scans the real outcomes again. The least
    effect is that of the first outcome at one lag; `headline_n` is its effective number of pairs.
    """
    if not scans or not runs:
        return Calibration(0, None, None, 0)
    bands = [critical_value(largest(scan.null_pearson)) for scan in scans]
    threshold = critical_value(joint(scans, bands))
    alarms = 0
    generator = np.random.default_rng([seed, 3])
    laid = [lay_out(outcomes[scan.outcome], scan.lags) for scan in scans]
    for first in range(0, runs, _BATCH):
        worlds = reshuffled(sentiment, min(_BATCH, runs - first), generator, period=period)
        ratios = [largest(correlate(worlds, place)) / band for place, band in zip(laid, bands, strict=True)]
        alarms += int(np.count_nonzero(np.max(ratios, axis=0) > threshold))
    pairs = int(scans[0].n[scans[0].lags == 0][0])
    return Calibration(runs, alarms / runs, least_effect(threshold * bands[0], headline_n), pairs)


def joint(scans: Sequence[Scan], bands: Sequence[float]) -> NDArray[np.float64]:
    """Per surrogate world the largest |r| in units of its outcome's own band, over all outcomes and lags."""
    ratios: NDArray[np.float64] = np.max(
        [largest(scan.null_pearson) / band for scan, band in zip(scans, bands, strict=True)], axis=0
    )
    return ratios


def least_effect(critical: float, effective_n: float) -> float | None:
    """The true |r| whose estimate exceeds `critical` in 80 % of samples worth `effective_n` independent pairs.

    R. A. Fisher's (1915) z: atanh r̂ is near normal around atanh r with standard error 1/√(n − 3).
    """
    if effective_n <= 4 or not 0 < critical < 1:
        return None
    return math.tanh(math.atanh(critical) + _POWER_80 / math.sqrt(effective_n - 3))
