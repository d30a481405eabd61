"""Reports made, whole."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from service.instants import Window, format_instant
from storage.instant_column import to_micros
from storage.schema import report, report_file
from storage.trials import StudyIdentity, record
from storage.upsert import encode_json, insert_new

_COLUMNS = (
    *("key", "target", "window_start", "window_end", "settings_digest"),
    *("document", "html_name", "verdicts", "made_at"),
)
_NO_TRIALS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report without its document: what it is on, where its HTML lies and what it concludes."""

    key: str
    target: str
    window: Window
    settings_digest: str
    html_name: str
    verdicts: tuple[str, ...]
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A report as an index shows it. `as_of` is written as its document has it; `verdicts` go by direction."""

    key: str
    target: str
    interval: str
    scorer: str
    window: Window
    as_of: str | None
    html_name: str
    verdicts: tuple[tuple[str, str], ...]
    made_at: dt.datetime


def save(
    connection: sa.Connection,
    *,
    target: str,
    window: Window,
    settings_digest: str,
    document: Mapping[str, Any],
    html_name: str,
    verdicts: Sequence[str],
    made_at: dt.datetime,
    trials: Mapping[str, int] = _NO_TRIALS,
    data_digest: str | None = None,
) -> str:
    """Store a report and give its key (32 hex digits). The same report made again is the one that is there.

    `document` is the whole report as JSON values. `trials` says how many p-values were computed on which series
    (`series.Declaration.key`), `data_digest` on which values of it: see `trials.record`.
    """
    written = encode_json(document)
    told = (target, format_instant(window.start), format_instant(window.end), settings_digest, written)
    key = hashlib.sha256("\x00".join(told).encode()).hexdigest()[:32]
    if connection.scalar(sa.select(report.c.id).where(report.c.key == key)) is not None:
        return key  # with the trials it was first told of: more of them now would change what was counted then
    start, end = to_micros(window.start, "window.start"), to_micros(window.end, "window.end")
    row = (key, target, start, end, settings_digest, written, html_name, encode_json(list(verdicts)))
    insert_new(connection, report, _COLUMNS, [(*row, to_micros(made_at, "made_at"))])
    report_id = connection.scalars(sa.select(report.c.id).where(report.c.key == key)).one()
    study = None if data_digest is None else StudyIdentity(settings_digest, data_digest)
    record(connection, report_id, trials, study)
    return key


def recent(
    connection: sa.Connection, *, limit: int = 20, target: str | None = None, as_of: dt.datetime | None = None
) -> list[StoredReport]:
    """The newest reports (with `as_of`, of those made by then), on one target or on all, newest first."""
    columns = (column for column in report.c if column is not report.c.document)
    chosen = sa.select(*columns).order_by(report.c.made_at.desc(), report.c.id.desc()).limit(limit)
    if target is not None:
        chosen = chosen.where(report.c.target == target)
    if as_of is not None:
        chosen = chosen.where(report.c.made_at <= as_of)
    return [
        StoredReport(
            row.key,
            row.target,
            Window(row.window_start, row.window_end),
            row.settings_digest,
            row.html_name,
            tuple(row.verdicts),
            row.made_at,
        )
        for row in connection.execute(chosen)
    ]


def list_unmade_since(connection: sa.Connection, before: dt.datetime) -> list[str]:
    """The names of HTML files of reports that were not made, nor their files written, since then."""
    written = sa.select(report_file.c.name).where(report_file.c.written_at >= before)
    chosen = sa.select(report.c.html_name).group_by(report.c.html_name).having(sa.func.max(report.c.made_at) < before)
    found = connection.scalars(chosen.where(report.c.html_name.not_in(written)).order_by(report.c.html_name))
    return [name for name in found if "/" not in name]


def is_made(connection: sa.Connection, html_name: str) -> bool:
    """Whether a report with HTML of this name was made."""
    return bool(connection.scalar(sa.select(sa.exists().where(report.c.html_name == html_name))))


def list_cards(connection: sa.Connection, *, limit: int = 200, target: str | None = None) -> list[ReportCard]:
    """The newest reports, newest first; of those that share their files, only the last one made."""
    told = report.c.document
    conclusions, sample = told["conclusions"], told["sample"]
    columns = (report.c.key, report.c.target, report.c.window_start, report.c.window_end, report.c.html_name)
    chosen = sa.select(
        *columns,
        report.c.made_at,
        conclusions.label("conclusions"),
        sample["interval"].as_string().label("interval"),
        sample["scorer"].as_string().label("scorer"),
        told["reproduction"]["as_of"].as_string().label("as_of"),
    )
    newest_first = (report.c.made_at.desc(), report.c.id.desc())
    place = sa.func.row_number().over(partition_by=report.c.html_name, order_by=newest_first).label("place")
    placed = sa.select(report.c.id, place).subquery()
    chosen = chosen.join(placed, placed.c.id == report.c.id).where(placed.c.place == 1)
    chosen = chosen.order_by(*newest_first).limit(limit)
    if target is not None:
        chosen = chosen.where(report.c.target == target)
    return [_read_card(row) for row in connection.execute(chosen)]


def _read_card(row: Any) -> ReportCard:
    return ReportCard(
        row.key,
        row.target,
        row.interval or "",
        row.scorer or "",
        Window(row.window_start, row.window_end),
        row.as_of,
        row.html_name,
        tuple((str(one["direction"]), str(one["verdict"])) for one in row.conclusions or ()),
        row.made_at,
    )


def load_document(connection: sa.Connection, key: str, *, as_of: dt.datetime | None = None) -> dict[str, Any] | None:
    """The whole report with this key as JSON values; None where there is none (or none had been made by `as_of`)."""
    chosen = sa.select(report.c.document).where(report.c.key == key)
    if as_of is not None:
        chosen = chosen.where(report.c.made_at <= as_of)
    found: dict[str, Any] | None = connection.scalar(chosen)
    return found
