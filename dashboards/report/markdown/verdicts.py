"""What is shown, what is not, what was refused, and every verdict with its figures."""

from dashboards.report.ledger_words import tell_remainder
from dashboards.report.markdown.text import Section, table, tell
from dashboards.report.words import MISSING, Words
from service.correlation.results import CorrelationReport, Direction, Verdict
from service.wording import chain


def verdicts(report: CorrelationReport, words: Words) -> Section:
    """Every conclusion in words, then in figures by direction, reverse first."""
    shown: list[str] = [
        chain(item.sentence, tell_remainder(item, report.ledger, words))
        for item in report.conclusions
        if item.verdict is not Verdict.NOT_SHOWN
    ]
    not_shown = [item.sentence for item in report.conclusions if item.verdict is Verdict.NOT_SHOWN]
    lines = _list(words.say("Shown, or hinted at"), shown, words)
    lines += _list(words.say("Not shown"), not_shown, words)
    if report.refusals:
        lines += _list(words.say("Refused"), report.refusals, words)
    for direction in Direction:
        rows = [
            (
                words.outcome_name(item.outcome),
                f"**{words.verdict(item.verdict)}**",
                words.signed(item.r),
                MISSING if item.lag is None else words.signed(item.lag, 0) if item.lag else "0",
                words.probability(item.p_family),
                words.count(item.family),
                words.rule(item.rule),
            )
            for item in report.conclusions
            if item.direction is direction
        ]
        header = (
            *(words.say("Outcome"), words.say("Verdict"), words.say("Strongest r"), words.say("Lag")),
            *(words.say("p in the family"), words.say("family"), words.say("Rule")),
        )
        lines += [f"### {words.direction(direction)}", "", *table(header, rows), ""]
    return words.say("What is shown, and what is not"), lines


def _list(title: str, sentences: list[str] | tuple[str, ...], words: Words) -> list[str]:
    told = [f"- {tell(words, sentence)}" for sentence in sentences] or [words.say("Nothing.")]
    return [f"### {title}", "", *told, ""]
