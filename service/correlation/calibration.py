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
_PIECES = 10
_POWER_80 = 0.8416212335729143
"""The standard normal's 80 % quantile."""


def misdated(
    sentiment: NDArray[np.float64], count: int, generator: np.random.Generator, *, period: int, reach: int
) -> NDArray[np.float64]:
    """`count` worlds × bars of the real sentiment at wrong dates: long pieces of it, missing bars and all.

    A stationary bootstrap (Politis & Romano 1994) of long blocks, each moved by whole periods (`period` bars, a week)
    and by more than `reach` bars either way, so the calendar stays and no bar comes near its own date. Unlike the
    surrogates the verdict is judged by, these worlds assume no model. Empty where the sample is too short to move.
    """
    bars = len(sentiment)
    moves = np.arange(period, bars, period)
    moves = moves[(moves > reach) & (moves < bars - reach)]
    if not len(moves):
        return np.empty((0, bars))
    held = np.isfinite(sentiment)
    own_memory = block_length(sentiment[held]) / max(float(held.mean()), 1e-9)
    mean_block = max(own_memory, 2.0 * reach, bars / _PIECES)
    starts_piece = generator.random((count, bars)) < 1 / mean_block
    starts_piece[:, 0] = True
    time = np.arange(bars)
    began = np.maximum.accumulate(np.where(starts_piece, time, 0), axis=1)
    move = np.take_along_axis(generator.choice(moves, size=(count, bars)), began, axis=1)
    worlds: NDArray[np.float64] = sentiment[(time + move) % bars]
    return worlds


def calibrate(
    sentiment: NDArray[np.float64],
    outcomes: Mapping[str, NDArray[np.float64]],
    scans: Sequence[Scan],
    *,
    headline_n: float,
    runs: int,
    seed: int,
    period: int,
) -> Calibration:
    """Run the headline test, "is any correlation of the whole family beyond its bands?", where nothing can be found.

    Each run cuts the link by setting pieces of the real sentiment at wrong dates, `period` bars (a week) at a time,
    and scans the real outcomes again. The least effect is that of the first outcome at one lag; `headline_n` is its
    effective number of pairs.
    """
    if not scans or not runs:
        return Calibration(0, None, None, 0)
    bands = [critical_value(largest(scan.null_pearson)) for scan in scans]
    threshold = critical_value(joint(scans, bands))
    pairs = int(scans[0].n[scans[0].lags == 0][0])
    found_at_80 = least_effect(threshold * bands[0], headline_n)
    alarms = 0
    generator = np.random.default_rng([seed, 3])
    laid = [lay_out(outcomes[scan.outcome], scan.lags) for scan in scans]
    for first in range(0, runs, _BATCH):
        count = min(_BATCH, runs - first)
        worlds = misdated(sentiment, count, generator, period=period, reach=2 * int(scans[0].lags[-1]))
        if not len(worlds):
            return Calibration(0, None, found_at_80, pairs)
        ratios = [largest(correlate(worlds, place)) / band for place, band in zip(laid, bands, strict=True)]
        alarms += int(np.count_nonzero(np.max(ratios, axis=0) > threshold))
    return Calibration(runs, alarms / runs, found_at_80, pairs)


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
