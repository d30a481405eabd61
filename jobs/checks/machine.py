"""The machine: room on its disks, and its clock."""

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from jobs.checks.ward import Examined, Ward, tell, tell_broken
from service.health.findings import Finding, Severity
from service.integrity.checks import Check, Cost, Family
from storage import database, lease
from storage.integrity import instants, structure

_GIB = 1 << 30
_LITTLE, _NEXT_TO_NOTHING = 2 * _GIB, _GIB // 8
_SMALL_SHARE = 0.03
_LONG_WAL = 256 << 20
_SKEW_SECONDS = 2.0
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_PRUNE = "Make room, or take old texts out with newscandle prune."
_FREE = Check("disk_free", Family.DISK, "the disks of store and reports have room", remedy=_PRUNE)
_INODES = Check("disk_inodes", Family.DISK, "the disks of store and reports can take further files", remedy=_PRUNE)
_WAL = Check(
    "store_log",
    Family.DISK,
    "the write-ahead log of SQLite is folded into its file now and then",
    remedy="Look for a program that keeps a transaction open; newscandle folds it when its last connection closes.",
)
_SIZE = Check(
    "store_slack",
    Family.DISK,
    "the file of the store is mostly in use",
    remedy="Stop newscandle and run VACUUM on the file, where its room is wanted.",
)
_SKEW = Check("clock_database", Family.CLOCK, "this clock and the database's agree", remedy="Let both follow NTP.")
_NTP = Check(
    "clock_ntp", Family.CLOCK, "the kernel knows its clock to be in step", remedy="Let the machine follow NTP."
)
_AHEAD = Check(
    "clock_ahead",
    Family.CLOCK,
    "nothing in the store comes from a time that is yet to come",
    Cost.WHOLE,
    "See date: this clock is behind, or that of whoever wrote it was ahead. Rows keep the instant they were given.",
)
_BACK = Check(
    "clock_set_back",
    Family.CLOCK,
    "no run began more than an hour before the one on record ahead of it",
    remedy="Let the machine follow NTP. What came in between may be in ranges sealed before it came: see the seals.",
)


def list_checks() -> tuple[Examined, ...]:
    """Every check of disk and clock."""
    return (
        Examined(_FREE, _find_full, needs_store=False),
        Examined(_INODES, _find_out_of_inodes, needs_store=False),
        Examined(_WAL, _find_long_log),
        Examined(_SIZE, _find_slack),
        Examined(_SKEW, _find_skew),
        Examined(_NTP, _find_unsynchronised, needs_store=False),
        Examined(_AHEAD, _find_ahead),
        Examined(_BACK, lambda ward: tell_broken(_BACK, "run", ward.ask(instants.find_set_back), Severity.NOTE)),
    )


def _find_ahead(ward: Ward) -> Iterable[Finding]:
    found = ward.ask(lambda connection: instants.find_ahead(connection, ward.now))
    return tell_broken(_AHEAD, "the store", found, Severity.WARNING)


def folders_of(ward: Ward) -> Iterator[tuple[str, Path]]:
    """What newscandle writes to, with the folder that is there of it or above it."""
    if ward.engine.dialect.name == "sqlite":
        yield "store", _existing(Path(ward.engine.url.database or ".").absolute().parent)
    yield "reports", _existing(ward.house.path(ward.settings.report.folder).absolute())


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _find_full(ward: Ward) -> Iterable[Finding]:
    for name, folder in folders_of(ward):
        usage = shutil.disk_usage(folder)
        if usage.free >= _LITTLE and usage.free >= _SMALL_SHARE * usage.total:
            continue
        if usage.free >= 10 * _LITTLE:
            continue
        severity = Severity.CRITICAL if usage.free < _NEXT_TO_NOTHING else Severity.WARNING
        text = f"{folder}: {usage.free / _GIB:.1f} GiB of {usage.total / _GIB:.1f} are free."
        yield tell(_FREE, text, subject=name, severity=severity)


def _find_out_of_inodes(ward: Ward) -> Iterable[Finding]:
    for name, folder in folders_of(ward):
        told = os.statvfs(folder)
        if told.f_files and told.f_favail < max(1_000, 0.01 * told.f_files):
            yield tell(_INODES, f"{folder}: {told.f_favail:,} of {told.f_files:,} inodes are free.", subject=name)


def _find_long_log(ward: Ward) -> Iterable[Finding]:
    if ward.engine.dialect.name != "sqlite":
        return
    log = Path(f"{ward.engine.url.database}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > _LONG_WAL:
        yield tell(_WAL, f"{log.name} has {size / _GIB:.1f} GiB.", subject="store")


def _find_slack(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        size = structure.measure(connection)
    if size.free > max(size.total / 2, _GIB):
        text = f"{size.free / _GIB:.1f} of the file's {size.total / _GIB:.1f} GiB are not in use."
        yield tell(_SIZE, text, subject="store", severity=Severity.NOTE)


def _find_skew(ward: Ward) -> Iterable[Finding]:
    if ward.engine.dialect.name != "postgresql":
        return
    with database.read(ward.engine) as connection:
        here = ward.clock()
        skew = (lease.tell_time(connection, here) - here).total_seconds()
    if abs(skew) > _SKEW_SECONDS:
        text = f"The database's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this one."
        yield tell(_SKEW, text, severity=Severity.CRITICAL if abs(skew) > 60 else Severity.WARNING)


def _find_unsynchronised(ward: Ward) -> Iterable[Finding]:  # noqa: ARG001 - the shape of every check
    if is_synchronised() is False:
        yield tell(_NTP, "The kernel says that its clock is not synchronised.", severity=Severity.NOTE)


def is_synchronised() -> bool | None:
    """What the kernel says of its clock (adjtimex(2), asked without setting anything); None where it says nothing."""
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else bool(answer != _UNSYNCHRONISED)
