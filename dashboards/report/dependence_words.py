"""Words of the analyses that look beyond the scan, the same on the page and in Markdown."""

from typing import Final

from dashboards.report.words import Words
from service.correlation.results import CorrelationReport, Direction, GrangerByOrder

ANALYSIS_NAMES: Final = {
    "lead_lag": "lead–lag scan",
    "same_bar": "same bar",
    "granger": "Granger",
    "toda_yamamoto": "Toda–Yamamoto (levels)",
    "horizons": "returns over many bars",
    "distance": "distance correlation",
    "partial": "partial correlation",
    "transfer_entropy": "transfer entropy",
    "information": "information coefficient",
    "events": "events",
    "predictors": "other predictors",
    "other_targets": "other targets",
}
SHOWN_ORDERS: Final = (1, 2, 3, 6, 12, 24)


def name_analysis(code: str, words: Words) -> str:
    """What an analysis is called."""
    return words.say(ANALYSIS_NAMES.get(code, code))


def name_way(direction: Direction | None, words: Words) -> str:
    """Which direction a family looks in."""
    return words.direction(direction) if direction else words.say("either way")


def question(cause: str, effect: str, words: Words) -> str:
    """Which way is asked, in words."""
    return f"{words.outcome_name(cause)} → {words.outcome_name(effect)}"


def order_figures(row: GrangerByOrder, words: Words) -> tuple[str, ...]:
    """F and p at the orders shown; every order is in the JSON."""
    told = []
    for order in SHOWN_ORDERS:
        f, p = (row.f[order - 1], row.p[order - 1]) if order <= len(row.f) else (None, None)
        told.append(f"{words.plain(f)} ({words.probability(p)})")
    return tuple(told)


def controls_told(report: CorrelationReport, words: Words) -> str:
    """What partial correlations take off."""
    if report.partial and any(name.startswith("market_return") for name in report.partial[0].controls):
        return words.say(
            "Taken off: the returns and the volatility of the three bars before the outcome's, and the move of the "
            "whole market in its bar and the one before."
        )
    return words.say(
        "Taken off: the returns and the volatility of the three bars before the outcome's. No series of market-wide "
        "moves was given."
    )


def worlds_told(report: CorrelationReport, words: Words) -> str:
    """How many worlds each analysis was judged by."""
    if not report.horizons:
        return ""
    few = report.distance[0].worlds if report.distance else 0
    many = report.horizons[0].worlds
    return words.say(
        "Judged by {many} worlds without the link; the smallest p they can give is {least:.3f}."
        if few == many
        else "Judged by {many} worlds without the link, distance correlation by {few}; the smallest p they can give is "
        "{least:.3f}.",
        many=many,
        few=few,
        least=1 / (many + 1),
    )


def floor_told(report: CorrelationReport, words: Words) -> str:
    """The least q that an analysis judged by worlds can have when it alone calls."""
    if not report.horizons:
        return ""
    many, families = report.horizons[0].worlds, len(report.families)
    return words.say(
        "{many} worlds give no p below {least:.3f}, so an analysis they judge that calls alone among {families} "
        "families has a q of {q:.3f} at best.",
        many=many,
        least=1 / (many + 1),
        families=families,
        q=min(1.0, families / (many + 1)),
    )
