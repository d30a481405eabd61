"""The analyses beside the verdicts: companions that show more of the same relation, and on which no verdict rests."""

from dataclasses import dataclass, fields, replace

from service.correlation.estimates import Admitted, Figures
from service.correlation.events import study_events
from service.correlation.information import HORIZONS, study_information
from service.correlation.inputs import StudyInputs
from service.correlation.placebo import study_placebos
from service.correlation.predictors import study_predictors
from service.correlation.results import EventStudy, InformationCoefficient, Matrix, PlaceboPanel, Stability
from service.correlation.stability import study_stability
from service.correlation.target_matrix import study_targets
from service.instants import Interval

_PREDICTOR_SEED, _TARGET_SEED, _PLACEBO_SEED = 1_000, 2_000, 3_000
"""Added to the study's seed, so that no two analyses draw the same worlds."""


@dataclass(frozen=True, slots=True)
class Further:
    """What each of them found; None where the gate admitted too little or the settings leave them out."""

    placebo: PlaceboPanel | None = None
    stability: Stability | None = None
    events: EventStudy | None = None
    information: InformationCoefficient | None = None
    predictors: Matrix | None = None
    other_targets: Matrix | None = None

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        found = [getattr(self, field.name) for field in fields(self)]
        return sum(one.tests for one in found if one is not None)


def look_further(inputs: StudyInputs, admitted: Admitted, figures: Figures) -> Further:
    """Run all of them where sentiment and log return passed the gate.

    They draw `settings.further_worlds` worlds of their own and share no random number with what the verdicts rest on.
    Raises `BadInput` for a series alongside on another grid.
    """
    series, settings, alongside = inputs.series, inputs.settings, inputs.alongside
    alongside.require_grid(series)
    log_return = admitted.outcomes.get("log_return")
    if admitted.worlds is None or log_return is None or not settings.further_worlds:
        return Further()
    count, seed, lags = settings.further_worlds, settings.seed, settings.lags(series.aggregation.interval)
    worlds = replace(admitted.worlds, count=count)
    horizons = HORIZONS.get(series.aggregation.interval, HORIZONS[Interval.D1])
    real = next(scan for scan in figures.scans if scan.outcome == "log_return")
    outcomes = admitted.outcomes
    return Further(
        placebo=study_placebos(series, alongside, real, log_return, worlds=count, seed=seed + _PLACEBO_SEED),
        stability=study_stability(series, log_return, worlds, alongside.dates),
        events=study_events(series, alongside, seed=seed, draws=settings.bootstrap),
        information=study_information(series.sentiment, log_return, worlds, horizons, resamples=settings.bootstrap),
        predictors=study_predictors(
            series, inputs.companions, alongside, outcomes, lags, worlds=count, seed=seed + _PREDICTOR_SEED
        ),
        other_targets=study_targets(series, alongside, log_return, lags, worlds=count, seed=seed + _TARGET_SEED),
    )
