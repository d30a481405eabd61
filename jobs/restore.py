"""`newscandle restore`: a backup put into the store of the settings, or only read and compared."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jobs.console import progress
from jobs.house import store_url
from jobs.settings import Settings
from service.errors import BadInput, WorkFailed
from storage import backup, backup_file, database
from storage.address import describe
from storage.backup_file import FileTold, Manifest, Reader
from storage.restore import restore


@dataclass(frozen=True, slots=True)
class Asked:
    """Which file; `replace`: the name of the database whose content is to go, empty for none."""

    file: Path
    replace: str = ""
    with_reports: bool = False


def check_backup(file: Path) -> Manifest:
    """Read a whole backup and compare it with its manifest. Raises `BadInput` where it is damaged."""
    with backup_file.reading(file) as reader:
        backup.verify(reader)
        return reader.manifest


def restore_backup(settings: Settings, asked: Asked) -> Manifest:
    """Put a backup into the store of the settings. Raises as `storage.restore.restore`; nothing is changed then.

    A SQLite file that was not there before is not there after a failure either.
    """
    engine = database.open_engine(store_url(settings))
    file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
    was_there = file is None or file.exists()
    try:
        with backup_file.reading(asked.file) as reader:
            _require_word(engine, asked)
            with progress("restore", reader.manifest.rows) as advance:
                restore(engine, reader, replace=bool(asked.replace), advance=advance)
            if asked.with_reports:
                _put_reports(settings, reader)
            return reader.manifest
    except BaseException:
        if file is not None and not was_there:
            engine.dispose()
            for suffix in ("", "-wal", "-shm"):
                file.with_name(file.name + suffix).unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()


def _require_word(engine: sa.Engine, asked: Asked) -> None:
    name = Path(engine.url.database or "").name
    if asked.replace and asked.replace != name:
        raise BadInput(
            "--replace",
            asked.replace,
            f"{describe(engine.url)} would lose what it holds: if that is meant, say --replace {name}",
        )


def _put_reports(settings: Settings, reader: Reader) -> None:
    folder = settings.folder / settings.report.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for told in reader.manifest.reports:
            partial = folder / f".{told.name}.part"
            with partial.open("wb") as file:
                for piece in _checked(reader, told):
                    file.write(piece)
            partial.replace(folder / told.name)
    except OSError as error:
        raise WorkFailed(
            "report_folder", f"{folder}: the store is restored, its report files are not all: {error.strerror}"
        ) from error


def _checked(reader: Reader, told: FileTold) -> Iterator[bytes]:
    hashed = hashlib.sha256()
    for piece in reader.read_file(told):
        hashed.update(piece)
        yield piece
    if hashed.hexdigest() != told.sha256:
        raise reader.damaged(f"{told.name} is not what was written")


def as_json(manifest: Manifest) -> dict[str, Any]:
    """A manifest as plain values, without the settings."""
    return {
        "release": manifest.release,
        "made_by": manifest.made_by,
        "taken_at": manifest.taken_at,
        "database": manifest.database,
        "rows": manifest.rows,
        "tables": {one.shape.table: {"rows": one.rows, "digest": one.digest} for one in manifest.tables},
        "reports": [one.name for one in manifest.reports],
    }


def as_text(manifest: Manifest, done: str) -> str:
    """One line for people."""
    tables = sum(1 for one in manifest.tables if one.rows)
    return (
        f"{done}: {manifest.rows:,} rows of {tables} tables and {len(manifest.reports)} report files, as of "
        f"{manifest.taken_at} (from {manifest.database}, schema {manifest.release}, {manifest.made_by})"
    )
