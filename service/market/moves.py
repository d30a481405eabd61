"""How far and how violently the price moved in each bar: vectorised, NaN wherever a bar it needs is missing.

All inputs are columns of closed bars, strictly rising in `open_at` (int64 UTC milliseconds), gaps simply absent; all
outputs have the input's length. A move over a hole is not a move of one bar, so it is NaN and never bridged. A bar's
moves can be known at its close, not before: `Moves.available_at` carries that instant beside every figure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInput
from service.instants import Interval

Floats = NDArray[np.float64]
Millis = NDArray[np.int64]

PARKINSON = 1.0 / (4.0 * np.log(2.0))
"""Scales a squared log range to a variance: Parkinson (1980), Journal of Business 53(1), eq. (4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Per bar: `log_return` ln(close / close before), `volatility` over one bar (not annualised), `is_realised` whether
    that came from finer bars (else Parkinson), `log_range` ln(high / low), `volume_change` ln(volume / volume before).

    Row i covers [open_at, open_at + interval) and is known at `available_at`, its end. NaN: could not be computed.
    """

    open_at: Millis
    available_at: Millis
    log_return: Floats
    volatility: Floats
    is_realised: NDArray[np.bool_]
    log_range: Floats
    volume_change: Floats


@dataclass(frozen=True, slots=True, eq=False)
class FinerBars:
    """Closes of bars of a shorter interval of the same market, strictly rising in `open_at`."""

    interval: Interval
    open_at: Millis
    close: Floats


def measure(
    *,
    interval: Interval,
    open_at: Millis,
    high: Floats,
    low: Floats,
    close: Floats,
    volume: Floats,
    finer: FinerBars | None = None,
) -> Moves:
    """All moves of one series of bars; volatility from `finer` wherever it covers a bar whole, else from the range.

    Raises `BadInput` when instants do not strictly rise or `finer` is not a divisor of the interval.
    """
    volatility = parkinson(high, low)
    is_realised = np.zeros(len(open_at), dtype=np.bool_)
    if finer is not None:
        realised = realised_volatility(open_at, interval, finer)
        is_realised = np.isfinite(realised)
        volatility = np.where(is_realised, realised, volatility)
    return Moves(
        open_at=open_at,
        available_at=open_at + interval.millis,
        log_return=log_changes(close, open_at, interval),
        volatility=volatility,
        is_realised=is_realised,
        log_range=log_range(high, low),
        volume_change=log_changes(volume, open_at, interval),
    )


def log_changes(values: Floats, open_at: Millis, interval: Interval) -> Floats:
    """ln(value / value of the bar right before); NaN for the first bar, after a gap, and where either is not > 0.

    With closes this is the log return r_t = ln(P_t / P_{t−1}) (Campbell, Lo & MacKinlay 1997, eq. 1.4.5).
    """
    _ensure_rising(open_at, "open_at")
    changes = np.full(len(values), np.nan)
    if len(values) < 2:
        return changes
    positive = np.where(values > 0, values, np.nan)
    logs = np.log(positive)
    adjacent = np.diff(open_at) == interval.millis
    changes[1:] = np.where(adjacent, np.diff(logs), np.nan)
    return changes


def log_range(high: Floats, low: Floats) -> Floats:
    """ln(high / low) ≥ 0: the widest the price was apart within the bar."""
    return np.log(np.asarray(high, dtype=np.float64) / np.asarray(low, dtype=np.float64))


def parkinson(high: Floats, low: Floats) -> Floats:
    """Volatility of one bar from its range: sqrt(ln(high/low)² / (4 ln 2)); same unit as a log return.

    Parkinson (1980), "The extreme value method for estimating the variance of the rate of return", eq. (4), for a
    single bar. It assumes a driftless path seen without pause, so a bad wick inflates it and rare trades deflate it.
    """
    scaled: Floats = np.sqrt(PARKINSON) * log_range(high, low)
    return scaled


def realised_volatility(open_at: Millis, interval: Interval, finer: FinerBars) -> Floats:
    """Root of the summed squared log returns of the finer bars inside each bar; NaN unless every one of them exists.

    Andersen & Bollerslev (1998), International Economic Review 39(4), eq. (6): RV_t = sum of r²_{t,i} over the bar. The
    first return starts at the close just before the bar, so the finer bar before it must be held as well.
    """
    parts, remainder = divmod(interval.millis, finer.interval.millis)
    if remainder or parts < 2:
        raise BadInput("finer.interval", finer.interval.value, f"give bars that divide {interval.value} evenly")
    _ensure_rising(open_at, "open_at")
    squared = log_changes(finer.close, finer.open_at, finer.interval) ** 2
    begin = np.searchsorted(finer.open_at, open_at, side="left")
    end = np.searchsorted(finer.open_at, open_at + interval.millis, side="left")
    complete = end - begin == parts
    # Summed bar by bar, not as the difference of running sums: a bar's figure depends on its own parts alone.
    volatility = np.full(len(open_at), np.nan)
    volatility[complete] = np.sqrt(squared[begin[complete][:, None] + np.arange(parts)].sum(axis=1))
    return volatility


def _ensure_rising(open_at: Millis, field: str) -> None:
    if len(open_at) > 1 and not bool(np.all(np.diff(open_at) > 0)):
        raise BadInput(field, "not strictly rising", "sort the bars by opening instant and drop repeats first")
