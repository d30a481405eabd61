"""The exploratory tables: other predictors, other targets."""

from dashboards.report import further_words
from dashboards.report.markdown.text import Section, escape, table
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport, Matrix


def predictors(report: CorrelationReport, words: Words) -> Section:
    """Predictors beyond the score, then other targets beside the same market."""
    beyond, others = words.say("Beyond the score"), words.say("Other targets beside the same market")
    not_studied = [words.say(further_words.NOT_STUDIED), ""]
    none = [words.say("No series of other targets were given."), ""]
    lines = [words.say("Exploratory: no verdict rests on it."), "", f"### {beyond}", ""]
    lines += _matrix(report.predictors, words.say("Predictor"), words) if report.predictors else not_studied
    lines += [f"### {others}", ""]
    lines += _matrix(report.other_targets, words.say("Target"), words) if report.other_targets else none
    return words.say("Other predictors and targets"), lines


def _matrix(matrix: Matrix, first: str, words: Words) -> list[str]:
    rows = [
        (
            *(escape(words.retell(cell.predictor)), words.outcome_name(cell.outcome), words.retell(cell.span)),
            *(words.count(cell.n), words.signed(cell.r), words.lag(cell.lag)),
            *(words.probability(cell.p), words.probability(cell.p_family)),
        )
        for cell in matrix.cells
    ]
    header = (
        *(first, words.say("Outcome"), words.say("Lags"), "n", words.say("Strongest r"), words.say("Lag"), "p"),
        words.say("p (table)"),
    )
    scope = words.say(
        "{family} correlations looked at, {worlds} worlds.",
        family=words.count(matrix.family),
        worlds=words.count(matrix.surrogates),
    )
    missing = [
        words.say("{name}: not tried, {reason}", name=words.retell(name), reason=words.retell(reason))
        for name, reason in matrix.missing
    ]
    return [*(table(header, rows) if rows else []), "", scope, "", *(f"- {escape(told)}" for told in missing), ""]
