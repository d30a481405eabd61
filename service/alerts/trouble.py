"""Troubles over time: what is found again and again is one alert, told when it lasts, reminded of, and told off.

    findings now ─┐
    troubles held ┴▶ decide ─▶ troubles to hold, those to forget, and what there is to tell

A trouble is told once it has lasted `Patience.hold`, and is over once it has been away for `Patience.clear`: what
comes and goes faster neither opens an alert nor closes one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from service.health.findings import Finding, Severity, order_findings

RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
"""The graver, the higher."""


class Step(StrEnum):
    """What is told of an alert."""

    OPENED = "opened"
    WORSE = "worse"
    REMINDER = "reminder"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Patience:
    """When a trouble is told. `remind` None: never again. Findings below `floor` are nobody's alert.

    `blind`: looks further apart than this are not taken to have seen what was in between.
    """

    hold: dt.timedelta = dt.timedelta(minutes=10)
    clear: dt.timedelta = dt.timedelta(minutes=10)
    remind: dt.timedelta | None = dt.timedelta(days=1)
    floor: Severity = Severity.WARNING
    blind: dt.timedelta = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One finding over time; `check` and `subject` name it.

    `since`: when it was first found without having been away for long. `absent_since`: when it was first not found any
    more, None while it is there. `told_at`: when it was last told, None while it has not lasted. `is_acknowledged`:
    somebody knows, and nothing is told before it is over.
    """

    finding: Finding
    since: dt.datetime
    seen_at: dt.datetime
    absent_since: dt.datetime | None = None
    told_at: dt.datetime | None = None
    is_acknowledged: bool = False

    @property
    def name(self) -> tuple[str, str]:
        """Check and subject."""
        return self.finding.check, self.finding.subject


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of a trouble, as it stands now."""

    step: Step
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Decision:
    """What to hold from now on, what to hold no longer, and what to tell."""

    held: tuple[Trouble, ...]
    forgotten: tuple[tuple[str, str], ...]
    told: tuple[Told, ...]


def decide(
    held: Mapping[tuple[str, str], Trouble], findings: Iterable[Finding], now: dt.datetime, patience: Patience
) -> Decision:
    """What the findings of `now` make of the troubles held so far. Of two findings of one name the graver counts."""
    kept: list[Trouble] = []
    told: list[Told] = []
    forgotten: list[tuple[str, str]] = []
    found: dict[tuple[str, str], Finding] = {}
    for finding in order_findings(findings):
        if RANK[finding.severity] >= RANK[patience.floor]:
            found.setdefault((finding.check, finding.subject), finding)
    for finding in found.values():
        trouble, step = _see(held.get((finding.check, finding.subject)), finding, now, patience)
        kept.append(trouble)
        told += [Told(step, trouble)] if step else []
    for name, trouble in held.items():
        if name in found:
            continue
        missed = replace(trouble, absent_since=trouble.absent_since or now)
        assert missed.absent_since is not None
        if trouble.told_at is None:
            forgotten.append(name)
        elif now - missed.absent_since >= patience.clear:
            forgotten.append(name)
            told.append(Told(Step.RESOLVED, missed))
        else:
            kept.append(missed)
    return Decision(tuple(kept), tuple(forgotten), tuple(told))


def _see(known: Trouble | None, finding: Finding, now: dt.datetime, patience: Patience) -> tuple[Trouble, Step | None]:
    """A trouble that is found now: as it is to be held, and what to tell of it."""
    if known is None or (known.told_at is None and now - known.seen_at > patience.blind):
        known = Trouble(finding, now, now)
    is_worse = RANK[finding.severity] > RANK[known.finding.severity]
    if known.told_at is not None and not is_worse:  # told as grave as it once was: getting better is no news, nor back
        finding = replace(finding, severity=known.finding.severity)
    seen = replace(known, finding=finding, seen_at=now, absent_since=None)
    step = _choose_step(seen, now, patience, is_worse=is_worse)
    return (replace(seen, told_at=now) if step else seen), step


def _choose_step(seen: Trouble, now: dt.datetime, patience: Patience, *, is_worse: bool) -> Step | None:
    if seen.told_at is None:
        return Step.OPENED if now - seen.since >= patience.hold else None
    if seen.is_acknowledged:
        return None
    if is_worse:
        return Step.WORSE
    is_due = patience.remind is not None and now - seen.told_at >= patience.remind
    return Step.REMINDER if is_due else None
