"""What the information coefficient gives: forward log returns, rank correlations −1…1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """Forward returns after the sentiments of one bucket; bucket 1 holds the lowest. `mean` is None when empty."""

    number: int
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class InformationHorizon:
    """The rank correlation of sentiment with the return over the next `bars`, on samples that do not overlap.

    The interval is 95 % by stationary bootstrap of the ranks; `p` is against surrogate worlds, `p_family` that of the
    strongest over all horizons stepped down. `spread` is the mean return of the highest bucket minus the lowest's.
    """

    bars: int
    n: int
    coefficient: float | None
    low: float | None
    high: float | None
    p: float | None
    p_family: float | None
    buckets: tuple[Bucket, ...]
    spread: float | None
    spread_low: float | None
    spread_high: float | None


@dataclass(frozen=True, slots=True)
class InformationCoefficient:
    """Rank IC by horizon, its decay and the quantile spread; no verdict rests on it.

    `half_life` is in bars, None with the reason in `decay`. A bucket's edges are quantiles of the sentiment before the
    bar alone.
    """

    horizons: tuple[InformationHorizon, ...]
    half_life: float | None
    decay: str
    family: int
    surrogates: int

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        return sum(row.p is not None for row in self.horizons)
