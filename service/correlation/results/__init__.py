"""What a study concludes: plain frozen values, so that HTML, Markdown and JSON print the same numbers.

A figure that could not be computed is None and never 0. Correlations are −1…1, p-values 0–1, shares 0–1.
"""

from service.correlation.results.causality import GrangerByOrder, TodaYamamoto
from service.correlation.results.conclusions import Calibration, Conclusion, TrialLedger
from service.correlation.results.distance import DistanceCorrelation
from service.correlation.results.events import EventBar, EventSet, EventStudy, EventWindow
from service.correlation.results.exploration import Matrix, MatrixCell
from service.correlation.results.figures import Association, Granger, LeadLag, ScorerComparison, Stationarity
from service.correlation.results.horizons import HorizonReturn
from service.correlation.results.information import Bucket, InformationCoefficient, InformationHorizon
from service.correlation.results.multiplicity import Family
from service.correlation.results.partial_correlation import PartialCorrelation
from service.correlation.results.placebo import PlaceboPanel, PlaceboRow
from service.correlation.results.report import CorrelationReport
from service.correlation.results.sample import GapLine, Reproduction, SampleCard, SeriesPoints, WeightyArticle
from service.correlation.results.stability import BreakTest, RegimeSplit, Relation, RollingWindow, Stability
from service.correlation.results.transfer_entropy import TransferEntropy
from service.correlation.results.words import Direction, Verdict

__all__ = [
    "Association",
    "BreakTest",
    "Bucket",
    "Calibration",
    "Conclusion",
    "CorrelationReport",
    "Direction",
    "DistanceCorrelation",
    "EventBar",
    "EventSet",
    "EventStudy",
    "EventWindow",
    "Family",
    "GapLine",
    "Granger",
    "GrangerByOrder",
    "HorizonReturn",
    "InformationCoefficient",
    "InformationHorizon",
    "LeadLag",
    "Matrix",
    "MatrixCell",
    "PartialCorrelation",
    "PlaceboPanel",
    "PlaceboRow",
    "RegimeSplit",
    "Relation",
    "Reproduction",
    "RollingWindow",
    "SampleCard",
    "ScorerComparison",
    "SeriesPoints",
    "Stability",
    "Stationarity",
    "TodaYamamoto",
    "TransferEntropy",
    "TrialLedger",
    "Verdict",
    "WeightyArticle",
]
