"""The trial ledger in words: how often the series was tested, and what that leaves of a p-value."""

from dashboards.report import words
from service.correlation.results import Conclusion, CorrelationReport, TrialLedger, Verdict
from service.correlation.verdict import SUGGESTIVE_BELOW

LABEL = "Tests ever made on this series"


def tell_count(report: CorrelationReport) -> str:
    """The count for the card."""
    ledger = report.ledger
    return f"{words.count(ledger.total)} in this store, {words.count(ledger.here)} of them in this report"


def tell_remainder(item: Conclusion, ledger: TrialLedger) -> str:
    """What is left of a finding beside all those tests; nothing for a verdict of `not shown`, which found nothing."""
    if item.verdict is Verdict.NOT_SHOWN or item.p_ledger is None:
        return ""
    remains = "it remains" if item.p_ledger < SUGGESTIVE_BELOW else "it does not remain"
    told = (
        f"Beside all {words.count(ledger.total)} tests ever made on this series (Bonferroni) p is "
        f"{words.probability(item.p_ledger)}: {remains} at {words.share(SUGGESTIVE_BELOW)}."
    )
    if ledger.least_p * ledger.total < SUGGESTIVE_BELOW:
        return told
    return (
        f"{told} No finding could: the least p that the surrogate worlds can give, "
        f"{words.plain(ledger.least_p, 4)}, times so many tests is no less."
    )
