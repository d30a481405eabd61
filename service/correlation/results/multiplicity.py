"""Families of tests beside each other."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


@dataclass(frozen=True, slots=True)
class Family:
    """One analysis in one direction: `p` is its smallest p-value, already adjusted over `size` tests inside.

    `q` is adjusted over the families of this report (Benjamini–Hochberg): of the families with q below 5 %, about 5 %
    are expected to be chance.
    """

    analysis: str  # lead_lag, granger, same_bar, horizons, distance, predictors …
    direction: Direction | None  # None: either way
    size: int
    p: float | None
    q: float | None
