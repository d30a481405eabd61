"""Placebo panel: the headline figure where nothing can be found, and where it ought to stay.

misdated · moved into the future · another target · copies once · by published time ─▶ the same scan ─▶ a row each
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.calibration import misdated
from service.correlation.leadlag import Scan
from service.correlation.probe import probe
from service.correlation.results import PlaceboPanel, PlaceboRow
from service.correlation.scan import lay_out
from service.correlation.worlds import tail_share
from service.instants import Interval
from service.wording import word

TOO_FEW = "too few values"
_TOO_SHORT = "the sample is too short to move it"


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    name: str
    expected: str
    column: NDArray[np.float64] | None
    missing: str = TOO_FEW


def study_placebos(
    series: AlignedSeries, alongside: Alongside, real: Scan, log_return: NDArray[np.float64], *, worlds: int, seed: int
) -> PlaceboPanel:
    """`real` is the study's own scan of the log return; every other row is judged by `worlds` of its own."""
    laid = {"log_return": lay_out(log_return, real.lags)}
    rows = []
    for place, candidate in enumerate(_list_candidates(series, alongside, int(real.lags[-1]), seed)):
        scans: tuple[Scan, ...] = ()
        if candidate.column is not None:
            scans = probe(candidate.column, series, laid, worlds=worlds, seed=seed + 1 + place)
        rows.append(_describe(candidate, scans[0] if scans else None))
    own = _describe(_Candidate("as it is", "what this report is about", series.sentiment), real)
    return PlaceboPanel(own, tuple(rows), int(np.isfinite(real.pearson).sum()), worlds)


def _list_candidates(series: AlignedSeries, alongside: Alongside, furthest: int, seed: int) -> Iterator[_Candidate]:
    week = 7 * Interval.D1.millis // series.aggregation.interval.millis
    generator = np.random.default_rng([seed, 12])
    shuffled = misdated(series.sentiment, 1, generator, period=week, reach=2 * furthest)
    expected = "nothing: p below 0.05 in one report of twenty"
    yield _Candidate("at shuffled dates", expected, shuffled[0] if len(shuffled) else None, _TOO_SHORT)
    moved = move_later(series.sentiment, week * (2 * furthest // week + 1))
    yield _Candidate("moved into the future", "nothing: it was said weeks before", moved, _TOO_SHORT)
    expected = "less than as it is, or what is found is about the news at large"
    # The one most spoken of is enough here: all of them have a table of their own.
    held = {name: int(np.isfinite(other.sentiment).sum()) for name, other in alongside.targets.items()}
    name = max(held, key=held.__getitem__, default="")
    other = alongside.targets.get(name)
    yield _Candidate(
        word("toward another target, {target}", target=name) if other else "toward another target",
        expected,
        other.sentiment if other else None,
        TOO_FEW if other else "no other target has a stored series over these bars",
    )
    once, published = alongside.copies_once, alongside.by_publication
    yield _Candidate(
        "copies of one text counted once",
        "about the same, or copies carry it",
        once.sentiment if once else None,
        TOO_FEW if once else "no such series is stored",
    )
    yield _Candidate(
        "placed by published time",
        "no more, or it rests on what could not be known yet",
        published.sentiment if published else None,
        TOO_FEW if published else "no such series is stored: articles are placed by when they could be known",
    )


def move_later(sentiment: NDArray[np.float64], bars: int) -> NDArray[np.float64] | None:
    """Each value `bars` later, nothing wrapped around; None where less than half would be left."""
    if 2 * bars > len(sentiment):
        return None
    return np.concatenate([np.full(bars, np.nan), sentiment[: len(sentiment) - bars]])


def _describe(candidate: _Candidate, scan: Scan | None) -> PlaceboRow:
    r, lag, null = scan.strongest(None) if scan else (None, None, np.empty(0))
    if scan is None or r is None or lag is None:
        return PlaceboRow(candidate.name, candidate.expected, 0, None, None, None, candidate.missing)
    n = int(scan.n[scan.lags == lag][0])
    return PlaceboRow(candidate.name, candidate.expected, n, r, lag, tail_share(null, abs(r)))
