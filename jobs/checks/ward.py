"""What a check is given, and how it says what it found."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jobs.clock import Clock
from jobs.house import House
from jobs.settings import Settings
from service.health.findings import Finding, Severity
from service.integrity.checks import Check
from storage import database
from storage.integrity.rule import Broken

RESTORE = "Restore from a backup (newscandle restore), or set right by hand what you know to be wrong."


@dataclass(frozen=True)
class Ward:
    """Settings, store and clock as the doctor finds them."""

    settings: Settings
    engine: sa.Engine
    clock: Clock
    config: Path | None = None  # the settings file that was named
    heard: dict[str, Any] = field(default_factory=dict)  # what was told by others, asked once

    @cached_property
    def now(self) -> dt.datetime:
        """When the doctor came."""
        return self.clock()

    @cached_property
    def house(self) -> House:
        """The same as jobs have it; its schema is as it was found."""
        return House(self.settings, self.engine, self.clock)

    def ask(self, question: Callable[[sa.Connection], Broken | None]) -> Broken | None:
        """What a question to the store finds, in a transaction that only reads."""
        with database.read(self.engine) as connection:
            return question(connection)


@dataclass(frozen=True, slots=True)
class Examined:
    """A check and the looking: `examine` yields what is wrong, nothing where all is well.

    `needs_store`: it is left out where the store cannot be read at all.
    """

    check: Check
    examine: Callable[[Ward], Iterable[Finding]]
    needs_store: bool = True


def tell(
    check: Check, text: str, *, subject: str = "", severity: Severity = Severity.WARNING, remedy: str = ""
) -> Finding:
    """A finding of `check`, with its remedy where no other is given."""
    return Finding(check.code, subject or check.family.value, severity, text, remedy or check.remedy or RESTORE)


def tell_broken(
    check: Check, table: str, found: Broken | None, severity: Severity = Severity.CRITICAL
) -> list[Finding]:
    """The finding that rows break what `check` proves; none where none do."""
    if found is None:
        return []
    return [tell(check, f"{found.tell(table)}: not so that {check.proves}.", subject=table, severity=severity)]
