"""Coarser candles from finer ones, only where every finer candle is held."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import CandleColumns
from service.errors import BadInput
from service.instants import Interval


def resample(candles: CandleColumns, interval: Interval) -> CandleColumns:
    """Candles of `interval` out of equal or finer ones, on the grid anchored at 1970-01-01T00:00Z.

    A coarse bar exists only if all its finer bars do: otherwise it is absent (its high, low and volume would be those
    of another stretch of time). Open is the first open, close the last close, high and low the extremes, volume the
    sum. Raises `BadInput` when the candles are coarser than `interval`, off their own grid or not strictly rising.
    """
    check_grid(candles)
    if candles.interval is interval:
        return candles
    ratio, remainder = divmod(interval.millis, candles.interval.millis)
    if ratio < 1 or remainder:
        raise BadInput(
            "interval", interval.value, f"choose one no finer than the candles held ({candles.interval.value})"
        )
    starts, complete = complete_groups(candles.open_at, interval.millis, ratio)
    ends = starts + ratio - 1

    def reduce(function: Callable[..., Any], values: NDArray[np.float64]) -> NDArray[np.float64]:
        grouped: NDArray[np.float64] = function(values, axis=1)
        return grouped

    rows = starts[:, None] + np.arange(ratio)
    return CandleColumns(
        candles.venue,
        candles.symbol,
        interval,
        complete * np.int64(interval.millis),
        candles.open[starts],
        reduce(np.max, candles.high[rows]),
        reduce(np.min, candles.low[rows]),
        candles.close[ends],
        reduce(np.sum, candles.volume[rows]),
    )


def complete_groups(open_at: NDArray[np.int64], step: int, ratio: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """First row and coarse bar number (open_at // step) of every coarse bar that holds all `ratio` finer ones."""
    if not len(open_at):
        return np.empty(0, np.intp), np.empty(0, np.int64)
    numbers, starts, counts = np.unique(open_at // step, return_index=True, return_counts=True)
    whole = counts == ratio
    return starts[whole], numbers[whole].astype(np.int64)


def check_grid(candles: CandleColumns) -> None:
    """Refuse (`BadInput`) candles that are not strictly rising or do not open on their interval's grid."""
    if np.any(np.diff(candles.open_at) <= 0):
        raise BadInput("candles", f"{candles.venue} {candles.symbol}", "give them strictly rising in open_at")
    if np.any(candles.open_at % candles.interval.millis):
        raise BadInput(
            "candles", f"{candles.venue} {candles.symbol}", f"bars must open on the {candles.interval.value} grid"
        )
