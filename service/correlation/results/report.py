"""What a study concludes: plain frozen values, so that HTML, Markdown and JSON print the same numbers.

A figure that could not be computed is None and never 0. Correlations are −1…1, p-values 0–1, shares 0–1.
"""

import datetime as dt
import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    """The only words a conclusion may use."""

    NOT_SHOWN = "not shown"
    SUGGESTIVE = "suggestive"
    SHOWN_IN_SAMPLE = "shown in sample"
    HELD_OUT_OF_SAMPLE = "held out of sample"


class Direction(enum.Enum):
    """Which way time runs between the two series. Reverse is always reported first."""

    REVERSE = "market → sentiment"
    SAME_BAR = "same bar"
    FORWARD = "sentiment → market"


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

    @property
    def price_coverage(self) -> float:
        """Share of expected bars with a price, 0–1."""
        return self.bars_with_price / self.bars_expected if self.bars_expected else 0.0

    @property
    def sentiment_coverage(self) -> float:
        """Share of expected bars with a sentiment value, 0–1."""
        return self.bars_with_sentiment / self.bars_expected if self.bars_expected else 0.0


@dataclass(frozen=True, slots=True)
class Stationarity:
    """ADF (null: unit root) and KPSS (null: stationary), constant only, on one series."""

    series: str  # sentiment, log_return, realised_volatility, log_volume_change, close …
    n: int
    adf_statistic: float | None
    adf_p: float | None
    kpss_statistic: float | None
    kpss_p: float | None
    is_used: bool  # False: shown for information or refused
    conclusion: str  # stationary | not stationary | unclear | too short


@dataclass(frozen=True, slots=True)
class Association:
    """The same-bar association of sentiment with one outcome.

    `effective_n` discounts both series' autocorrelation; intervals are 95 % by stationary bootstrap; the p-values are
    against AR-sieve surrogates of the sentiment. `p_holm` adjusts over the outcomes of this table.
    """

    outcome: str
    n: int
    effective_n: float | None
    pearson: float | None
    pearson_low: float | None
    pearson_high: float | None
    pearson_p: float | None
    spearman: float | None
    spearman_p: float | None
    p_holm: float | None


@dataclass(frozen=True, slots=True)
class LeadLag:
    """Correlation of sentiment at t with an outcome at t + lag, over both signs, with simultaneous bands.

    lag > 0: sentiment comes first (forward). `band` is the |r| that only 5 % of surrogate worlds exceed anywhere in
    the scan; `band_forward`/`band_reverse` the same over one sign. `p_*` are max-statistic p-values; `family` is how
    many lags the whole scan covers.
    """

    outcome: str
    lags: tuple[int, ...]
    n: tuple[int, ...]
    pearson: tuple[float | None, ...]
    spearman: tuple[float | None, ...]
    band: float | None
    band_forward: float | None
    band_reverse: float | None
    p_reverse: float | None
    p_forward: float | None
    p_any: float | None
    family: int
    surrogates: int


@dataclass(frozen=True, slots=True)
class Granger:
    """Joint F test that lags of `cause` help to tell `effect` beyond its own past; lag order by BIC."""

    direction: Direction
    cause: str
    effect: str
    n: int
    lags: int
    f: float | None
    p: float | None
    p_robust: float | None  # heteroskedasticity-robust


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One verdict with the rule that gave it and the same in a plain sentence."""

    direction: Direction
    outcome: str
    verdict: Verdict
    rule: str
    sentence: str
    r: float | None
    lag: int | None
    p_family: float | None
    family: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How this very study behaves on its own data with the link cut, and the least effect it could have seen.

    `false_alarm_rate` is the share of `runs` worlds, long pieces of the real sentiment at wrong dates, in which the
    headline test (any correlation of the whole family beyond its bands at 5 %) called; None where the sample is too
    short to move pieces of it. `least_effect` is the |r| with the first outcome, the log return, found with 80 % power
    at this n and autocorrelation.
    """

    runs: int
    false_alarm_rate: float | None
    least_effect: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ScorerComparison:
    """The same study's headline figure under another scorer, and how far the two agree bar by bar."""

    scorer: str
    agreement: float | None
    same_bar_r: float | None
    n: int


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


@dataclass(frozen=True, slots=True)
class CorrelationReport:
    """One study, whole. Order of fields is order of reading."""

    sample: SampleCard
    conclusions: tuple[Conclusion, ...]  # reverse first
    calibration: Calibration
    stationarity: tuple[Stationarity, ...]
    same_bar: tuple[Association, ...]
    lead_lag: tuple[LeadLag, ...]
    granger: tuple[Granger, ...]  # reverse first
    comparisons: tuple[ScorerComparison, ...]
    weighty: tuple[WeightyArticle, ...]
    points: SeriesPoints
    reproduction: Reproduction
    tests_made: int  # how many p-values were computed for this report
    refusals: tuple[str, ...] = ()  # what was asked or possible and not done, and why
