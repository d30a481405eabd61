"""One study, whole."""

from dataclasses import dataclass

from service.correlation.results.causality import GrangerByOrder, TodaYamamoto
from service.correlation.results.conclusions import Calibration, Conclusion, TrialLedger
from service.correlation.results.distance import DistanceCorrelation
from service.correlation.results.events import EventStudy
from service.correlation.results.exploration import Matrix
from service.correlation.results.figures import Association, Granger, LeadLag, ScorerComparison, Stationarity
from service.correlation.results.horizons import HorizonReturn
from service.correlation.results.information import InformationCoefficient
from service.correlation.results.multiplicity import Family
from service.correlation.results.partial_correlation import PartialCorrelation
from service.correlation.results.placebo import PlaceboPanel
from service.correlation.results.sample import Reproduction, SampleCard, SeriesPoints, WeightyArticle
from service.correlation.results.stability import Stability
from service.correlation.results.transfer_entropy import TransferEntropy


@dataclass(frozen=True, slots=True)
class CorrelationReport:
    """One study, whole. Order of fields is order of reading."""

    sample: SampleCard
    conclusions: tuple[Conclusion, ...]  # reverse first
    calibration: Calibration
    stationarity: tuple[Stationarity, ...]
    same_bar: tuple[Association, ...]
    lead_lag: tuple[LeadLag, ...]
    granger: tuple[Granger, ...]  # reverse first
    comparisons: tuple[ScorerComparison, ...]
    weighty: tuple[WeightyArticle, ...]
    points: SeriesPoints
    reproduction: Reproduction
    tests_made: int  # how many p-values were computed for this report
    ledger: TrialLedger
    # Analyses beside the verdicts: companions that change none, reverse first in each.
    granger_by_order: tuple[GrangerByOrder, ...] = ()
    toda_yamamoto: tuple[TodaYamamoto, ...] = ()
    horizons: tuple[HorizonReturn, ...] = ()
    distance: tuple[DistanceCorrelation, ...] = ()
    partial: tuple[PartialCorrelation, ...] = ()
    transfer_entropy: tuple[TransferEntropy, ...] = ()
    families: tuple[Family, ...] = ()
    refusals: tuple[str, ...] = ()  # what was asked or possible and not done, and why
    # Beside the verdicts; None where too little passed the gate or the settings leave them out.
    placebo: PlaceboPanel | None = None
    stability: Stability | None = None
    events: EventStudy | None = None
    information: InformationCoefficient | None = None
    predictors: Matrix | None = None
    other_targets: Matrix | None = None
