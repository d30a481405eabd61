"""The study's headline figure on data on which it ought to vanish, or ought to stay."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceboRow:
    """Strongest r with the log return over all lags and its max-statistic p; `missing` says why there is none.

    `expected` is what should be seen if the real figure means what it seems to.
    """

    name: str
    expected: str
    n: int
    r: float | None
    lag: int | None
    p: float | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class PlaceboPanel:
    """The real figure, then the placebos and variants beside it; no verdict rests on it."""

    real: PlaceboRow
    rows: tuple[PlaceboRow, ...]
    family: int  # lags
    surrogates: int  # worlds of each row but the real one

    @property
    def tests(self) -> int:
        """How many p-values were computed; the real one is counted where it was."""
        return sum(row.p is not None for row in self.rows)
