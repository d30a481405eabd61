"""What is laid alongside a study: events of the settings and of the news, and other series over the same bars."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jobs.house import House
from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import HALVING, SPOT_ETF, Alongside, NamedEvent
from service.correlation.crowded import find_crowded_bars, label_news
from service.instants import Window
from service.sentiment.extraction import extractors
from storage import database, extractions, series


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
