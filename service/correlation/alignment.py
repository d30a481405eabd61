"""Lines up news and prices by the moment each could have been known. numpy only; nothing looks ahead."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import STATES, Aggregation, AlignedSeries, CandleColumns, ScoreColumns
from service.correlation.pooling import pool
from service.correlation.resampling import check_grid, resample
from service.instants import Interval, Window, to_millis
from service.market.moves import FinerBars, Moves, measure
from service.sentiment.scorer import State

_SCORED, _NO_SIGNAL, _NO_MENTION, _UNSUPPORTED = (
    STATES.index(s) for s in (State.SCORED, State.NO_SIGNAL, State.NO_MENTION, State.UNSUPPORTED_LANGUAGE)
)


def align(
    scores: ScoreColumns,
    candles: CandleColumns,
    aggregation: Aggregation,
    window: Window,
    *,
    finer: CandleColumns | None = None,
) -> AlignedSeries:
    """One row per bar of the grid that lies wholly in `window`; bars without a candle or without news hold NaN.

        ScoreColumns  ─ available_at + embargo ─▶ windows that hold it ─▶ weighted mean, four counts ─┐
        CandleColumns ─ complete bars of the interval ─▶ grid with NaN gaps ─▶ return, volatility ────┴▶ AlignedSeries

    An article that becomes available exactly at a bar's close belongs to the next bar: row i uses nothing known after
    its `available_at`. `finer` are the candles realised volatility is summed from; where `candles` are themselves finer
    than the aggregation they serve. A candle before the window gives the first row its return.
    Raises `BadInput` for columns of unequal length, candles coarser than the aggregation, or off their grid.
    """
    step = aggregation.interval.millis
    open_at = _grid(window, aggregation.interval)
    sentiment, counts = _aggregate(scores, aggregation, open_at)
    if finer is None and candles.interval.millis < step:
        finer = candles
    bars = resample(candles, aggregation.interval)
    moves = _move(bars, finer)
    return AlignedSeries(
        target=scores.target,
        scorer=scores.scorer,
        venue=candles.venue,
        symbol=candles.symbol,
        aggregation=aggregation,
        open_at=open_at,
        available_at=open_at + step,
        sentiment=sentiment,
        scored=counts[_SCORED],
        no_signal=counts[_NO_SIGNAL],
        no_mention=counts[_NO_MENTION],
        unsupported=counts[_UNSUPPORTED],
        close=_on_grid(bars.open_at, bars.close, open_at),
        log_return=_on_grid(bars.open_at, moves.log_return, open_at),
        realised_volatility=_on_grid(bars.open_at, moves.volatility, open_at),
        volume=_on_grid(bars.open_at, bars.volume, open_at),
    )


def _grid(window: Window, interval: Interval) -> NDArray[np.int64]:
    """Opening instants (ms) of the bars that lie wholly in the window."""
    first = to_millis(interval.ceil(window.start))
    bars = max(0, (to_millis(window.end) - first) // interval.millis)
    return first + np.arange(bars, dtype=np.int64) * interval.millis


def _aggregate(
    scores: ScoreColumns, aggregation: Aggregation, open_at: NDArray[np.int64]
) -> tuple[NDArray[np.float64], dict[int, NDArray[np.int32]]]:
    """The bars' sentiment and their four counts; an article below the relevance floor counts as no_mention."""
    made, bars = pool(scores, aggregation, open_at), len(open_at)
    total = np.bincount(made.bar, made.weight, bars)
    sentiment = np.full(bars, np.nan)
    summed = np.bincount(made.bar, made.weight * made.value, bars)
    np.divide(summed, total, out=sentiment, where=made.has_value(aggregation))
    state = scores.state[made.article]
    state = np.where(made.counts | (state == _UNSUPPORTED), state, _NO_MENTION)
    counts = {code: np.bincount(made.bar[state == code], minlength=bars) for code in range(len(STATES))}
    return sentiment, {code: number.astype(np.int32) for code, number in counts.items()}


def _on_grid(at: NDArray[np.int64], values: NDArray[np.float64], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """`values` at the `wanted` instants (evenly spaced), NaN where `at` (on the same grid) has none."""
    found = np.full(len(wanted), np.nan)
    if not len(wanted):
        return found
    step = wanted[1] - wanted[0] if len(wanted) > 1 else 1
    row = (at - wanted[0]) // step  # counted, not searched: the grid is known
    inside = (row >= 0) & (row < len(wanted))
    found[row[inside]] = values[inside]
    return found


def _move(bars: CandleColumns, finer: CandleColumns | None) -> Moves:
    """Returns and volatility of the bars; volatility from `finer` where it is finer and covers a bar whole."""
    parts = None
    if finer is not None and finer.interval.millis < bars.interval.millis:
        check_grid(finer)
        parts = FinerBars(finer.interval, finer.open_at, finer.close)
    return measure(
        interval=bars.interval,
        open_at=bars.open_at,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        finer=parts,
    )
