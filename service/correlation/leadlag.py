"""Lead–lag: sentiment at t against an outcome at t + lag, both signs, judged by the strongest of the whole scan."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import Direction, LeadLag
from service.correlation.scan import (
    correlate,
    lay_out,
    pair_counts,
    paired,
    ranked,
    spearman,
)
from service.correlation.worlds import Worlds, critical_value, tail_share


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One outcome's correlations over the lags, the real ones and those of every surrogate world.

    `pearson` and `ranks` have one value per lag; `null_pearson` and `null_ranks` are worlds × lags. `ranks` are
    correlations of ranks taken over all bars once (the same statistic in every world); they differ from Spearman's
    coefficient, which ranks each lag's pairs anew, only by the bars that drop out.
    """

    outcome: str
    lags: NDArray[np.int64]
    n: NDArray[np.int64]
    pearson: NDArray[np.float64]
    ranks: NDArray[np.float64]
    null_pearson: NDArray[np.float64]
    null_ranks: NDArray[np.float64]

    def within(self, direction: Direction | None) -> NDArray[np.bool_]:
        """Which lags belong to a direction (None: all): forward is lag > 0, reverse lag < 0."""
        if direction is None:
            return np.ones(len(self.lags), np.bool_)
        if direction is Direction.FORWARD:
            return self.lags > 0
        return self.lags < 0 if direction is Direction.REVERSE else self.lags == 0

    def strongest(self, direction: Direction | None) -> tuple[float | None, int | None, NDArray[np.float64]]:
        """The largest |r| (signed r and its lag; None where nothing could be computed), and the worlds' largest |r|."""
        inside = self.within(direction) & np.isfinite(self.pearson)
        if not inside.any():
            return None, None, np.empty(0)
        at = int(np.flatnonzero(inside)[np.argmax(np.abs(self.pearson[inside]))])
        return float(self.pearson[at]), int(self.lags[at]), largest(self.null_pearson[:, inside])

    def rank_p(self, direction: Direction) -> float | None:
        """Max-statistic p-value of the rank correlations of one direction."""
        inside = self.within(direction) & np.isfinite(self.ranks)
        if not inside.any():
            return None
        return tail_share(largest(self.null_ranks[:, inside]), float(np.abs(self.ranks[inside]).max()))


def largest(correlations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest |r| of each world (row); 0 where a world has none."""
    most: NDArray[np.float64] = np.nan_to_num(np.abs(correlations), nan=0.0).max(axis=1, initial=0.0)
    return most


def scan_outcomes(
    sentiment: NDArray[np.float64], outcomes: Mapping[str, NDArray[np.float64]], worlds: Worlds, lags: NDArray[np.int64]
) -> dict[str, Scan]:
    """Scan every outcome (one value per bar, NaN where missing) against the sentiment and against all its worlds."""
    laid = {name: lay_out(values, lags) for name, values in outcomes.items()}
    laid_ranks = {name: lay_out(ranked(values[None])[0], lags) for name, values in outcomes.items()}
    null: dict[str, list[NDArray[np.float64]]] = {name: [] for name in outcomes}
    null_ranks: dict[str, list[NDArray[np.float64]]] = {name: [] for name in outcomes}
    for batch in worlds.batches():
        batch_ranks = ranked(batch)
        for name in outcomes:
            null[name].append(correlate(batch, laid[name]))
            null_ranks[name].append(correlate(batch_ranks, laid_ranks[name]))
    own, own_ranks = sentiment[None], ranked(sentiment[None])
    return {
        name: Scan(
            name,
            lags,
            pair_counts(sentiment, laid[name]),
            correlate(own, laid[name])[0],
            correlate(own_ranks, laid_ranks[name])[0],
            np.vstack(null[name]),
            np.vstack(null_ranks[name]),
        )
        for name in outcomes
    }


def lead_lag(scan: Scan, sentiment: NDArray[np.float64], outcome: NDArray[np.float64]) -> LeadLag:
    """The scan as a result: simultaneous 5 % bands and max-statistic p-values over all, forward and reverse lags."""
    bands: dict[Direction | None, float | None] = {}
    shares: dict[Direction | None, float | None] = {}
    for direction in (None, Direction.FORWARD, Direction.REVERSE):
        r, _, null = scan.strongest(direction)
        bands[direction] = None if r is None else critical_value(null)
        shares[direction] = None if r is None else tail_share(null, abs(r))
    return LeadLag(
        outcome=scan.outcome,
        lags=tuple(int(lag) for lag in scan.lags),
        n=tuple(int(n) for n in scan.n),
        pearson=tuple(float(r) if np.isfinite(r) else None for r in scan.pearson),
        spearman=tuple(spearman(*paired(sentiment, outcome, int(lag))) for lag in scan.lags),
        band=bands[None],
        band_forward=bands[Direction.FORWARD],
        band_reverse=bands[Direction.REVERSE],
        p_reverse=shares[Direction.REVERSE],
        p_forward=shares[Direction.FORWARD],
        p_any=shares[None],
        family=int(np.isfinite(scan.pearson).sum()),
        surrogates=len(scan.null_pearson),
    )
