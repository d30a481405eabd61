"""Align: scores and candles → one series per target, interval and scorer → store; only changed points are written."""

from collections import Counter
from difflib import get_close_matches

from jobs.console import Advance
from jobs.house import House
from jobs.markets import choose_market
from jobs.record import Outcome
from jobs.venues import load_bars
from service.correlation.aligned import Aggregation, AlignedSeries
from service.correlation.alignment import align
from service.correlation.resampling import resample
from service.errors import BadInput
from service.instants import Interval, Window, parse_duration
from service.sentiment.scorer import identify
from storage import database, scores, series
from storage.candles import Held


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


def align_series(house: House, advance: Advance) -> Outcome:
    """Align every target of the settings at every interval under every scorer."""
    counts: Counter[str] = Counter(series=0, bars=0, points_written=0)
    notes = []
    for interval in house.settings.align.intervals:
        market = choose_market(house, interval)
        notes.append(f"{interval.value} on {market.venue} {market.symbol} {market.interval.value}")
        for target in house.settings.align.targets:
            require_target(house, target)
            for scorer in house.scorers.values():
                made = build_series(house, market, target, identify(scorer), interval)
                with database.begin(house.engine) as connection:
                    written = series.save(connection, made, catalogue=house.catalogue.digest, recorded_at=house.clock())
                counts.update(series=1, bars=made.length, points_written=written.new + written.revised)
                advance(1)
    return Outcome(counts, notes=tuple(notes))


def require_target(house: House, target: str) -> None:
    """Raise `BadInput` unless the catalogue has this key."""
    if house.catalogue.get(target) is None:
        known = [item.key for item in house.catalogue.targets]
        meant = house.catalogue.resolve(target)
        near = [meant] if meant else get_close_matches(target, known, n=3, cutoff=0.4) or known
        raise BadInput("target", target, f"not a key of the catalogue; did you mean {', '.join(near)}?")


def build_series(house: House, market: Held, target: str, scorer: str, interval: Interval) -> AlignedSeries:
    """The whole aligned series of one target over everything held of `market`."""
    window = Window(interval.floor(market.first_open_at), interval.ceil(market.last_open_at + market.interval.duration))
    aggregation = aggregation_of(house, interval)
    with database.read(house.engine) as connection:
        read = scores.load_columns(
            connection,
            target=target,
            scorer=scorer,
            catalogue=house.catalogue.digest,
            window=aggregation.news_window(window),
            with_origins=aggregation.asks_origins,
        )
    finer = load_bars(house, market, window)
    bars = finer if market.interval is interval else resample(finer, interval)
    return align(read, bars, aggregation, window, finer=None if market.interval is interval else finer)
