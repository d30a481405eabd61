"""The exploratory tables: other predictors, other targets."""

from dashboards.report import further_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport, Matrix


def predictors(report: CorrelationReport) -> Section:
    """Predictors beyond the score, then other targets beside the same market."""
    lines = ["Exploratory: no verdict rests on it.", "", "### Beyond the score", ""]
    lines += _matrix(report.predictors, "predictor") if report.predictors else [further_words.NOT_STUDIED, ""]
    lines += ["### Other targets beside the same market", ""]
    none = ["No series of other targets were given.", ""]
    return "Other predictors and targets", lines + (
        _matrix(report.other_targets, "target") if report.other_targets else none
    )


def _matrix(matrix: Matrix, first: str) -> list[str]:
    rows = [
        (
            *(escape(cell.predictor), words.outcome_name(cell.outcome), cell.span, words.count(cell.n)),
            *(words.signed(cell.r), further_words.lag_name(cell.lag)),
            *(words.probability(cell.p), words.probability(cell.p_family)),
        )
        for cell in matrix.cells
    ]
    return [
        *table((first, "outcome", "lags", "n", "strongest r", "lag", "p", "p (table)"), rows),
        "",
        f"{words.count(matrix.family)} correlations looked at, {matrix.surrogates} worlds.",
        "",
        *(f"- {escape(name)}: not tried, {escape(reason)}" for name, reason in matrix.missing),
        "",
    ]
