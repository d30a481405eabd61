"""The estimators in their order, the stationarity gate before all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.association import associate
from service.correlation.causality import granger
from service.correlation.leadlag import Scan, lead_lag, scan_outcomes
from service.correlation.results import Association, Direction, Granger, LeadLag, Stationarity
from service.correlation.seasons import calendar_phases
from service.correlation.settings import StudySettings
from service.correlation.stationarity import examine, refuse_levels
from service.correlation.surrogates import fit_sieve
from service.correlation.verdict import name_outcome
from service.correlation.worlds import Worlds
from service.instants import Interval
from service.wording import word

_LONGEST_GRANGER = 24


@dataclass(frozen=True, slots=True, eq=False)
class Admitted:
    """What passed the gate: the outcomes by name and the sentiment's worlds (None: nothing may be estimated)."""

    outcomes: Mapping[str, NDArray[np.float64]]
    worlds: Worlds | None
    stationarity: tuple[Stationarity, ...]
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What the estimators found, before anything is concluded from it; empty where nothing was admitted."""

    scans: tuple[Scan, ...] = ()
    same_bar: tuple[Association, ...] = ()
    lead_lag: tuple[LeadLag, ...] = ()
    granger: tuple[Granger, ...] = ()


def admit(series: AlignedSeries, outcomes: Mapping[str, NDArray[np.float64]], settings: StudySettings) -> Admitted:
    """Examine every series before any estimator sees it. The price in levels is examined and always refused."""
    close = examine("close", series.close, may_be_used=False)
    sentiment = examine("sentiment", series.sentiment)
    rows = {name: examine(name, values) for name, values in outcomes.items()}
    refusals = [refuse_levels(close)]
    if not sentiment.is_used:
        refusals.append(
            word(
                "every correlation: refused, the sentiment is {conclusion} (n = {n})",
                conclusion=word(sentiment.conclusion),
                n=sentiment.n,
            )
        )
    for name, row in rows.items():
        if not row.is_used:
            refusals.append(
                word(
                    "{outcome}: refused, it is {conclusion} (n = {n})",
                    outcome=name_outcome(name),
                    conclusion=word(row.conclusion),
                    n=row.n,
                )
            )
    stationarity = (sentiment, *rows.values(), close)
    if not sentiment.is_used:
        return Admitted({}, None, stationarity, tuple(refusals))
    sieve = fit_sieve(series.sentiment, phases=calendar_phases(series.open_at, series.aggregation.interval))
    worlds = Worlds(sieve, np.isfinite(series.sentiment), settings.surrogates, settings.seed)
    passed = {name: outcomes[name] for name, row in rows.items() if row.is_used}
    return Admitted(passed, worlds if passed else None, stationarity, tuple(refusals))


def estimate(series: AlignedSeries, admitted: Admitted, settings: StudySettings) -> Figures:
    """All coefficients and p-values of the admitted outcomes."""
    if admitted.worlds is None:
        return Figures()
    lags = settings.lags(series.aggregation.interval)
    outcomes = admitted.outcomes
    scans = tuple(scan_outcomes(series.sentiment, outcomes, admitted.worlds, lags).values())
    return Figures(
        scans,
        associate(scans, series.sentiment, outcomes, seed=settings.seed, resamples=settings.bootstrap),
        tuple(lead_lag(scan, series.sentiment, outcomes[scan.outcome]) for scan in scans),
        _granger_both_ways(series.sentiment, outcomes, longest_granger(settings, series.aggregation.interval)),
    )


def longest_granger(settings: StudySettings, interval: Interval) -> int:
    """The most lags a Granger regression may have, bars."""
    return min(_LONGEST_GRANGER, int(settings.lags(interval)[-1]))


def _granger_both_ways(
    sentiment: NDArray[np.float64], outcomes: Mapping[str, NDArray[np.float64]], longest: int
) -> tuple[Granger, ...]:
    reverse = [
        granger(Direction.REVERSE, name, "sentiment", values, sentiment, maximum_lag=longest)
        for name, values in outcomes.items()
    ]
    forward = [
        granger(Direction.FORWARD, "sentiment", name, sentiment, values, maximum_lag=longest)
        for name, values in outcomes.items()
    ]
    return (*reverse, *forward)
