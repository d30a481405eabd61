"""The conclusions."""

from dashboards.report import ledger_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport, Direction


def verdicts(report: CorrelationReport) -> Section:
    """Every conclusion by direction, reverse first, and what was refused."""
    lines = []
    for direction in Direction:
        rows = [
            (
                words.outcome_name(item.outcome),
                f"**{item.verdict.value}**",
                words.signed(item.r),
                words.MISSING if item.lag is None else str(item.lag),
                words.probability(item.p_family),
                str(item.family),
                item.rule.replace("_", " "),
            )
            for item in report.conclusions
            if item.direction is direction
        ]
        header = ("outcome", "verdict", "strongest r", "lag", "p in the family", "family", "rule")
        lines += [f"### {direction.value}", "", *table(header, rows), ""]
        found = [item for item in report.conclusions if item.direction is direction]
        remainders = [ledger_words.tell_remainder(item, report.ledger) for item in found]
        lines += [
            line
            for item, remainder in zip(found, remainders, strict=True)
            if remainder
            for line in (f"- {words.outcome_name(item.outcome)}: {remainder}", "")
        ]
    if report.refusals:
        lines += ["### Refused", "", *(f"- {escape(refusal)}" for refusal in report.refusals), ""]
    return "Verdicts", lines
