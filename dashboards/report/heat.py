"""A matrix of figures as a table of tinted cells: predictors down, outcomes across, every cell with its number."""

from dataclasses import dataclass

from service.correlation.results import Matrix, MatrixCell

CALLED_BELOW = 0.05
"""A cell whose p over the whole table lies below is marked."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One cell: whom it tells of, how much of its tint is mixed in (per cent), whether it is marked."""

    cell: MatrixCell
    weight: int
    is_marked: bool

    @property
    def side(self) -> str:
        """The style sheet's name for its sign."""
        return "for" if (self.cell.r or 0.0) >= 0 else "against"


@dataclass(frozen=True, slots=True)
class Heat:
    """`columns` are outcome and span of lags; `rows` hold a predictor's name and a tile, or None, for each of them."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Tile | None, ...]], ...]


def lay_out(matrix: Matrix) -> Heat:
    """The cells in the order in which they come; the tint is full at the strongest |r| of the matrix."""
    columns = tuple(dict.fromkeys((cell.outcome, cell.span) for cell in matrix.cells))
    names = dict.fromkeys(cell.predictor for cell in matrix.cells)
    strongest = max((abs(cell.r) for cell in matrix.cells if cell.r is not None), default=0.0) or 1.0
    placed = {(cell.predictor, cell.outcome, cell.span): _tint(cell, strongest) for cell in matrix.cells}
    rows = tuple((name, tuple(placed.get((name, *column)) for column in columns)) for name in names)
    return Heat(columns, rows)


def _tint(cell: MatrixCell, strongest: float) -> Tile:
    weight = 0 if cell.r is None else round(45 * abs(cell.r) / strongest)
    return Tile(cell, weight, cell.p_family is not None and cell.p_family < CALLED_BELOW)
