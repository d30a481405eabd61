"""The analyses that stand beside the verdicts: they look at the same admitted series and change no verdict.

admitted series ─▶ horizons, partial and distance correlation, transfer entropy ─┐ one walk through
                   worlds (AR sieve, at most 299) ───────────────────────────────┘ the worlds for all
any series      ─▶ Granger at every order, Toda–Yamamoto where one may wander
all of these, lead–lag, same bar, Granger ─▶ families beside each other (q-values)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.distance import DistanceScan
from service.correlation.estimates import Admitted, longest_granger
from service.correlation.granger_orders import granger_by_order
from service.correlation.horizons import HorizonScan, choose_horizons
from service.correlation.inputs import StudyInputs
from service.correlation.outcomes import log_or_nan
from service.correlation.partial_correlation import PartialScan
from service.correlation.results import (
    Direction,
    DistanceCorrelation,
    GrangerByOrder,
    HorizonReturn,
    PartialCorrelation,
    TodaYamamoto,
    TransferEntropy,
)
from service.correlation.toda_yamamoto import toda_yamamoto
from service.correlation.transfer_entropy import TransferScan
from service.correlation.worlds import draw_null


@dataclass(frozen=True, slots=True)
class Dependence:
    """What they found; empty where the gate admitted nothing. Reverse first within each."""

    granger_by_order: tuple[GrangerByOrder, ...] = ()
    toda_yamamoto: tuple[TodaYamamoto, ...] = ()
    horizons: tuple[HorizonReturn, ...] = ()
    distance: tuple[DistanceCorrelation, ...] = ()
    partial: tuple[PartialCorrelation, ...] = ()
    transfer_entropy: tuple[TransferEntropy, ...] = ()

    @property
    def tests(self) -> int:
        """How many p-values were computed; adjusted ones are the same tests again and do not count."""
        p_values: list[float | None] = []
        for order in self.granger_by_order:
            p_values += order.p
        for test in self.toda_yamamoto:
            p_values += [test.p, test.p_robust]
        for row in self.horizons:
            p_values += [row.p_family, row.p_transformed, row.p_hac, row.p_plain]
        p_values += [row.p for row in self.distance]
        p_values += [row.p for row in self.partial]
        p_values += [row.p for row in self.transfer_entropy]
        return sum(p is not None for p in p_values)


def study_dependence(
    inputs: StudyInputs, outcomes: Mapping[str, NDArray[np.float64]], admitted: Admitted
) -> Dependence:
    """Every analysis of what the gate admitted; `outcomes` are all of them, also those it refused.

    They draw `settings.further_worlds` worlds (0: none of this is done); distance correlation makes do with fewer where
    there are many pairs.
    """
    series = inputs.series
    if not inputs.settings.further_worlds:
        return Dependence()
    longest = longest_granger(inputs.settings, series.aggregation.interval)
    wandering = _test_levels(series, outcomes, admitted, longest)
    if admitted.worlds is None:
        return Dependence(toda_yamamoto=wandering)
    sentiment, told = series.sentiment, admitted.outcomes
    scans = (
        HorizonScan(
            sentiment,
            told.get("log_return", np.full(series.length, np.nan)),
            choose_horizons(series.aggregation.interval, series.length) if "log_return" in told else (),
        ),
        DistanceScan(sentiment, told),
        PartialScan(
            sentiment,
            told,
            series.log_return,
            log_or_nan(series.realised_volatility),
            inputs.alongside.market_return,
        ),
        TransferScan(sentiment, told),
    )
    worlds = replace(admitted.worlds, count=inputs.settings.further_worlds)
    horizons, distance, partial, transfer = draw_null(worlds, scans)
    return Dependence(
        granger_by_order=_sweep_orders(sentiment, told),
        toda_yamamoto=wandering,
        horizons=scans[0].judge(horizons),
        distance=scans[1].judge(distance),
        partial=scans[2].judge(partial),
        transfer_entropy=scans[3].judge(transfer),
    )


def _sweep_orders(
    sentiment: NDArray[np.float64], outcomes: Mapping[str, NDArray[np.float64]]
) -> tuple[GrangerByOrder, ...]:
    """Both ways with the log return alone: every further pair costs 24 p-values more."""
    if "log_return" not in outcomes:
        return ()
    returns = outcomes["log_return"]
    return (
        granger_by_order(Direction.REVERSE, "log_return", "sentiment", returns, sentiment),
        granger_by_order(Direction.FORWARD, "sentiment", "log_return", sentiment, returns),
    )


def _test_levels(
    series: AlignedSeries, outcomes: Mapping[str, NDArray[np.float64]], admitted: Admitted, longest: int
) -> tuple[TodaYamamoto, ...]:
    """Both ways where one side may wander, and with the logarithm of the price where the price does."""
    reads = {row.series: row.conclusion for row in admitted.stationarity}
    if reads["sentiment"] == "too short":
        return ()
    wanders = reads["sentiment"] != "stationary"
    levels = {"log_close": (log_or_nan(series.close), reads["close"])}
    levels |= {name: (values, reads[name]) for name, values in outcomes.items()}
    asked = {
        name: values
        for name, (values, reading) in levels.items()
        if reading != "too short" and (wanders or reading != "stationary")
    }
    sentiment = series.sentiment
    return (
        *(
            toda_yamamoto(Direction.REVERSE, name, "sentiment", values, sentiment, maximum_lag=longest)
            for name, values in asked.items()
        ),
        *(
            toda_yamamoto(Direction.FORWARD, "sentiment", name, sentiment, values, maximum_lag=longest)
            for name, values in asked.items()
        ),
    )
