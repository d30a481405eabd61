"""Same-bar dependence of any shape."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DistanceCorrelation:
    """Distance correlation (0–1) and Kendall's τ (−1…1) of sentiment with one outcome in the same bar.

    Distance correlation is 0 only where the two are independent, but its estimate lies above 0 even then: `band` is
    what only 5 % of the worlds exceed. `p` is against those worlds, `p_family` steps down over the outcomes.
    """

    outcome: str
    n: int
    kendall: float | None
    distance: float | None
    band: float | None
    p: float | None
    p_family: float | None
    worlds: int
