"""Small whole values to store: each argument left out has a plain default."""

import datetime as dt
from typing import Any

import numpy as np

from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval, to_millis
from service.market.candle import Candle
from service.news.article import UNDATED, Article, Dated, InstantOrigin, Passage, PassageKind
from service.sentiment.events import Event, EventKind
from service.sentiment.extraction import Extracted, Extractor
from service.sentiment.quotes import Quote
from service.sentiment.score import ArticleReading, Mention, MentionForm, MentionScore, Score
from service.sentiment.scorer import Evidence, Label, State

T0 = dt.datetime(2024, 1, 31, 21, tzinfo=dt.UTC)  # a month ends soon: PostgreSQL lays another partition
SCORER = "rules/1"
CATALOGUE = "c" * 32


def at(hours: float) -> dt.datetime:
    """`hours` after the beginning of these tests' time."""
    return T0 + dt.timedelta(hours=hours)


def an_article(name: str = "a", *, text: str | None = None, hours: float = 0, **changes: Any) -> Article:
    title = changes.pop("title", f"Title of {name}")
    body = f"{title}\n{text or 'Bitcoin rises.'}"
    fields: dict[str, Any] = {
        "url": f"https://news.example/{name}",
        "source": "example",
        "title": title,
        "text": body,
        "passages": (
            Passage(PassageKind.TITLE, 0, len(title), "title"),
            Passage(PassageKind.BODY, len(title) + 1, len(body), "rest"),
        ),
        "language": "en",
        "language_confidence": 0.75,
        "published": Dated(at(hours), InstantOrigin.FEED, "Wed, 31 Jan 2024"),
        "modified": UNDATED,
        "first_seen_at": at(hours),
        "available_at": at(hours),
        "guid": name,
        "authors": ("A. Writer",),
        "tags": ("bitcoin", "é"),
    }
    return Article(**(fields | changes))


def a_score(
    target: str = "bitcoin",
    value: float | None = 0.5,
    relevance: int = 80,
    *,
    probabilities: tuple[float, float, float] | None = None,
    interval: tuple[float, float] | None = None,
    is_sure: bool = True,
) -> Score:
    state = State.NO_SIGNAL if value is None else State.SCORED
    label = Label.NEUTRAL if value is None else Label.POSITIVE if value > 0 else Label.NEGATIVE
    evidence = () if value is None else (Evidence("rises", 18, 23, 1.5, "lexicon"),)
    place = Mention(target, 10, 17, MentionForm.ALIAS)
    mention = MentionScore(place, state, value, label, evidence, probabilities, is_sure)
    return Score(target, state, value, label, relevance, ("title", "lead"), (mention,), probabilities, interval)


def a_reading(*scores: Score, tone: float | None = 0.25, **changes: Any) -> ArticleReading:
    state = State.NO_SIGNAL if tone is None else State.SCORED
    fields: dict[str, Any] = {
        "scorer": SCORER,
        "catalogue": CATALOGUE,
        "language": "en",
        "state": state,
        "tone": tone,
        "scores": scores,
    }
    return ArticleReading(**(fields | changes))


def unreadable(language: str = "fr") -> ArticleReading:
    return a_reading(tone=None, language=language, state=State.UNSUPPORTED_LANGUAGE)


def some_quotes(*quotes: Quote, version: str = "1", **changes: Any) -> Extracted:
    """Two quotes, one of them of two targets and one of nobody, or the given ones."""
    said = quotes or (
        Quote("bukele", True, "said", 10, 17, ("trump", "bitcoin"), True),
        Quote("Ann Öz", False, "volgens", 18, 23, (), False),
    )
    fields: dict[str, Any] = {"catalogue": CATALOGUE, "is_language_read": True, "found": said}
    return Extracted(extractor=Extractor("quotes", version), **(fields | changes))


def some_events(*events: Event, version: str = "1", **changes: Any) -> Extracted:
    """Two events, one of them beside two targets and one beside nobody, or the given ones."""
    told = events or (
        Event(EventKind.BAN, 10, 17, "ban", ("sec", "bitcoin")),
        Event(EventKind.HACK, 18, 23, "hack", ()),
    )
    fields: dict[str, Any] = {"catalogue": CATALOGUE, "is_language_read": True, "found": told}
    return Extracted(extractor=Extractor("events", version), **(fields | changes))


def a_candle(hour: int = 0, *, close: float = 10.5, **changes: Any) -> Candle:
    fields: dict[str, Any] = {
        "venue": "coinbase",
        "symbol": "BTC/USD",
        "interval": Interval.H1,
        "open_at": at(hour),
        "open": 10.0,
        "high": 12.0,
        "low": 9.0,
        "close": close,
        "volume": 3.25,
        "fetched_at": at(1000),
    }
    return Candle(**(fields | changes))


HOURLY = Aggregation(Interval.H1)


def a_series(bars: int = 5, aggregation: Aggregation = HOURLY) -> AlignedSeries:
    step = aggregation.interval.millis
    open_at = to_millis(at(0)) + step * np.arange(bars, dtype=np.int64)
    figure = np.sin(np.arange(bars)) / 3
    figure[1::3] = np.nan
    counts = np.arange(bars, dtype=np.int32)
    return AlignedSeries(
        *("bitcoin", SCORER, "coinbase", "BTC/USD", aggregation),
        *(open_at, open_at + step, figure, counts, counts + 1, counts + 2, counts + 3),
        *(figure + 2, figure * 2, figure**2, figure**2 + 1),
    )
