"""The report as one self-contained HTML page: no network, no script, drawings inline, light, dark and print."""

import itertools
from typing import Any

import markupsafe

from dashboards.report import dependence_words, further_words, ledger_words, words
from dashboards.report.charts import draw_lead_lag, draw_price_and_sentiment
from dashboards.templating import make_environment, read_style
from service.correlation.results import CorrelationReport, Direction, LeadLag, Verdict

_VERDICT_CLASSES = {
    Verdict.NOT_SHOWN: "none",
    Verdict.SUGGESTIVE: "hint",
    Verdict.SHOWN_IN_SAMPLE: "shown",
    Verdict.HELD_OUT_OF_SAMPLE: "held",
}


def render(report: CorrelationReport) -> str:
    """The page. Everything that came from outside is escaped, and only http(s) addresses become links."""
    return make_environment("dashboards.report").get_template("report.html.j2").render(_context(report)) + "\n"


def _context(report: CorrelationReport) -> dict[str, Any]:
    headline = words.strongest(report, Direction.FORWARD)
    return {
        "report": report,
        "number": itertools.count(1).__next__,
        "sample": report.sample,
        "style": read_style("dashboards.report", "report.css"),
        "summary": words.summarise(report),
        "headline": headline,
        "verdict_class": lambda verdict: _VERDICT_CLASSES[verdict],
        "directions": [(d, [c for c in report.conclusions if c.direction is d]) for d in Direction],
        "price_chart": _trusted(draw_price_and_sentiment(report)),
        "lag_charts": [
            (line, _trusted(draw_lead_lag(line, report.sample.interval, place)))
            for place, line in enumerate(report.lead_lag)
        ],
        "extremes": [_strongest_sides(line) for line in report.lead_lag],
        "ledger": ledger_words,
        "dependence": dependence_words,
        "not_studied": further_words.NOT_STUDIED,
        "event_bars": further_words.event_bars,
        "lag_name": further_words.lag_name,
        "relation_name": further_words.relation_name,
        "rolling_rows": further_words.rolling_rows,
        "state_names": words.STATE_NAMES,
        "state_meanings": words.STATE_MEANINGS,
        "states_total": sum(number for _, number in report.sample.states) or 1,
    }


def _trusted(drawing: Any) -> dict[str, markupsafe.Markup]:
    # Drawn by us; the one text from outside in it, a target's name, is escaped where the SVG is made.
    return {"wide": markupsafe.Markup(drawing.wide), "narrow": markupsafe.Markup(drawing.narrow)}  # noqa: S704


def _strongest_sides(line: LeadLag) -> dict[str, Any]:
    """Lag, r, rank correlation and n of the strongest lag on each side; None for a side without figures."""
    rows = [row for row in zip(line.lags, line.pearson, line.spearman, line.n, strict=True) if row[1] is not None]
    sides = {"reverse": [row for row in rows if row[0] < 0], "forward": [row for row in rows if row[0] > 0]}
    return {side: max(among, key=lambda row: abs(row[1] or 0.0), default=None) for side, among in sides.items()}
