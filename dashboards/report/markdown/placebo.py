"""The placebo panel."""

from dashboards.report import further_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport


def placebo(report: CorrelationReport) -> Section:
    """The real figure, then every placebo with what should be seen."""
    title, panel = "Placebos", report.placebo
    if panel is None:
        return title, [further_words.NOT_STUDIED, ""]
    rows = [
        (
            escape(row.name),
            *(
                (f"not made: {escape(row.missing)}", "", "", "")
                if row.missing
                else (
                    *(words.count(row.n), words.signed(row.r)),
                    *(further_words.lag_name(row.lag), words.probability(row.p)),
                )
            ),
            row.expected,
        )
        for row in (panel.real, *panel.rows)
    ]
    return title, [
        f"A companion: no verdict rests on it. Strongest of {panel.family} lags; {panel.surrogates} worlds.",
        "",
        *table(("sentiment", "n", "strongest r", "lag", "p", "what should be seen"), rows),
        "",
    ]
