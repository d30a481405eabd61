"""What the core estimators give: gate, same bar, lead–lag, Granger, other scorers."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


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
class ScorerComparison:
    """The same study's headline figure under another scorer, and how far the two agree bar by bar."""

    scorer: str
    agreement: float | None
    same_bar_r: float | None
    n: int
