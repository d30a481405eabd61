"""Align: scores and candles → one series per target, interval and scorer → store: touched days, changed points."""

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from jobs.console import Advance
from jobs.house import House
from jobs.markets import REFERENCE, choose_market
from jobs.record import Outcome
from jobs.venues import load_bars
from service.correlation.aligned import Aggregation, AlignedSeries, CandleColumns
from service.correlation.alignment import align
from service.correlation.resampling import resample
from service.correlation.touched import find_touched, tell_inputs
from service.errors import BadInput
from service.instants import Interval, Window, parse_duration
from service.sentiment.scorer import identify
from storage import database, inputs, scores, series
from storage.candles import Held
from storage.series import Declaration


def aggregation_of(house: House, interval: Interval) -> Aggregation:
    """How the settings turn article scores into one value per bar of `interval`."""
    chosen = house.settings.align
    window = _seconds(chosen.window)
    return Aggregation(
        interval,
        chosen.weight,
        chosen.relevance_floor,
        chosen.minimum_articles,
        chosen.embargo_seconds,
        # a window of one bar is the bar: declared alike, it is one series
        window_seconds=0 if window * 1000 == interval.millis else window,
        half_life_seconds=_seconds(chosen.half_life),
        winsorise=chosen.winsorise,
        copies=chosen.copies,
        source_weights=tuple(sorted(chosen.source_weights.items())),
    )


def _seconds(duration: str) -> int:
    return int(parse_duration(duration).total_seconds()) if duration else 0


def align_series(house: House, advance: Advance, *, full: bool = False) -> Outcome:
    """Align every target of the settings at every interval under every scorer; `full`: every bar, not the touched ones.

    inputs per day ─ touched.find_touched ─▶ windows ─ build_series ─▶ points that changed, and the days' inputs
    """
    counts: Counter[str] = Counter(series=0, bars=0, points_written=0)
    notes = []
    for target in house.settings.align.targets:
        require_target(house, target)
    for interval in house.settings.align.intervals:
        market = choose_market(house, interval)
        notes.append(f"{interval.value} on {market.venue} {market.symbol} {market.interval.value}")
        tell = functools.cache(functools.partial(read_inputs, house, market, aggregation_of(house, interval)))
        bars = functools.cache(functools.partial(_load_bars, house, market, interval))
        for target in house.settings.align.targets:
            for scorer in map(identify, house.scorers.values()):
                told = _declare(house, market, target, scorer, interval)
                with database.read(house.engine) as connection:
                    before = {} if full else inputs.load(connection, told)
                now = tell(scorer)
                made = [
                    build_series(house, market, target, scorer, interval, window=window, bars=bars)
                    for window in find_touched(span_of(market, interval), before, now)
                ]
                changed = {day: line for day, line in now.items() if before.get(day) != line}
                written = _keep(house, told, made, changed)
                counts.update(series=1, bars=sum(one.length for one in made), points_written=written)
                advance(1)
    return Outcome(counts, notes=tuple(notes))


def _declare(house: House, market: Held, target: str, scorer: str, interval: Interval) -> Declaration:
    told = aggregation_of(house, interval)
    return Declaration(target, scorer, house.catalogue.digest, market.venue, market.symbol, told)


def read_inputs(house: House, market: Held, aggregation: Aggregation, scorer: str) -> dict[int, str]:
    """Read before the inputs themselves: what arrives in between is then computed once more, never missed."""
    with database.read(house.engine) as connection:
        articles = inputs.count_articles(
            connection,
            scorer=scorer,
            catalogue=house.catalogue.digest,
            embargo_seconds=aggregation.embargo_seconds,
            with_stories=aggregation.asks_stories,
        )
        statements = inputs.count_statements(
            connection,
            symbol=market.symbol,
            interval=market.interval,
            venue=None if market.venue == REFERENCE else market.venue,
        )
    return tell_inputs(span_of(market, aggregation.interval), aggregation, market.interval, articles, statements)


def _keep(house: House, told: Declaration, made: Sequence[AlignedSeries], days: Mapping[int, str]) -> int:
    """Store the points and what they were computed from in one commit; returns how many points changed."""
    if not days:
        return 0
    written = 0
    with database.begin(house.engine) as connection:
        for one in made:
            saved = series.save(connection, one, catalogue=told.catalogue, recorded_at=house.clock())
            written += saved.new + saved.revised
        inputs.replace(connection, told, days)
    return written


def require_target(house: House, target: str) -> None:
    """Raise `BadInput` unless the catalogue has this key."""
    if house.catalogue.get(target) is None:
        known = [item.key for item in house.catalogue.targets]
        meant = house.catalogue.resolve(target)
        near = [meant] if meant else get_close_matches(target, known, n=3, cutoff=0.4) or known
        raise BadInput("target", target, f"not a key of the catalogue; did you mean {', '.join(near)}?")


def span_of(market: Held, interval: Interval) -> Window:
    """The bars of `interval` that everything held of `market` lies in."""
    return Window(interval.floor(market.first_open_at), interval.ceil(market.last_open_at + market.interval.duration))


Bars = Callable[[Window], tuple[CandleColumns, CandleColumns | None]]


def build_series(
    house: House,
    market: Held,
    target: str,
    scorer: str,
    interval: Interval,
    *,
    window: Window | None = None,
    bars: Bars | None = None,
) -> AlignedSeries:
    """The aligned series of one target in `window` (whole bars; None: everything held of `market`).

    `bars` hands out what `_load_bars` would: the same bars serve every target.
    """
    window = window or span_of(market, interval)
    aggregation = aggregation_of(house, interval)
    with database.read(house.engine) as connection:
        read = scores.load_columns(
            connection,
            target=target,
            scorer=scorer,
            catalogue=house.catalogue.digest,
            window=aggregation.news_window(window),
            with_origins=aggregation.asks_origins,
            with_stories=aggregation.asks_stories,
        )
    candles, finer = bars(window) if bars else _load_bars(house, market, interval, window)
    return align(read, candles, aggregation, window, finer=finer)


def _load_bars(
    house: House, market: Held, interval: Interval, window: Window
) -> tuple[CandleColumns, CandleColumns | None]:
    """The bars that open in `window`, with the one before it, whose close the first return starts from; finer ones."""
    held = load_bars(house, market, Window(window.start - interval.duration, window.end))
    return (held, None) if market.interval is interval else (resample(held, interval), held)
