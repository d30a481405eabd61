"""The study: from one aligned series to a report that says what the data do and do not show."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.association import effective_n
from service.correlation.calibration import calibrate
from service.correlation.dependence import study_dependence
from service.correlation.estimates import Admitted, Figures, admit, estimate
from service.correlation.families import compare_families
from service.correlation.further import look_further
from service.correlation.inputs import StudyInputs
from service.correlation.ledger import carry_over, open_ledger
from service.correlation.outcomes import outcome_columns
from service.correlation.reading import draw_conclusions
from service.correlation.results import (
    Calibration,
    CorrelationReport,
    Direction,
    ScorerComparison,
    SeriesPoints,
)
from service.correlation.scan import paired, pearson
from service.correlation.settings import StudySettings
from service.errors import BadInput
from service.instants import Interval, from_millis

__all__ = ["StudyInputs", "StudySettings", "points", "run"]


def run(inputs: StudyInputs) -> CorrelationReport:
    """The whole study of one target on one market; deterministic for equal input and seed.

        series ─▶ gate (ADF, KPSS) ─▶ worlds (AR sieve) ─▶ scan ─▶ same bar, lead–lag, Granger
               ─▶ hold-out ─▶ verdicts ─▶ certificate ─▶ what stands beside them ─▶ report

    A sample too short for the estimators gives a report without their figures and with `too_few` verdicts, never an
    error. Raises `BadInput` for a companion or a series alongside on another grid.
    """
    series, settings = inputs.series, inputs.settings
    outcomes = outcome_columns(series)
    admitted = admit(series, outcomes, settings)
    figures = estimate(series, admitted, settings)
    conclusions, hold_out_tests = draw_conclusions(series.sentiment, outcomes, admitted, figures, settings)
    comparisons = _compare(series, inputs.companions)
    further = look_further(inputs, admitted, figures)
    dependence = study_dependence(inputs, outcomes, admitted)
    tests = _count_tests(admitted, figures) + hold_out_tests + further.tests + dependence.tests
    ledger = open_ledger(earlier=inputs.earlier_tests, here=tests, surrogates=settings.surrogates)
    return CorrelationReport(
        sample=inputs.sample,
        conclusions=carry_over(conclusions, ledger),
        calibration=_certify(series, admitted, figures, settings),
        stationarity=admitted.stationarity,
        same_bar=figures.same_bar,
        lead_lag=figures.lead_lag,
        granger=figures.granger,
        granger_by_order=dependence.granger_by_order,
        toda_yamamoto=dependence.toda_yamamoto,
        horizons=dependence.horizons,
        distance=dependence.distance,
        partial=dependence.partial,
        transfer_entropy=dependence.transfer_entropy,
        families=compare_families(conclusions, figures, dependence, further),
        comparisons=comparisons,
        weighty=inputs.weighty,
        points=points(series),
        reproduction=inputs.reproduction,
        tests_made=tests,
        ledger=ledger,
        refusals=admitted.refusals,
        placebo=further.placebo,
        stability=further.stability,
        events=further.events,
        information=further.information,
        predictors=further.predictors,
        other_targets=further.other_targets,
    )


def _certify(series: AlignedSeries, admitted: Admitted, figures: Figures, settings: StudySettings) -> Calibration:
    headline = effective_n(series.sentiment, admitted.outcomes[figures.scans[0].outcome]) if figures.scans else None
    return calibrate(
        series.sentiment,
        admitted.outcomes,
        figures.scans,
        headline_n=headline or 0.0,
        runs=settings.certificate_runs,
        seed=settings.seed,
        period=7 * Interval.D1.millis // series.aggregation.interval.millis,
    )


def points(series: AlignedSeries) -> SeriesPoints:
    """The series as it is drawn: None where missing; `articles` are those that count as readings of the target."""
    return SeriesPoints(
        open_at=tuple(from_millis(int(at)) for at in series.open_at),
        close=_or_none(series.close),
        sentiment=_or_none(series.sentiment),
        articles=tuple(int(n) for n in series.scored + series.no_signal),
    )


def _or_none(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(float(v) if np.isfinite(v) else None for v in values)


def _compare(series: AlignedSeries, companions: Mapping[str, AlignedSeries]) -> tuple[ScorerComparison, ...]:
    """How other scorers of the same target agree bar by bar, and their own same-bar figure with the log return."""
    rows = []
    for scorer, other in companions.items():
        if not np.array_equal(other.open_at, series.open_at):
            raise BadInput("companions", scorer, "align every scorer over the same window and interval")
        x, y = paired(other.sentiment, series.log_return, 0)
        agreement = pearson(*paired(series.sentiment, other.sentiment, 0))
        rows.append(ScorerComparison(scorer, agreement, pearson(x, y), len(x)))
    return tuple(rows)


def _count_tests(admitted: Admitted, figures: Figures) -> int:
    """How many p-values were computed; adjusted ones are the same tests again and do not count."""
    p_values: list[float | None] = []
    for gate in admitted.stationarity:
        p_values += [gate.adf_p, gate.kpss_p]
    for row in figures.same_bar:
        p_values += [row.pearson_p, row.spearman_p]
    for line in figures.lead_lag:
        p_values += [line.p_any, line.p_forward, line.p_reverse]
    for test in figures.granger:
        p_values += [test.p, test.p_robust]
    # Every conclusion also looks at the rank scan of its direction; the same bar's is counted above.
    rank_scans = [scan.rank_p(way) for scan in figures.scans for way in (Direction.REVERSE, Direction.FORWARD)]
    return sum(p is not None for p in [*p_values, *rank_scans])
