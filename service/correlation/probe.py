"""A further column set beside the market: sieve, worlds and scan of its own, as the sentiment had."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.leadlag import Scan
from service.correlation.scan import LaggedOutcome, correlate, pair_counts
from service.correlation.seasons import calendar_phases
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds

LEAST_VALUES = 60
"""A column with fewer values is not probed."""


def probe(
    column: NDArray[np.float64],
    series: AlignedSeries,
    outcomes: Mapping[str, LaggedOutcome],
    *,
    worlds: int,
    seed: int,
) -> tuple[Scan, ...]:
    """Scans of `column` (one value per bar of `series`, NaN where missing) against every outcome, without ranks.

    The outcomes come laid out, so that many columns share that work. Empty where the column has too few values or they
    are all one.
    """
    held = np.isfinite(column)
    if held.sum() < LEAST_VALUES or np.ptp(column[held]) == 0:
        return ()
    sieve = fit_sieve(column, phases=calendar_phases(series.open_at, series.aggregation.interval))
    null: dict[str, list[NDArray[np.float64]]] = {name: [] for name in outcomes}
    for batch in Worlds(sieve, held, worlds, seed).batches():
        for name, place in outcomes.items():
            null[name].append(correlate(batch, place))
    return tuple(
        Scan(
            name,
            place.lags,
            pair_counts(column, place),
            correlate(column[None], place)[0],
            np.full(len(place.lags), np.nan),
            np.vstack(null[name]),
            np.full((worlds, len(place.lags)), np.nan),
        )
        for name, place in outcomes.items()
    )
