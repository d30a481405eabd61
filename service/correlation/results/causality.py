"""Granger's question asked of levels, and at every lag order."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


@dataclass(frozen=True, slots=True)
class TodaYamamoto:
    """Granger's test where a series may have a unit root: `extra` lags more than are tested, so the Wald keeps its law.

    Asked only of pairs of which the gate calls one side unclear or not stationary, and of the logarithm of the price.
    """

    direction: Direction
    cause: str
    effect: str
    n: int
    lags: int
    extra: int
    f: float | None
    p: float | None
    p_robust: float | None  # heteroskedasticity-robust


@dataclass(frozen=True, slots=True)
class GrangerByOrder:
    """Granger's F test at every lag order 1, 2, 3 …: whether the answer hangs on the order. None where singular."""

    direction: Direction
    cause: str
    effect: str
    n: tuple[int, ...]
    f: tuple[float | None, ...]
    p: tuple[float | None, ...]

    @property
    def called(self) -> int:
        """At how many orders p is below 5 %."""
        return sum(p is not None and p < 0.05 for p in self.p)

    @property
    def computed(self) -> int:
        """At how many orders the test could be made."""
        return sum(p is not None for p in self.p)
