"""What a study was computed from, and what is needed to make it again."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GapLine:
    """A hole in the prices, [start, end), with its recorded reason."""

    start: dt.datetime
    end: dt.datetime
    bars: int
    reason: str


@dataclass(frozen=True, slots=True)
class SampleCard:
    """What the figures were computed from; printed before any of them. Counts are articles unless named bars."""

    target: str
    target_name: str
    start: dt.datetime
    end: dt.datetime
    interval: str
    scorer: str
    venue: str
    symbol: str
    articles: int
    articles_mentioning: int
    states: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    availability_assumed: int
    bars_expected: int
    bars_with_price: int
    bars_with_sentiment: int
    gaps: tuple[GapLine, ...]
    is_sample: bool = False  # the embedded sample, not live or imported data
    notes: tuple[str, ...] = ()
    arrivals: tuple[tuple[str, tuple[int, ...]], ...] = ()  # articles of a source in each of as many parts of the span

    @property
    def price_coverage(self) -> float:
        """Share of expected bars with a price, 0–1."""
        return self.bars_with_price / self.bars_expected if self.bars_expected else 0.0

    @property
    def sentiment_coverage(self) -> float:
        """Share of expected bars with a sentiment value, 0–1."""
        return self.bars_with_sentiment / self.bars_expected if self.bars_expected else 0.0


@dataclass(frozen=True, slots=True)
class WeightyArticle:
    """One of the articles that moved the sentiment series most. `share` is its share of the summed absolute weight."""

    title: str
    url: str
    source: str
    language: str
    available_at: dt.datetime
    score: float
    relevance: int
    share: float
    words: tuple[tuple[str, float], ...]  # the strongest evidence: word, weight


@dataclass(frozen=True, slots=True)
class Reproduction:
    """All that is needed to make the same report again."""

    version: str
    seed: int
    surrogates: int
    settings_digest: str
    catalogue_digest: str
    data_digest: str
    command: str
    as_of: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class SeriesPoints:
    """The drawn series: bar opening instants, close and sentiment, None where missing; plus articles per bar."""

    open_at: tuple[dt.datetime, ...]
    close: tuple[float | None, ...]
    sentiment: tuple[float | None, ...]
    articles: tuple[int, ...]
