"""All drawings of one report, ready to be put into its page."""

from typing import Any

import markupsafe

from dashboards.report.charts.arrivals import draw_arrivals
from dashboards.report.charts.further import draw_events, draw_information, draw_rolling
from dashboards.report.charts.lead_lag import common_reach, draw_lead_lag
from dashboards.report.charts.price import draw_price
from dashboards.report.charts.verdict import draw_finding
from dashboards.report.words import Words
from service.correlation.results import Conclusion, CorrelationReport, Verdict


def draw(report: CorrelationReport, words: Words) -> dict[str, Any]:
    """Drawings by the names that the templates call them, and what draws one finding beside its figures."""
    reach = common_reach(report.lead_lag)
    bands = {line.outcome: line.band for line in report.lead_lag}
    price = draw_price(report, words)

    def draw_one(item: Conclusion) -> markupsafe.Markup:
        is_shown = item.verdict is not Verdict.NOT_SHOWN
        return _trust(draw_finding(item.r, bands.get(item.outcome), reach, is_shown=is_shown))

    strips = {source: draw_arrivals(counts) for source, counts in report.sample.arrivals}
    lags = [draw_lead_lag(line, reach, place, words) for place, line in enumerate(report.lead_lag)]
    return {
        "arrivals": lambda source: _trust(strips.get(source, "")),
        "price_chart": {"wide": _trust(price.wide), "narrow": _trust(price.narrow)},
        "lag_charts": lags,
        "event_charts": draw_events(report.events.sets, words) if report.events else [],
        "information_charts": draw_information(report.information, words) if report.information else [],
        "rolling_charts": draw_rolling(report.stability, words) if report.stability else [],
        "findings_reach": reach,
        "finding_chart": draw_one,
        "multiples": set_side_by_side,
    }


def set_side_by_side(drawings: list[str]) -> markupsafe.Markup:
    """Small drawings as many to a row as fit; nothing where there is none."""
    if not drawings:
        return markupsafe.Markup("")
    figures = (markupsafe.Markup("<figure>{}</figure>").format(_trust(drawing)) for drawing in drawings)
    return markupsafe.Markup('<div class="multiples">{}</div>\n').format(markupsafe.Markup("\n").join(figures))


def _trust(drawing: str) -> markupsafe.Markup:
    # Drawn by us; what comes from outside in it, names and titles, is escaped where the canvas writes text.
    return markupsafe.Markup(drawing)  # noqa: S704
