"""The report as Markdown: the same figures through the same words, for mail, diffs and repositories."""

from collections.abc import Callable
from typing import Final

from dashboards.report import words
from dashboards.report.markdown import figures, sample, verdicts
from dashboards.report.markdown.dependence import dependence
from dashboards.report.markdown.events import events
from dashboards.report.markdown.information import information
from dashboards.report.markdown.placebo import placebo
from dashboards.report.markdown.predictors import predictors
from dashboards.report.markdown.sample import NO_GAPS
from dashboards.report.markdown.stability import stability
from dashboards.report.markdown.text import Section, escape
from service.correlation.results import CorrelationReport

__all__ = ["NO_GAPS", "SECTIONS", "escape", "render"]

SECTIONS: Final[tuple[Callable[[CorrelationReport], Section], ...]] = (
    sample.sample_card,
    verdicts.verdicts,
    figures.calibration,
    figures.stationarity,
    figures.lead_lag,
    figures.same_bar,
    dependence,
    placebo,
    stability,
    events,
    information,
    predictors,
    sample.articles,
    sample.reproduction,
)
"""In order of reading, as on the page; numbers are given in this order."""


def render(report: CorrelationReport) -> str:
    """The whole report; text from outside is escaped so that it cannot become markup."""
    lines = _opening(report)
    for number, section in enumerate(SECTIONS, 1):
        title, body = section(report)
        lines += [f"## {number}. {title}", "", *body]
    return "\n".join(lines) + "\n"


def _opening(report: CorrelationReport) -> list[str]:
    sample = report.sample
    lines = [f"# {escape(sample.target_name)}: does the tone of the news go with {sample.symbol}?", ""]
    span = f"{words.moment(sample.start)} to {words.moment(sample.end)} UTC"
    lines += [f"newscandle correlation report, {sample.interval} bars, {span}", ""]
    if sample.is_sample:
        lines += ["> **This is a sample** made from the news items embedded in newscandle; it is no evidence.", ""]
    return [*lines, *(f"{escape(sentence)}  " for sentence in words.summarise(report)), ""]
