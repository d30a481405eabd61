"""The trial ledger in words: how often the series was tested, and what that leaves of a p-value."""

from dashboards.report.words import Words
from service.correlation.results import Conclusion, CorrelationReport, TrialLedger, Verdict
from service.correlation.verdict import SUGGESTIVE_BELOW


def tell_count(report: CorrelationReport, words: Words) -> str:
    """The count for the card."""
    return words.say(
        "{total} in this store, {here} of them in this report",
        total=words.count(report.ledger.total),
        here=words.count(report.ledger.here),
    )


def tell_remainder(item: Conclusion, ledger: TrialLedger, words: Words) -> str:
    """What is left of a finding beside all those tests; nothing for a verdict of `not shown`, which found nothing."""
    if item.verdict is Verdict.NOT_SHOWN or item.p_ledger is None:
        return ""
    told = words.say(
        "Beside all {total} tests ever made on this series (Bonferroni) p is {p}: it remains at {level}."
        if item.p_ledger < SUGGESTIVE_BELOW
        else "Beside all {total} tests ever made on this series (Bonferroni) p is {p}: it does not remain at {level}.",
        total=words.count(ledger.total),
        p=words.probability(item.p_ledger),
        level=words.share(SUGGESTIVE_BELOW),
    )
    if ledger.least_p * ledger.total < SUGGESTIVE_BELOW:
        return told
    least = words.say(
        "No finding could: the least p that the surrogate worlds can give, {least}, times so many tests is no less.",
        least=words.plain(ledger.least_p, 4),
    )
    return f"{told} {least}"
