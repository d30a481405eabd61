"""A history's events done to a store: what the oracle is told, the store is told by the functions jobs use."""

import datetime as dt
from typing import Any

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval, Window, to_millis
from service.market.candle import Gap
from service.sentiment.events import Event, EventKind
from service.sentiment.extraction import Extracted
from service.sentiment.quotes import Quote
from storage import articles, candles, extractions, reports, scores, series, unread
from storage.series import Declaration
from tests.storage.builders import (
    CATALOGUE,
    HOURLY,
    a_candle,
    a_reading,
    a_score,
    an_article,
    at,
    some_events,
    some_quotes,
    unreadable,
)
from tests.storage.oracle import HOUR, UNREADABLE, Align, Conclude, Extract, Ingest, Print, Read, Search
from tests.storage.oracle import Event as Happening

MARKET = ("coinbase", "BTC/USD", Interval.H1)
OF_MARKET: dict[str, Any] = dict(zip(("venue", "symbol", "interval"), MARKET, strict=True))
SETTINGS = (HOURLY, Aggregation(Interval.H1, minimum_articles=2))
DECLARATIONS = tuple(Declaration("bitcoin", "rules/1", CATALOGUE, "coinbase", "BTC/USD", one) for one in SETTINGS)
WHOLE = Window(at(-1000), at(10_000))


def texts_held(connection: sa.Connection) -> dict[str, list[int]]:
    """Row ids of each article's texts, in the order they came."""
    held: dict[str, list[int]] = {}
    for one in unread.load(connection, scorers=["nobody"], catalogue=CATALOGUE, limit=1000):
        held.setdefault(one.article.guid, []).append(one.id)
    return held


def tell_news(connection: sa.Connection, event: Ingest | Read | Extract, now: dt.datetime) -> None:
    """Tell the store of articles, and of what is read in them."""
    match event:
        case Ingest(name, text, delay):
            seen = an_article(name, text=text, first_seen_at=now, available_at=now + delay * HOUR)
            articles.save(connection, [seen], recorded_at=now)
        case Read(scorer, name, number, value, relevance):
            held = texts_held(connection).get(name, [])
            if number <= len(held):
                figure = value if isinstance(value, float) else None
                spoken = (a_score("bitcoin", figure, relevance),) if relevance else ()
                read = a_reading(*spoken, scorer=scorer)
                if value == UNREADABLE:
                    read = unreadable()
                    read = a_reading(tone=None, language="fr", state=read.state, scorer=scorer)
                scores.save(connection, [(held[number - 1], read)], scored_at=now)
        case Extract(extractor, name, number, count):
            held = texts_held(connection).get(name, [])
            if number <= len(held):
                extractions.save(connection, [(held[number - 1], find(extractor, count))], extracted_at=now)


def happen(connection: sa.Connection, event: Happening, now: dt.datetime) -> None:
    """Tell the store what the oracle is told."""
    match event:
        case Ingest() | Read() | Extract():
            tell_news(connection, event, now)
        case Print(bars):
            candles.save(connection, [a_candle(hour, close=11 + close, fetched_at=now) for hour, close in bars])
        case Search(first, reasons):
            window = Window(at(first), at(first + len(reasons)))
            holes = [
                Gap(*MARKET, at(hour), at(hour + 1), reason) for hour, reason in enumerate(reasons, first) if reason
            ]
            candles.replace_gaps(connection, window=window, gaps=holes, noticed_at=now, **OF_MARKET)
        case Align(setting, first, values):
            series.save(connection, points(SETTINGS[setting], first, values), catalogue=CATALOGUE, recorded_at=now)
        case Conclude(number, tests):
            reports.save(
                connection,
                target="bitcoin",
                window=WHOLE,
                settings_digest="s",
                document={"number": number},
                html_name=f"{number}.html",
                verdicts=["not shown"],
                made_at=now,
                trials={DECLARATIONS[0].key: tests},
            )


def find(extractor: str, count: int) -> Extracted:
    """So many quotes or events, each at a place of its own."""
    if extractor == "quotes":
        return some_quotes(found=tuple(Quote("sec", True, "said", n, n + 1, ("bitcoin",), True) for n in range(count)))
    return some_events(found=tuple(Event(EventKind.BAN, n, n + 1, "ban", ("bitcoin",)) for n in range(count)))


def points(setting: Aggregation, first: int, values: tuple[float | None, ...]) -> AlignedSeries:
    sentiment = np.array([np.nan if value is None else value for value in values])
    step = setting.interval.millis
    open_at = to_millis(at(first)) + step * np.arange(len(values), dtype=np.int64)
    count, figure = np.ones(len(values), np.int32), np.ones(len(values))
    return AlignedSeries(
        *("bitcoin", "rules/1", "coinbase", "BTC/USD", setting, open_at, open_at + step),
        *(sentiment, count, count, count, count, figure, figure, figure, figure),
    )
