"""News, scores, prices, series, reports and the record of work: the rules of the store, one SELECT or one pass each."""

from collections.abc import Iterable
from functools import partial

from jobs.checks.ward import Examined, Ward, tell_broken
from service.health.findings import Finding
from service.integrity.checks import Check, Cost, Family
from storage.integrity import keys, news, prices, readings, studies, work
from storage.integrity.keys import Made
from storage.integrity.rule import Rule, find_broken

_SCORE_AGAIN = "Restore from a backup: a scorer reads a text once, and what it read is not read again."
_FETCH_AGAIN = "Restore from a backup; bars a venue still has are fetched again with newscandle prices --from."
_ALIGN_AGAIN = (
    "Restore from a backup; points are computed again by newscandle align --full, beside the ones that stand."
)
_LET_BE = "Nothing that was read is lost by it; if it comes back, report it."
_RULES = (
    (Family.NEWS, news.rules(), ""),
    (Family.SCORES, readings.rules(), _SCORE_AGAIN),
    (Family.PRICES, prices.rules(), _FETCH_AGAIN),
    (Family.SERIES, studies.of_series(), _ALIGN_AGAIN),
    (Family.REPORTS, studies.of_reports(), ""),
    (Family.LEDGER, work.rules(), _LET_BE),
)
_MADE_IN = {
    "quarantined_candle": Family.PRICES,
    "series": Family.SERIES,
    "report": Family.REPORTS,
    "skipped": Family.LEDGER,
}
_UNCOVERED = Check(
    "candle_holes",
    Family.PRICES,
    "every bar between the first and the last of a market is held, or in an open hole",
    Cost.WHOLE,
    "Run newscandle prices --from that day; what the venue no longer has is then a hole with a reason.",
)


def list_checks() -> tuple[Examined, ...]:
    """Every check of content."""
    found = [
        Examined(check := Check(rule.code, family, rule.proves, Cost.WHOLE, remedy), partial(_break, check, rule))
        for family, rules, remedy in _RULES
        for rule in rules
    ]
    for made in keys.all_made():
        family = _MADE_IN.get(made.table, Family.NEWS)
        check = Check(made.code, family, made.proves, Cost.WHOLE)
        found.append(Examined(check, partial(_differ, check, made)))
    return (*found, Examined(_UNCOVERED, _find_uncovered))


def _break(check: Check, rule: Rule, ward: Ward) -> Iterable[Finding]:
    return tell_broken(check, rule.table, ward.ask(lambda connection: find_broken(connection, rule)))


def _differ(check: Check, made: Made, ward: Ward) -> Iterable[Finding]:
    return tell_broken(check, made.table, ward.ask(lambda connection: keys.find_unlike(connection, made)))


def _find_uncovered(ward: Ward) -> Iterable[Finding]:
    return tell_broken(_UNCOVERED, "candle", ward.ask(prices.find_uncovered))
