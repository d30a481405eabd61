"""Lines up news and prices by the moment each could have been known. numpy only; nothing looks ahead."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import STATES, Aggregation, AlignedSeries, CandleColumns, ScoreColumns
from service.correlation.resampling import check_grid, resample
from service.errors import BadInput
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

        ScoreColumns  ─ available_at + embargo ─▶ bar [open, close) ─▶ weighted mean, four counts ─┐
        CandleColumns ─ complete bars of the interval ─▶ grid with NaN gaps ─▶ return, volatility ─┴▶ AlignedSeries

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


def placed(scores: ScoreColumns, aggregation: Aggregation, open_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Per article the row of the bar it falls in, −1 outside the grid `open_at` (ms, evenly spaced)."""
    if not len(open_at):
        return np.full(len(scores.available_at), -1, np.int64)
    known_at = scores.available_at + 1000 * aggregation.embargo_seconds
    row = (known_at - open_at[0]) // aggregation.interval.millis
    return np.where((row >= 0) & (row < len(open_at)), row, -1)


def counting(scores: ScoreColumns, aggregation: Aggregation) -> NDArray[np.bool_]:
    """Which articles are readings of the target: scored or no_signal, and relevant enough."""
    read = (scores.state == _SCORED) | (scores.state == _NO_SIGNAL)
    counted: NDArray[np.bool_] = read & (scores.relevance >= aggregation.relevance_floor)
    return counted


def article_weights(scores: ScoreColumns, aggregation: Aggregation) -> NDArray[np.float64]:
    """The weight each article carries inside its bar, before the bar's weights are summed."""
    if aggregation.weight == "relevance":
        return np.asarray(scores.relevance, np.float64)
    if aggregation.weight == "equal":
        return np.ones(len(scores.relevance))
    raise BadInput("aggregation.weight", aggregation.weight, "choose relevance or equal")


def readings(scores: ScoreColumns) -> NDArray[np.float64]:
    """Score per article with no_signal as the neutral reading 0."""
    return np.where(scores.state == _SCORED, scores.score, 0.0)


def _aggregate(
    scores: ScoreColumns, aggregation: Aggregation, open_at: NDArray[np.int64]
) -> tuple[NDArray[np.float64], dict[int, NDArray[np.int32]]]:
    """The bars' sentiment and their four counts; an article below the relevance floor counts as no_mention."""
    _check_lengths(scores)
    row = placed(scores, aggregation, open_at)
    # Sums of floats depend on their order: one order whatever order the rows came in.
    order = np.lexsort((scores.revision, scores.available_at))
    order = order[row[order] >= 0]
    row, bars = row[order], len(open_at)
    counted = counting(scores, aggregation)[order]
    weight = np.where(counted, article_weights(scores, aggregation)[order], 0.0)
    value = np.where(counted, readings(scores)[order], 0.0)
    number = np.bincount(row, counted, bars)
    total = np.bincount(row, weight, bars)
    # A bar whose readings all weigh nothing is still read: they count alike.
    weight = np.where(counted & (total[row] == 0), 1.0, weight)
    total = np.bincount(row, weight, bars)
    enough = number >= max(1, aggregation.minimum_articles)
    sentiment = np.full(bars, np.nan)
    np.divide(np.bincount(row, weight * value, bars), total, out=sentiment, where=enough)
    state = np.where(counted | (scores.state[order] == _UNSUPPORTED), scores.state[order], _NO_MENTION)
    counts = {code: np.bincount(row[state == code], minlength=bars).astype(np.int32) for code in range(len(STATES))}
    return sentiment, counts


def _check_lengths(scores: ScoreColumns) -> None:
    lengths = {len(c) for c in (scores.available_at, scores.score, scores.relevance, scores.state, scores.revision)}
    if len(lengths) > 1:
        raise BadInput("scores", sorted(lengths), "give all columns one length")


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
