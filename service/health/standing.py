"""What is expected of one thing, what is held of it, and how it therefore stands."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from service.health.findings import Finding, Severity
from service.instants import format_instant


class State(StrEnum):
    """How a source, a market, a series or a job stands. Only `fresh` and `disabled` ask for nothing."""

    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"
    RESTING = "resting"
    STOPPED = "stopped"
    STARTING = "starting"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Standing:
    """`held_at`: up to when it is there; `expected_by`: when the next must be; None: never, and not to be told."""

    kind: str
    subject: str
    state: State
    held_at: dt.datetime | None = None
    expected_by: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """How several things stand, and what is to be said of them."""

    standings: tuple[Standing, ...] = ()
    findings: tuple[Finding, ...] = ()


def gather(parts: Iterable[Judged]) -> Judged:
    """All of them together, in order."""
    told = list(parts)
    return Judged(
        tuple(one for part in told for one in part.standings), tuple(one for part in told for one in part.findings)
    )


STARTING = "starting"
"""The check of what a fresh install does not have yet: not ready, though nothing is wrong."""


def starting(subject: str, what: str, by: dt.datetime | None) -> Finding:
    """That `what` is not there yet, and need not be before `by`."""
    until = f"; it is due by {format_instant(by)}" if by else "; its first slot has not come"
    return Finding(STARTING, subject, Severity.NOTE, f"{what}{until}.", "Wait for the first round of all jobs.")


def tell_age(passed: dt.timedelta) -> str:
    """`45 s`, `12 min`, `3.5 h`, `6.2 days`."""
    seconds = max(0.0, passed.total_seconds())
    for unit, size, digits in (("days", 86_400, 1), ("h", 3600, 1), ("min", 60, 0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds:.0f} s"
