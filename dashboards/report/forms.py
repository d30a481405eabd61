"""One report in all its forms, each from the same study: the same numbers in all."""

from collections.abc import Mapping

from dashboards.report import document, html, markdown, rows
from dashboards.tables import as_csv, as_parquet, lay_out
from service.correlation.inputs import StudyInputs
from service.correlation.results import CorrelationReport

SUFFIXES = (".html", ".md", ".json", ".csv", ".parquet")


def render_all(inputs: StudyInputs, report: CorrelationReport) -> dict[str, bytes]:
    """The bytes of every form by suffix: page, Markdown and document of `report`, and its rows as CSV and Parquet."""
    table = lay_out(rows.list_columns(inputs), _tell(inputs))
    language, names = inputs.telling.language, inputs.telling.names
    texts = {
        ".html": html.render(report, language, names),
        ".md": markdown.render(report, language, names),
        ".json": document.render(report),
    }
    made = {suffix: text.encode() for suffix, text in texts.items()}
    return {**made, ".csv": as_csv(table), ".parquet": as_parquet(table)}


def _tell(inputs: StudyInputs) -> Mapping[str, str]:
    series = inputs.series
    return {
        "schema": rows.SCHEMA,
        "target": series.target,
        "scorer": series.scorer,
        "market": f"{series.venue} {series.symbol} {series.aggregation.interval.value}",
        "aggregation": series.aggregation.digest,
        "digest": series.digest,
    }
