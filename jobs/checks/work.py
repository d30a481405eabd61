"""The record of work, whether answers are fresh, how the sources do, and the files of reports."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from jobs import lookout, sources
from jobs.checks.ward import Examined, Ward, tell, tell_broken
from jobs.report_files import report_folder
from service.health.findings import Finding, Severity
from service.health.standing import STARTING
from service.integrity.checks import Check, Cost, Family
from storage import database, report_files
from storage.integrity import backlog
from storage.integrity.rule import Broken

_LONG = dt.timedelta(days=1)
_WAITING = dt.timedelta(hours=6)
_AGAIN = "Make it again: newscandle report. A run that was killed before it wrote its row leaves this too."
_UNFINISHED = Check(
    "runs_ended",
    Family.LEDGER,
    "every run that began more than a day ago has ended",
    remedy="Nothing: whoever ran it was killed, and the next run did its work. newscandle runs lists them.",
)
_ORPHANS = Check(
    "slots_orphaned",
    Family.LEDGER,
    "every slot that runs is run by the daemon that leads",
    remedy="Start a daemon: it takes up what another left.",
)
_WAIT = Check(
    "slots_waiting",
    Family.LEDGER,
    "no slot has been waiting for more than six hours",
    remedy="See that a daemon runs, and what it is busy with: newscandle status.",
)
_FRESH = Check(
    "readiness",
    Family.FRESH,
    "everything /readyz asks: data are fresh, jobs run when they are due, a daemon leads; findings bear its codes",
)
_SOURCES = Check(
    "sources_well",
    Family.SOURCES,
    "every source was read, is not failing, stopped or silent, and its texts look as before",
    remedy="newscandle sources show NAME tells more; newscandle sources revive NAME asks it again.",
)
_FILES = Check("report_files", Family.REPORTS, "every file of a report is there as it was written", Cost.WHOLE, _AGAIN)


def list_checks() -> tuple[Examined, ...]:
    """Every check of this file."""
    return (
        Examined(_UNFINISHED, lambda ward: tell_broken(_UNFINISHED, "run", _ask_unfinished(ward), Severity.NOTE)),
        Examined(
            _ORPHANS, lambda ward: tell_broken(_ORPHANS, "slot", ward.ask(backlog.find_orphans), Severity.WARNING)
        ),
        Examined(_WAIT, lambda ward: tell_broken(_WAIT, "slot", _ask_waiting(ward), Severity.WARNING)),
        Examined(_FRESH, _judge_readiness),
        Examined(_SOURCES, _find_ailing),
        Examined(_FILES, _find_changed),
    )


def _ask_unfinished(ward: Ward) -> Broken | None:
    def ask(connection: sa.Connection) -> Broken | None:
        return backlog.find_unfinished(connection, ward.now - _LONG)

    return ward.ask(ask)


def _ask_waiting(ward: Ward) -> Broken | None:
    def ask(connection: sa.Connection) -> Broken | None:
        return backlog.find_waiting(connection, ward.now - _WAITING)

    return ward.ask(ask)


def _judge_readiness(ward: Ward) -> Iterator[Finding]:
    """What readiness finds; that nothing was ever done yet, or no daemon ever led, is no fault here."""
    for one in lookout.look(ward.house).readiness.findings:
        is_new = one.check == STARTING or (one.check == "no_leader" and "ever led" in one.text)
        yield Finding(one.check, one.subject, Severity.NOTE, one.text, one.remedy) if is_new else one


def _find_ailing(ward: Ward) -> Iterator[Finding]:
    for one in sources.examine(ward.house):
        if one.trouble == "new":
            yield tell(_SOURCES, "It was never read.", subject=one.source.name, severity=Severity.NOTE)
        elif one.reason:
            yield tell(_SOURCES, f"{one.trouble}: {one.reason}.", subject=one.source.name)


def _find_changed(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        written = report_files.load_all(connection)
    folder = report_folder(ward.house)
    for one in written:
        try:
            with (folder / one.name).open("rb") as file:
                held = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield tell(_FILES, f"{folder / one.name} is gone.", subject=one.name)
        except OSError as error:
            yield tell(_FILES, f"{folder / one.name} cannot be read: {error.strerror}.", subject=one.name)
        else:
            if held != one.sha256:
                text = f"{folder / one.name} is not what was written."
                yield tell(_FILES, text, subject=one.name, severity=Severity.CRITICAL)
