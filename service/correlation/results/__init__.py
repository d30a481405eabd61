"""What a study concludes: plain frozen values, so that HTML, Markdown and JSON print the same numbers.

A figure that could not be computed is None and never 0. Correlations are −1…1, p-values 0–1, shares 0–1.
"""

from service.correlation.results.conclusions import Calibration, Conclusion, TrialLedger
from service.correlation.results.events import EventBar, EventSet, EventStudy, EventWindow
from service.correlation.results.figures import Association, Granger, LeadLag, ScorerComparison, Stationarity
from service.correlation.results.information import Bucket, InformationCoefficient, InformationHorizon
from service.correlation.results.report import CorrelationReport
from service.correlation.results.sample import GapLine, Reproduction, SampleCard, SeriesPoints, WeightyArticle
from service.correlation.results.stability import BreakTest, RegimeSplit, Relation, RollingWindow, Stability
from service.correlation.results.words import Direction, Verdict

__all__ = [
    "Association",
    "BreakTest",
    "Bucket",
    "Calibration",
    "Conclusion",
    "CorrelationReport",
    "Direction",
    "EventBar",
    "EventSet",
    "EventStudy",
    "EventWindow",
    "GapLine",
    "Granger",
    "InformationCoefficient",
    "InformationHorizon",
    "LeadLag",
    "RegimeSplit",
    "Relation",
    "Reproduction",
    "RollingWindow",
    "SampleCard",
    "ScorerComparison",
    "SeriesPoints",
    "Stability",
    "Stationarity",
    "TrialLedger",
    "Verdict",
    "WeightyArticle",
]
