"""Event study: what the market does around spikes of the sentiment and around named events.

bars of events ─▶ overlapping ones merged ─▶ abnormal returns ─▶ mean and running sum per bar, four tests per window
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.correlation.abnormal import AbnormalReturns, abnormal_returns, merge_overlapping
from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside, NamedEvent
from service.correlation.event_tests import (
    LEAST_BLOCKS,
    BlockDraws,
    corrado_rank,
    cross_sectional_t,
    draw_blocks,
    generalised_sign,
)
from service.correlation.expanding import expanding_moments, expanding_quantiles
from service.correlation.results import EventBar, EventSet, EventStudy, EventWindow
from service.correlation.worlds import holm
from service.instants import Interval, to_millis
from service.wording import word

LEAST_EVENTS = 8
"""Fewer events than this are shown and not tested."""

SPIKE_SHARE = 0.95
"""A spike is |z| above this quantile of all |z| before it."""

_LEAST_BEFORE = 30
_REACH = {Interval.H1: 12, Interval.D1: 5}
_ESTIMATION = {Interval.H1: 240, Interval.D1: 100}


def study_events(series: AlignedSeries, alongside: Alongside, *, seed: int, draws: int) -> EventStudy:
    """Abnormal log returns around positive and negative spikes and around every label of the named events.

    A market model stands beside the constant mean where `alongside` has a market's return. `draws` bootstrap draws
    give intervals and p-values.
    """
    interval = series.aggregation.interval
    reach, estimation = _REACH.get(interval, 5), _ESTIMATION.get(interval, 100)
    block_days = 28 if interval.millis >= Interval.D1.millis else 7
    rising, falling = find_spikes(series.sentiment)
    chosen = {"positive spikes": rising, "negative spikes": falling}
    chosen |= place_events(series, alongside.events)
    models: dict[str, NDArray[np.float64] | None] = {"constant mean": None}
    notes = []
    if alongside.market_return is None:
        notes.append(word("No market index was given, so the normal return is the constant mean alone."))
    else:
        models["market model"] = alongside.market_return
    if not alongside.events:
        notes.append(word("No named events were given."))
    sets: list[EventSet] = []
    for label, events in chosen.items():
        for model, market in models.items():
            kept = merge_overlapping(events, reach)
            abnormal = abnormal_returns(series.log_return, kept, estimation=estimation, reach=reach, market=market)
            blocks = series.open_at[abnormal.events] // (block_days * Interval.D1.millis)
            drawn = draw_blocks(blocks, draws, np.random.default_rng([seed, 10, len(sets)]))
            counts = EventSet(label, model, len(events), len(events) - len(kept), 0, 0, len(np.unique(blocks)), (), ())
            sets.append(_measure(replace(counts, dropped=len(kept) - len(blocks)), abnormal, reach, drawn))
    adjusted, family = _adjust(sets)
    return EventStudy(reach, estimation, SPIKE_SHARE, block_days, adjusted, family, tuple(notes))


def find_spikes(
    sentiment: NDArray[np.float64], *, share: float = SPIKE_SHARE, least: int = _LEAST_BEFORE
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bars of positive and of negative spikes of a sentiment, one value per bar, NaN where missing.

    z is the value against mean and deviation of all before it; a spike is |z| above the quantile `share` of all |z|
    before it. Both ask for `least` values, and no bar is chosen with knowledge of a later one.
    """
    mean, deviation = expanding_moments(sentiment, least=least)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(deviation > 0, (sentiment - mean) / deviation, np.nan)
    bound = expanding_quantiles(np.abs(z), (share,), least=least)[:, 0]
    spikes = np.abs(z) > bound
    return np.flatnonzero(spikes & (z > 0)), np.flatnonzero(spikes & (z < 0))


def place_events(series: AlignedSeries, events: Sequence[NamedEvent]) -> Mapping[str, NDArray[np.int64]]:
    """The bars in which events were known, by label in the order given; those outside the series are left out."""
    step = series.aggregation.interval.millis
    placed: dict[str, set[int]] = {}
    for event in events:
        bar = int(np.searchsorted(series.open_at, to_millis(event.at), side="right")) - 1
        bars = placed.setdefault(event.label, set())
        if bar >= 0 and to_millis(event.at) < int(series.open_at[bar]) + step:
            bars.add(bar)
    return {label: np.array(sorted(bars), np.int64) for label, bars in placed.items()}


def _measure(counts: EventSet, abnormal: AbnormalReturns, reach: int, drawn: BlockDraws | None) -> EventSet:
    used = len(abnormal.events)
    if not used:
        return replace(counts, note=word("no event with a whole window and enough bars before it"))
    bars = _describe_bars(abnormal, reach, drawn)
    if used < LEAST_EVENTS:
        note = word("{used} of the {least} events that a test asks for", used=used, least=LEAST_EVENTS)
        return replace(counts, used=used, bars=_without_intervals(bars), note=note)
    few = word("fewer than {least} calendar blocks: nothing is drawn again", least=LEAST_BLOCKS)
    told = "" if drawn else few
    spans = ((-reach, -1), (0, 0), (1, reach))
    windows = tuple(_test_window(abnormal, first, last, reach, drawn) for first, last in spans)
    return replace(counts, used=used, bars=bars, windows=windows, note=told)


def _describe_bars(abnormal: AbnormalReturns, reach: int, drawn: BlockDraws | None) -> tuple[EventBar, ...]:
    running = np.cumsum(abnormal.around, axis=1)
    bars = abnormal.around.shape[1]
    low = high = np.full(2 * bars, np.nan)
    if drawn:
        low, high = np.quantile(drawn.means(np.hstack([abnormal.around, running])), (0.025, 0.975), axis=0)
    limits = [[float(v) if np.isfinite(v) else None for v in side] for side in (low, high)]
    means, sums = abnormal.around.mean(axis=0), running.mean(axis=0)
    return tuple(
        EventBar(
            bar - reach,
            *(float(means[bar]), limits[0][bar], limits[1][bar]),
            *(float(sums[bar]), limits[0][bars + bar], limits[1][bars + bar]),
        )
        for bar in range(bars)
    )


def _without_intervals(bars: tuple[EventBar, ...]) -> tuple[EventBar, ...]:
    return tuple(replace(bar, mean_low=None, mean_high=None, cumulative_low=None, cumulative_high=None) for bar in bars)


def _test_window(abnormal: AbnormalReturns, first: int, last: int, reach: int, drawn: BlockDraws | None) -> EventWindow:
    window = slice(reach + first, reach + last + 1)
    sums = abnormal.around[:, window].sum(axis=1)
    t, p_t = cross_sectional_t(sums)
    rank_z, p_rank = corrado_rank(abnormal, window)
    sign_z, p_sign = generalised_sign(abnormal, sums)
    p_bootstrap = drawn.p_value(sums) if drawn else None
    mean = float(sums.mean())
    return EventWindow(first, last, mean, t, p_t, rank_z, p_rank, sign_z, p_sign, p_bootstrap, None)


def _adjust(sets: Sequence[EventSet]) -> tuple[tuple[EventSet, ...], int]:
    """Holm over the bootstrap p-values of every window of every set, and how many those are."""
    adjusted = iter(holm([window.p_bootstrap for one in sets for window in one.windows]))
    judged = tuple(
        replace(one, windows=tuple(replace(window, p_holm=next(adjusted)) for window in one.windows)) for one in sets
    )
    return judged, sum(window.p_bootstrap is not None for one in sets for window in one.windows)
