"""Series of news without prices that the tests of alerts are fed with."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval, to_millis

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def make_news(
    sentiment: NDArray[np.float64],
    scored: NDArray[np.int64] | int = 12,
    no_signal: NDArray[np.int64] | int = 4,
    *,
    interval: Interval = Interval.H1,
    log_return: NDArray[np.float64] | None = None,
) -> AlignedSeries:
    """A series of these readings, every hour from `START`."""
    bars = len(sentiment)
    open_at = to_millis(START) + np.arange(bars, dtype=np.int64) * interval.millis
    counts = [np.broadcast_to(one, bars).astype(np.int32) for one in (scored, no_signal, 50, 0)]
    nothing = np.full(bars, np.nan)
    return AlignedSeries(
        "bitcoin", "rules/1", "made", "BTC/USD", Aggregation(interval), open_at, open_at + interval.millis,
        sentiment, *counts, nothing, nothing if log_return is None else log_return, nothing, nothing,
    )  # fmt: skip


def draw_quiet(bars: int, seed: int = 1) -> NDArray[np.float64]:
    """Independent readings round 0.1."""
    return np.random.default_rng([seed, 9]).normal(0.1, 0.08, bars)
