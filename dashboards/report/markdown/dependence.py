"""Dependence beyond the scan, and every family of tests beside the others."""

from dashboards.report import dependence_words, further_words, words
from dashboards.report.markdown.text import Section, table
from service.correlation.results import CorrelationReport

TITLE = "Dependence beyond the scan"


def dependence(report: CorrelationReport) -> Section:
    """Horizons, shape, controls, flow, Granger by order and on levels, families."""
    parts = (_horizons, _partial, _flow, _distance, _orders, _levels, _families)
    lines = [line for part in parts for line in part(report)]
    if not lines:
        return TITLE, [further_words.NOT_STUDIED, ""]
    return TITLE, [f"Companions: no verdict rests on it. {dependence_words.worlds_told(report)}".strip(), "", *lines]


def _horizons(report: CorrelationReport) -> list[str]:
    if not report.horizons:
        return []
    rows = [
        (
            row.direction.value,
            *(str(row.bars), str(row.n), words.signed(row.r), words.probability(row.p_family)),
            *(words.signed(row.t_transformed, 2), words.probability(row.p_transformed)),
            *(words.probability(row.p_hac), words.probability(row.p_plain)),
        )
        for row in report.horizons
    ]
    header = (
        *("direction", "bars", "n", "r", f"p (family of {report.horizons[0].family})"),
        *("t, single bars", "p", "HAC p (companion)", "plain p (wrong)"),
    )
    return ["### Returns over many bars", "", *table(header, rows), ""]


def _partial(report: CorrelationReport) -> list[str]:
    if not report.partial:
        return []
    rows = [
        (
            *(row.direction.value, words.outcome_name(row.outcome), str(row.n), words.signed(row.r)),
            *(words.signed(row.partial), words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.partial
    ]
    header = ("direction", "outcome", "n", "r", "partial r", "p", f"p (family of {len(rows)})")
    told = dependence_words.controls_told(report)
    return ["### Beyond the market's own past", "", told, "", *table(header, rows), ""]


def _flow(report: CorrelationReport) -> list[str]:
    if not report.transfer_entropy:
        return []
    rows = [
        (
            *(dependence_words.question(row.cause, row.effect), str(row.n), words.plain(row.transfer, 4)),
            *(words.signed(row.effective, 4), words.signed(row.z, 1)),
            *(words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.transfer_entropy
    ]
    header = ("question", "n", "nats", "effective", "z", "p", f"p (family of {len(rows)})")
    return ["### Which way information flows (transfer entropy)", "", *table(header, rows), ""]


def _distance(report: CorrelationReport) -> list[str]:
    if not report.distance:
        return []
    rows = [
        (
            *(words.outcome_name(row.outcome), str(row.n), words.signed(row.kendall), words.plain(row.distance, 3)),
            *(words.plain(row.band, 3), words.probability(row.p), words.probability(row.p_family)),
        )
        for row in report.distance
    ]
    header = ("outcome", "n", "τ (Kendall)", "distance correlation", "band", "p", f"p (family of {len(rows)})")
    return ["### Dependence of any shape, same bar", "", *table(header, rows), ""]


def _orders(report: CorrelationReport) -> list[str]:
    if not report.granger_by_order:
        return []
    rows = [
        (
            dependence_words.question(row.cause, row.effect),
            f"{row.called} of {row.computed}",
            *dependence_words.order_figures(row),
        )
        for row in report.granger_by_order
    ]
    header = ("question", "orders with p < 5 %", *(f"order {order}: F (p)" for order in dependence_words.SHOWN_ORDERS))
    return ["### Granger at every order", "", *table(header, rows), ""]


def _levels(report: CorrelationReport) -> list[str]:
    if not report.toda_yamamoto:
        return []
    rows = [
        (
            *(dependence_words.question(row.cause, row.effect), str(row.n), f"{row.lags} + {row.extra}"),
            *(words.plain(row.f), words.probability(row.p), words.probability(row.p_robust)),
        )
        for row in report.toda_yamamoto
    ]
    header = ("question", "n", "lags", "F", "p", "robust p")
    return ["### Granger between levels (Toda–Yamamoto)", "", *table(header, rows), ""]


def _families(report: CorrelationReport) -> list[str]:
    if not report.families:
        return []
    rows = [
        (
            *(row.direction.value, dependence_words.ANALYSIS_NAMES.get(row.analysis, row.analysis), str(row.size)),
            *(words.probability(row.p), words.probability(row.q)),
        )
        for row in report.families
    ]
    header = ("direction", "analysis", "tests inside", "p of the family", "q over the families")
    return ["### All families together", "", *table(header, rows), ""]
