"""Many predictors against many outcomes: gate, probe, one family over the whole matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.leadlag import Scan, largest
from service.correlation.probe import probe
from service.correlation.results import Direction, Matrix, MatrixCell
from service.correlation.scan import lay_out
from service.correlation.stationarity import examine
from service.correlation.worlds import critical_value, step_down, tail_share
from service.wording import word

ANY = ("any",)
EACH = ("market first", "same bar", "news first")

_DIRECTIONS: Mapping[str, Direction | None] = {
    "any": None,
    "market first": Direction.REVERSE,
    "same bar": Direction.SAME_BAR,
    "news first": Direction.FORWARD,
}


def fill_matrix(
    predictors: Mapping[str, NDArray[np.float64]],
    series: AlignedSeries,
    outcomes: Mapping[str, NDArray[np.float64]],
    lags: NDArray[np.int64],
    *,
    spans: Sequence[str],
    worlds: int,
    seed: int,
    missing: Sequence[tuple[str, str]] = (),
) -> Matrix:
    """Every predictor (one value per bar, NaN where missing) that passes the gate, against every outcome and span.

    Holm over single p-values would need as many worlds as the matrix has cells to ever reject. Within a predictor the
    worlds are shared, so its cells are stepped down together; between predictors the p-values are multiplied
    (Bonferroni), which holds whatever hangs together with what.
    """
    cells: list[list[MatrixCell]] = []
    left_out, gates, family = list(missing), 0, 0
    laid = {name: lay_out(values, lags) for name, values in outcomes.items()}
    for place, (name, column) in enumerate(predictors.items()):
        gate = examine(name, column)
        gates += (gate.adf_p is not None) + (gate.kpss_p is not None)
        scans: tuple[Scan, ...] = ()
        if gate.is_used:
            scans = probe(column, series, laid, worlds=worlds, seed=seed + place)
        if not scans:
            reason = gate.conclusion if not gate.is_used else "too few values"
            left_out.append((name, word("{reason} (n = {n})", reason=word(reason), n=gate.n)))
            continue
        family += sum(int(np.isfinite(scan.pearson).sum()) for scan in scans)
        cells.append(_judge(name, scans, spans))
    judged = tuple(_multiply(cell, len(cells)) for row in cells for cell in row)
    return Matrix(judged, len(cells), family, worlds, gates, tuple(left_out))


def _judge(name: str, scans: Sequence[Scan], spans: Sequence[str]) -> list[MatrixCell]:
    """The cells of one predictor, `p_family` stepped down over them, in units of each outcome's own band."""
    found, observed, null = [], [], []
    for scan in scans:
        band = critical_value(largest(scan.null_pearson))
        for span in spans:
            r, lag, strongest = scan.strongest(_DIRECTIONS[span])
            p = None if r is None else tail_share(strongest, abs(r))
            n = 0 if lag is None else int(scan.n[scan.lags == lag][0])
            found.append(MatrixCell(name, scan.outcome, span, n, r, lag, p, None))
            told = band if r is not None and band > 0 else np.nan
            observed.append(abs(r or 0.0) / told)
            null.append(strongest / band if np.isfinite(told) else np.zeros(len(scan.null_pearson)))
    adjusted = step_down(np.array(observed), np.column_stack(null))
    return [
        replace(cell, p_family=float(p) if np.isfinite(p) else None) for cell, p in zip(found, adjusted, strict=True)
    ]


def _multiply(cell: MatrixCell, predictors: int) -> MatrixCell:
    return replace(cell, p_family=None if cell.p_family is None else min(1.0, cell.p_family * predictors))
