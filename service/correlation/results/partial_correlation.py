"""What is left of a correlation once the past is known."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


@dataclass(frozen=True, slots=True)
class PartialCorrelation:
    """Correlation of sentiment at t with an outcome at t + lag beyond `controls`, −1…1.

    `r` is the plain correlation of the same rows. `p` is against surrogate worlds, `p_family` steps down over all
    outcomes and lags.
    """

    direction: Direction
    outcome: str
    lag: int
    n: int
    controls: tuple[str, ...]
    r: float | None
    partial: float | None
    p: float | None
    p_family: float | None
    worlds: int
