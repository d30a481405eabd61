"""The report as Markdown: the same figures through the same words, for mail, diffs and repositories."""

from collections.abc import Callable, Mapping
from typing import Final

from dashboards.report.glossary import GLOSSARY, explain
from dashboards.report.languages import ENGLISH
from dashboards.report.markdown import figures, sample, verdicts
from dashboards.report.markdown.dependence import dependence, families
from dashboards.report.markdown.events import events
from dashboards.report.markdown.information import information
from dashboards.report.markdown.placebo import placebo
from dashboards.report.markdown.predictors import predictors
from dashboards.report.markdown.stability import stability
from dashboards.report.markdown.text import Section, escape
from dashboards.report.summary import summarise
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport

__all__ = ["SECTIONS", "escape", "render"]

SECTIONS: Final[tuple[Callable[[CorrelationReport, Words], Section], ...]] = (
    sample.sample_card,
    verdicts.verdicts,
    figures.lead_lag,
    figures.same_bar,
    dependence,
    placebo,
    stability,
    events,
    information,
    predictors,
    families,
    sample.articles,
    figures.calibration,
    figures.stationarity,
    sample.reproduction,
)
"""In order of reading, as on the page; numbers are given in this order."""


def render(report: CorrelationReport, language: str = ENGLISH, names: Mapping[str, str] | None = None) -> str:
    """The whole report in `language`; text from outside is escaped so that it cannot become markup."""
    words = Words(language, names)
    lines = _opening(report, words)
    for number, section in enumerate(SECTIONS, 1):
        title, body = section(report, words)
        lines += [f"## {number}. {title}", "", *body]
    lines += ["", f"## {words.say('Terms used here')}", ""]
    terms = (explain(key, words) for key in GLOSSARY)
    lines += [f"- **{escape(term)}**: {escape(meaning)}" for term, meaning in terms]
    return "\n".join(lines) + "\n"


def _opening(report: CorrelationReport, words: Words) -> list[str]:
    sample, calibration = report.sample, report.calibration
    target = escape(words.name(sample.target, sample.target_name))
    title = words.say("{target}: does the tone of the news go with {symbol}?", target=target, symbol=sample.symbol)
    span = words.say(
        "newscandle correlation report · {bars} · {start} to {end} UTC",
        bars=words.bars_of(sample.interval),
        start=words.moment(sample.start),
        end=words.moment(sample.end),
    )
    lines = [f"# {title}", "", span, ""]
    if sample.is_sample:
        told = words.say(
            "**This is a sample** made from the news items embedded in newscandle; it is no evidence of anything."
        )
        lines += [f"> {told}", ""]
    lines += [" ".join(escape(sentence) for sentence in summarise(report, words)), ""]
    certificate = words.say(
        "Certificate: false alarms in {rate} of {runs} worlds with the link cut; least |r| seen with 80 % power "
        "{least}; {tests} tests ever made on this series.",
        rate=words.share(calibration.false_alarm_rate, 1),
        runs=words.count(calibration.runs),
        least=words.plain(calibration.least_effect, 3),
        tests=words.count(report.ledger.total),
    )
    return [*lines, escape(certificate), ""]
