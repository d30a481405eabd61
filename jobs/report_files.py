"""A report leaves: every form beside its bundle in the report folder, a row in the store, the index written anew.

inputs, report ─▶ forms.render_all ─▶ STEM.html .md .json .csv .parquet (.pdf) ─▶ STEM.bundle.zip ─▶ row ─▶ index.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.house import House
from jobs.whole import write_whole
from service.correlation.inputs import StudyInputs
from service.correlation.results import CorrelationReport
from service.errors import WorkFailed
from service.instants import Window
from storage import database, report_files, reports
from storage.reports import ReportCard

INDEX = "index.html"
LISTED = 200
"""Reports an index shows; all are in the store."""


@dataclass(frozen=True, slots=True)
class Place:
    """Under what a report is kept: the stem of its files, and for the store its target, window and series' key."""

    stem: str
    target: str
    window: Window
    series_key: str


def save_report(
    house: House, place: Place, inputs: StudyInputs, report: CorrelationReport, *, with_pdf: bool = False
) -> Path:
    """Write the files (each whole or not at all), then the row and their digests; returns where the HTML lies.

    A process killed on the way leaves files without a row: the same report made again overwrites them.
    """
    from dashboards.bundle import build
    from dashboards.report import document, forms, pdf

    made = forms.render_all(inputs, report)
    files = {**made, build.SUFFIX: build.build(inputs, made)}
    if with_pdf:
        files[".pdf"] = pdf.render(made[".html"].decode())
    named = {f"{place.stem}{suffix}": data for suffix, data in files.items()}
    write_files(house, named)
    with database.begin(house.engine) as connection:
        key = reports.save(
            connection,
            target=place.target,
            window=place.window,
            settings_digest=report.reproduction.settings_digest,
            document=document.build(report),
            html_name=f"{place.stem}.html",
            verdicts=[item.verdict.value for item in report.conclusions],
            made_at=house.clock(),
            trials={place.series_key: report.tests_made},
            data_digest=report.reproduction.data_digest,
        )
        report_files.save(connection, named, report_key=key, written_at=house.clock())
    write_index(house)
    return report_folder(house) / f"{place.stem}.html"


def write_index(house: House) -> None:
    """`index.html` of the reports that lie in the folder, newest first."""
    from dashboards.report import index

    page = index.render([card for card in list_reports(house) if (report_folder(house) / card.html_name).exists()])
    write_files(house, {INDEX: page.encode()})


def list_reports(house: House, *, limit: int = LISTED, target: str | None = None) -> list[ReportCard]:
    """The newest reports of the store, newest first."""
    with database.read(house.engine) as connection:
        return reports.list_cards(connection, limit=limit, target=target)


def report_folder(house: House) -> Path:
    """Where reports go."""
    return house.path(house.settings.report.folder)


def write_files(house: House, files: Mapping[str, bytes]) -> None:
    """Files of the report folder by name, each whole or not at all. Raises `WorkFailed` where it cannot be written."""
    folder = report_folder(house)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole({folder / name: data for name, data in files.items()})
    except OSError as error:
        raise WorkFailed("report_folder", f"{folder}: cannot be written: {error.strerror}") from error
