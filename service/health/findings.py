"""One thing that is not as it should be. Readiness, the doctor and alerts speak of the same findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters: a `note` costs nothing yet, a `warning` will, `critical` makes answers wrong or old."""

    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"


_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with what, and what to do. `check` is a stable code, `subject` names the one thing meant.

    `check` and `subject` together name the trouble: found again, it is the same one. `text` is a sentence with figures
    and `remedy` one with the next step; neither holds a secret.
    """

    check: str
    subject: str
    severity: Severity
    text: str
    remedy: str


def order_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by check and subject."""
    return sorted(findings, key=lambda one: (_RANK[one.severity], one.check, one.subject))
