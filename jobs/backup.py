"""`newscandle backup`: the store as it was at one instant, in one file that is there whole or not at all.

store ─ storage.backup.write ─▶ .NAME.part ─ fsync ─▶ read back ─ rename, fsync the folder ─▶ NAME ─▶ older ones go
"""

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit, urlunsplit

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from jobs.report_files import report_folder
from jobs.settings import Settings
from service.errors import BadInput, WorkFailed
from service.instants import format_instant
from storage import backup, backup_file

_NAMED: Final = re.compile(r"newscandle-\d{8}T\d{6}Z\.zip")
_PARTIAL: Final = ".part"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to: a folder, in which the file is named after the instant, or a file ending in `.zip`.

    `keep`: of a folder, so many of the newest whole backups stay (None: all). `verify`: read it back, which `keep` asks
    for too: nothing is taken away for a backup nobody read. `with_reports`: the files of the report folder as well.
    """

    to: Path
    keep: int | None = None
    verify: bool = False
    with_reports: bool = False


def make_backup(house: House, wanted: Wanted, advance: Advance) -> Outcome:
    """Write one backup. Raises `BadInput` where the place cannot be used, `WorkFailed` (`disk_full`, `unwritable`)."""
    is_file = wanted.to.suffix == ".zip" and not wanted.to.is_dir()
    if is_file and wanted.keep is not None:
        raise BadInput("--keep", wanted.keep, "is of a folder: name a folder with --to")
    folder = wanted.to.parent if is_file else wanted.to
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        path = wanted.to if is_file else folder / f"newscandle-{house.clock():%Y%m%dT%H%M%SZ}.zip"
        with _replacing(path) as (file, partial):
            manifest = backup.write(
                house.engine,
                file,
                tell_time=lambda: format_instant(house.clock()),
                made_by=f"newscandle {version('newscandle')}",
                settings=describe_settings(house.settings),
                reports=_list_reports(house) if wanted.with_reports else (),
            )
            file.flush()
            if wanted.verify or wanted.keep is not None:
                with backup_file.reading(partial) as reader:
                    backup.verify(reader)
    removed, failures = ([], []) if wanted.keep is None else _rotate(folder, wanted.keep, path)
    advance(manifest.rows)
    counts = {"rows": manifest.rows, "kilobytes": -(-path.stat().st_size // 1024), "reports": len(manifest.reports)}
    return Outcome(
        counts | {"removed": len(removed)},
        tuple(failures),
        notes=(f"{path}, as of {manifest.taken_at}", *(f"removed {one.name}" for one in removed)),
    )


def scheduled(house: House, advance: Advance) -> Outcome:
    """The backup as the settings' `[backup]` has it."""
    kept = house.settings.backup
    return make_backup(house, Wanted(house.path(kept.folder), kept.keep, with_reports=kept.reports), advance)


def describe_settings(settings: Settings) -> dict[str, Any]:
    """The settings as a backup tells them: secrets as asterisks, addresses without user and query, no store."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return _bare(value) if isinstance(value, str) and "://" in value else value

    told: dict[str, Any] = plain(settings.model_dump(mode="json"))
    told.pop("store", None)
    return told


def _bare(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "(an unreadable address)"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _list_reports(house: House) -> list[Path]:
    folder = report_folder(house)
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.is_file() and backup_file.is_keepable(one.name))


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file under a temporary name beside `path`, put in its place at the end, on the disk before it is there."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=_PARTIAL, dir=path.parent)
    partial = Path(name)
    try:
        with open(number, "w+b") as file:  # noqa: PTH123 - from a descriptor
            fcntl.flock(file, fcntl.LOCK_EX)  # for as long as somebody writes it: `_sweep` lets it be
            yield file, partial
            file.flush()
            os.fsync(file.fileno())
            partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sweep(folder: Path) -> None:
    """Take away what killed backups left: partial files nobody is writing."""
    for one in folder.glob(f".*.zip-*{_PARTIAL}"):
        with contextlib.suppress(OSError), one.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            one.unlink()


def _rotate(folder: Path, keep: int, made: Path) -> tuple[list[Path], list[str]]:
    """Remove whole backups beyond the newest `keep`; what is no whole backup is neither counted nor touched.

    Gives those removed, and what went wrong with the others.
    """
    named = sorted((one for one in folder.iterdir() if _NAMED.fullmatch(one.name)), reverse=True)
    whole = [made, *(one for one in named if one != made and _is_whole(one))]
    removed, failures = [], []
    for one in whole[keep:]:
        try:
            one.unlink(missing_ok=True)
        except OSError as error:
            failures.append(f"{one}: could not be removed: {error.strerror}")
        else:
            removed.append(one)
    return removed, failures


def _is_whole(path: Path) -> bool:
    try:
        with backup_file.reading(path):
            return True
    except BadInput:
        return False


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = "disk_full" if error.errno in _FULL else "unwritable"
        remedy = "make room there or name another folder with --to" if reason == "disk_full" else "name another folder"
        raise WorkFailed(reason, f"{folder}: no backup was written ({error.strerror}): {remedy}") from error


_FULL: Sequence[int] = (28, 122)  # ENOSPC, EDQUOT
