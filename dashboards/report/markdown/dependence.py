"""Dependence beyond the scan, and every family of tests of the report beside the others."""

from dashboards.report import dependence_words, further_words
from dashboards.report.markdown.text import Section, table
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport


def dependence(report: CorrelationReport, words: Words) -> Section:
    """Horizons, controls, flow, shape, Granger by order and on levels."""
    parts = (_horizons, _partial, _flow, _distance, _orders, _levels)
    lines = [line for part in parts for line in part(report, words)]
    title = words.say("Dependence beyond the scan")
    if not lines:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    told = f"{words.say('A companion: no verdict rests on it.')} {dependence_words.worlds_told(report, words)}"
    return title, [told.strip(), "", *lines]


def _horizons(report: CorrelationReport, words: Words) -> list[str]:
    if not report.horizons:
        return []
    rows = [
        (
            words.direction(row.direction),
            *(str(row.bars), str(row.n), words.signed(row.r), words.probability(row.p_family)),
            *(words.signed(row.t_transformed, 2), words.probability(row.p_transformed)),
            *(words.probability(row.p_hac), words.probability(row.p_plain)),
        )
        for row in report.horizons
    ]
    header = (
        *(
            words.say("Direction"),
            words.say("Bars"),
            "n",
            "r",
            words.say("p (family of {family})", family=report.horizons[0].family),
        ),
        *(words.say("t, single bars"), "p", words.say("HAC p"), words.say("plain p")),
    )
    return [f"### {words.say('Returns over many bars')}", "", *table(header, rows), ""]


def _partial(report: CorrelationReport, words: Words) -> list[str]:
    if not report.partial:
        return []
    rows = [
        (
            *(words.direction(row.direction), words.outcome_name(row.outcome), str(row.n), words.signed(row.r)),
            *(words.signed(row.partial), words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.partial
    ]
    header = (
        words.say("Direction"),
        words.say("Outcome"),
        "n",
        "r",
        words.say("partial r"),
        "p",
        words.say("p (family of {family})", family=len(rows)),
    )
    beyond = words.say("Beyond the market's own past")
    told = dependence_words.controls_told(report, words)
    return [f"### {beyond}", "", told, "", *table(header, rows), ""]


def _flow(report: CorrelationReport, words: Words) -> list[str]:
    if not report.transfer_entropy:
        return []
    rows = [
        (
            *(dependence_words.question(row.cause, row.effect, words), str(row.n), words.plain(row.transfer, 4)),
            *(words.signed(row.effective, 4), words.signed(row.z, 1)),
            *(words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.transfer_entropy
    ]
    header = (
        words.say("Question"),
        "n",
        "nats",
        words.say("effective"),
        "z",
        "p",
        words.say("p (family of {family})", family=len(rows)),
    )
    return [f"### {words.say('Which way information flows (transfer entropy)')}", "", *table(header, rows), ""]


def _distance(report: CorrelationReport, words: Words) -> list[str]:
    if not report.distance:
        return []
    rows = [
        (
            *(words.outcome_name(row.outcome), str(row.n), words.signed(row.kendall), words.plain(row.distance, 3)),
            *(words.plain(row.band, 3), words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.distance
    ]
    header = (
        words.say("Outcome"),
        "n",
        words.say("τ (Kendall)"),
        words.say("Distance correlation"),
        words.say("Band"),
        "p",
        words.say("p (family of {family})", family=len(rows)),
    )
    return [f"### {words.say('Dependence of any shape, same bar')}", "", *table(header, rows), ""]


def _orders(report: CorrelationReport, words: Words) -> list[str]:
    if not report.granger_by_order:
        return []
    rows = [
        (
            dependence_words.question(row.cause, row.effect, words),
            words.say("{some} of {all}", some=row.called, all=row.computed),
            *dependence_words.order_figures(row, words),
        )
        for row in report.granger_by_order
    ]
    header = (
        words.say("Question"),
        words.say("Orders with p below 5 %"),
        *(words.say("order {order}: F (p)", order=order) for order in dependence_words.SHOWN_ORDERS),
    )
    return [f"### {words.say('Granger at every order')}", "", *table(header, rows), ""]


def _levels(report: CorrelationReport, words: Words) -> list[str]:
    if not report.toda_yamamoto:
        return []
    rows = [
        (
            *(dependence_words.question(row.cause, row.effect, words), str(row.n), f"{row.lags} + {row.extra}"),
            *(words.plain(row.f), words.probability(row.p), words.probability(row.p_robust)),
        )
        for row in report.toda_yamamoto
    ]
    header = (words.say("Question"), "n", words.say("Lags"), "F", "p", words.say("robust p"))
    return [f"### {words.say('Granger between levels (Toda–Yamamoto)')}", "", *table(header, rows), ""]


def families(report: CorrelationReport, words: Words) -> Section:
    """Every family of tests of the report beside the others."""
    title = words.say("All families together")
    if not report.families:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    rows = [
        (
            *(
                dependence_words.name_way(row.direction, words),
                dependence_words.name_analysis(row.analysis, words),
                str(row.size),
            ),
            *(words.probability(row.p), words.probability(row.q)),
        )
        for row in report.families
    ]
    header = (
        words.say("Direction"),
        words.say("Analysis"),
        words.say("Tests inside"),
        words.say("p of the family"),
        words.say("q over the families"),
    )
    told = f"{words.say('A companion: no verdict rests on it.')} {dependence_words.floor_told(report, words)}".strip()
    return title, [told, "", *table(header, rows), ""]
