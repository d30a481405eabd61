"""The analyses beside the verdicts: companions that show more of the same relation, and on which no verdict rests."""

from dataclasses import dataclass, replace

from service.correlation.estimates import Admitted
from service.correlation.events import study_events
from service.correlation.information import HORIZONS, study_information
from service.correlation.inputs import StudyInputs
from service.correlation.results import EventStudy, InformationCoefficient, Stability
from service.correlation.stability import study_stability
from service.instants import Interval


@dataclass(frozen=True, slots=True)
class Further:
    """What each of them found; None where the gate admitted too little or the settings leave them out."""

    events: EventStudy | None = None
    information: InformationCoefficient | None = None
    stability: Stability | None = None

    @property
    def tests(self) -> int:
        """How many p-values were computed."""
        return sum(one.tests for one in (self.events, self.information, self.stability) if one)


def look_further(inputs: StudyInputs, admitted: Admitted) -> Further:
    """Run all of them where sentiment and log return passed the gate.

    They draw `settings.further_worlds` worlds of their own and share no random number with what the verdicts rest on.
    Raises `BadInput` for a series alongside on another grid.
    """
    series, settings, alongside = inputs.series, inputs.settings, inputs.alongside
    alongside.require_grid(series)
    log_return = admitted.outcomes.get("log_return")
    if admitted.worlds is None or log_return is None or not settings.further_worlds:
        return Further()
    worlds = replace(admitted.worlds, count=settings.further_worlds)
    horizons = HORIZONS.get(series.aggregation.interval, HORIZONS[Interval.D1])
    return Further(
        events=study_events(series, alongside, seed=settings.seed, draws=settings.bootstrap),
        information=study_information(series.sentiment, log_return, worlds, horizons, resamples=settings.bootstrap),
        stability=study_stability(series, log_return, worlds, alongside.dates),
    )
