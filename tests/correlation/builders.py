"""Small series, columns and worlds that the tests of this room are fed with."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import Aggregation, AlignedSeries, CandleColumns, Origins, ScoreColumns
from service.correlation.results import CorrelationReport, Reproduction, SampleCard
from service.correlation.study import StudyInputs, StudySettings, run
from service.instants import Interval, to_millis

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def null_pair(
    number: int, phi: float, df: int | None = None, b: float = 0.0, n: int = 500, seed: int = 20261124
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AR(1) sentiment and an independent random-walk price; `b` plants a lag-1 correlation of sentiment and return."""
    generator = np.random.default_rng([seed, number])
    shocks = generator.normal(size=n)
    sentiment = np.zeros(n)
    for t in range(1, n):
        sentiment[t] = phi * sentiment[t - 1] + shocks[t]
    moves = generator.normal(size=n) if df is None else generator.standard_t(df, size=n) / np.sqrt(df / (df - 2))
    if b:
        moves[1:] = b * sentiment[:-1] * np.sqrt(1 - phi**2) + np.sqrt(1 - b * b) * moves[1:]
    return sentiment, 30000 * np.exp(np.cumsum(0.03 * moves))


def returns_of(price: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log returns, NaN first."""
    return np.concatenate([[np.nan], np.diff(np.log(price))])


def make_series(
    sentiment: NDArray[np.float64],
    price: NDArray[np.float64],
    *,
    interval: Interval = Interval.D1,
    start: dt.datetime = START,
    volatility: NDArray[np.float64] | None = None,
    volume: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> AlignedSeries:
    """A series of these columns; volatility and volume are noise of their own unless given."""
    generator = np.random.default_rng([seed, 77])
    bars = len(sentiment)
    open_at = to_millis(start) + np.arange(bars, dtype=np.int64) * interval.millis
    held = np.isfinite(sentiment).astype(np.int32)
    nothing = np.zeros(bars, np.int32)
    return AlignedSeries(
        target="bitcoin",
        scorer="rules/1",
        venue="made",
        symbol="BTC/USD",
        aggregation=Aggregation(interval),
        open_at=open_at,
        available_at=open_at + interval.millis,
        sentiment=sentiment,
        scored=held,
        no_signal=nothing,
        no_mention=nothing,
        unsupported=nothing,
        close=price,
        log_return=returns_of(price),
        realised_volatility=np.exp(generator.normal(-4, 0.5, bars)) if volatility is None else volatility,
        volume=np.exp(generator.normal(3, 0.5, bars)) if volume is None else volume,
    )


def study(series: AlignedSeries, **choices: object) -> CorrelationReport:
    """A whole study with fewer worlds than a real one, for speed."""
    fewer: dict[str, object] = {"surrogates": 199, "bootstrap": 199, "certificate_runs": 100, "further_worlds": 99}
    return run(make_inputs(series, **{**fewer, **choices}))


def make_inputs(series: AlignedSeries, **choices: object) -> StudyInputs:
    """A series alone, with the default settings but for `choices`."""
    end = START + dt.timedelta(days=1)
    card = SampleCard(
        target="bitcoin",
        target_name="Bitcoin",
        start=START,
        end=end,
        interval=series.aggregation.interval.value,
        scorer=series.scorer,
        venue=series.venue,
        symbol=series.symbol,
        articles=0,
        articles_mentioning=0,
        states=(),
        sources=(),
        languages=(),
        availability_assumed=0,
        bars_expected=series.length,
        bars_with_price=series.length,
        bars_with_sentiment=series.length,
        gaps=(),
    )
    made_with = Reproduction("0", 1, 1, "", "", "", "")
    return StudyInputs(series, card, StudySettings(**choices), made_with, companions={})  # type: ignore[arg-type]


TITLES = ("Bitcoin falls as miners sell", "BITCOIN falls, as miners sell!", "Market wrap", "Bitcoin rises on new funds")
"""The first two are one title, the third is too short to tell a text by."""


def origin_of(number: int) -> tuple[str, str, str]:
    """Source, title and content hash of the article with this revision: three sources, the titles in turn."""
    return f"source-{number % 3}", TITLES[number % len(TITLES)], f"{number:032x}"


def make_scores(rows: list[tuple[int, int, float, float]]) -> ScoreColumns:
    """Columns out of (available_at ms, state code, score, relevance); revisions count from 1 in the order given."""
    ordered = sorted(enumerate(rows, start=1), key=lambda item: (item[1][0], item[0]))
    return ScoreColumns(
        target="bitcoin",
        scorer="rules/1",
        available_at=np.array([row[0] for _, row in ordered], np.int64),
        score=np.array([row[2] if row[1] == 0 else np.nan for _, row in ordered], np.float64),
        relevance=np.array([row[3] for _, row in ordered], np.float64),
        state=np.array([row[1] for _, row in ordered], np.int8),
        revision=np.array([number for number, _ in ordered], np.int64),
        origins=Origins(*(tuple(origin_of(number)[part] for number, _ in ordered) for part in range(3))),
    )


def make_candles(
    bars: int | NDArray[np.int64], *, interval: Interval = Interval.H1, seed: int = 3, start: dt.datetime = START
) -> CandleColumns:
    """A random walk of candles that keep low ≤ open, close ≤ high; `bars` is a number or the positions that exist."""
    positions = np.arange(bars, dtype=np.int64) if isinstance(bars, int) else bars
    generator = np.random.default_rng([seed, 5])
    count = int(positions[-1]) + 1 if len(positions) else 0
    close = 40000 * np.exp(np.cumsum(generator.normal(0, 0.01, count)))
    opened = np.concatenate([[40000.0], close[:-1]])[:count]
    high = np.maximum(opened, close) * (1 + generator.random(count) * 0.01)
    low = np.minimum(opened, close) * (1 - generator.random(count) * 0.01)
    volume = generator.random(count) * 100
    return CandleColumns(
        "made",
        "BTC/USD",
        interval,
        to_millis(start) + positions * interval.millis,
        *(column[positions] for column in (opened, high, low, close, volume)),
    )
