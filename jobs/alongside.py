"""What is laid alongside a study: events of the settings and of the news, and other series over the same bars."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jobs.asof import spell_held
from jobs.house import House
from jobs.venues import load_bars
from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import HALVING, SPOT_ETF, Alongside, NamedEvent, returns_on
from service.correlation.crowded import find_crowded_bars, label_news
from service.correlation.resampling import resample
from service.errors import WorkFailed
from service.instants import Window
from service.sentiment.extraction import extractors
from storage import candles, database, extractions, series


def gather_alongside(
    house: House, leading: AlignedSeries, window: Window, as_of: dt.datetime | None = None
) -> Alongside:
    """All that is stored or named; with `as_of`, of what newscandle knew by then. What is not stored is left out."""
    chosen = house.settings.report
    named = tuple(NamedEvent(event.label, event.at) for event in chosen.events)
    dates = tuple(NamedEvent(event.label, event.at) for event in chosen.splits)
    others = {
        house.catalogue.name(target, "en"): found
        for target in house.settings.align.targets
        if target != leading.target and (found := _find_beside(house, leading, window, as_of, target=target))
    }
    return Alongside(
        events=(*named, *_events_told(house, leading, window, as_of)),
        dates=dates or (SPOT_ETF, HALVING),
        targets=others,
        market_return=_load_index(house, leading, window, as_of),
        copies_once=_find_beside(house, leading, window, as_of, copies="once"),
    )


def _find_beside(
    house: House,
    leading: AlignedSeries,
    window: Window,
    as_of: dt.datetime | None,
    *,
    target: str = "",
    copies: str = "",
) -> AlignedSeries | None:
    """The stored series that differs from `leading` in this alone; None unless it has the same bars."""
    aggregation = replace(leading.aggregation, copies=copies) if copies else leading.aggregation
    with database.read(house.engine) as connection:
        found = series.load(
            connection,
            target=target or leading.target,
            scorer=leading.scorer,
            catalogue=house.catalogue.digest,
            venue=leading.venue,
            symbol=leading.symbol,
            aggregation=aggregation,
            window=window,
            as_of=as_of,
        )
    return found if found is not None and np.array_equal(found.open_at, leading.open_at) else None


def _events_told(
    house: House, leading: AlignedSeries, window: Window, as_of: dt.datetime | None
) -> Iterator[NamedEvent]:
    """Bars in which unusually many articles tell of an event of a kind that the settings name."""
    version = next(extractor.version for extractor in extractors() if extractor.name == "events")
    with database.read(house.engine) as connection:
        found = extractions.load_events(
            connection, version=version, catalogue=house.catalogue.digest, window=window, as_of=as_of
        )
    for kind in house.settings.report.news_events:
        by_article = {one.revision: one.available_at for one in found if one.told.kind is kind}
        bars = find_crowded_bars(tuple(by_article.values()), window, leading.aggregation.interval)
        yield from (NamedEvent(label_news(kind), at) for at in bars)


def _load_index(
    house: House, leading: AlignedSeries, window: Window, as_of: dt.datetime | None
) -> NDArray[np.float64] | None:
    """Returns of the symbol that stands for the market at large, from its most complete venue; None where none does.

    Raises `WorkFailed` (`no_candles`) where the settings name one of which nothing is held.
    """
    symbol, interval = house.settings.report.index, leading.aggregation.interval
    if not symbol:
        return None
    with database.read(house.engine) as connection:
        held = candles.venues(connection, as_of=as_of)
    fitting = [one for one in held if one.symbol == symbol and one.interval.duration <= interval.duration]
    if not fitting:
        raise WorkFailed(
            "no_candles",
            f"no {symbol} candles of {interval.value} or finer are held{spell_held(as_of)}, which report.index names: "
            "import them (`newscandle import candles`) or leave report.index empty",
        )
    market = max(fitting, key=lambda one: (one.count * one.interval.millis, one.venue))
    bars = load_bars(house, market, Window(window.start - interval.duration, window.end), as_of)
    return returns_on(leading.open_at, resample(bars, interval))
