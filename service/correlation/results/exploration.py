"""Tables of many figures at once, exploratory: what stands out here is a reason to look, not a finding."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One predictor against one outcome in one span of lags; lag > 0: the predictor comes first.

    `r` is the strongest over the lags of the span and `p` its max-statistic p; `p_family` holds over the whole matrix.
    """

    predictor: str
    outcome: str
    span: str  # any | market first | same bar | news first
    n: int
    r: float | None
    lag: int | None
    p: float | None
    p_family: float | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells, how many figures were looked at for them, and what could not be tried and why; no verdict.

    p-values are stepped down over the cells of one predictor, whose worlds are shared, and multiplied by `predictors`.
    """

    cells: tuple[MatrixCell, ...]
    predictors: int
    family: int  # correlations looked at: cells × their lags
    surrogates: int
    gate_tests: int  # p-values of the gates that the predictors passed through
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def tests(self) -> int:
        """How many p-values were computed, those of the gates among them."""
        return self.gate_tests + sum(cell.p is not None for cell in self.cells)
