"""What a job says it did: stored in the run ledger, printed for people, or as JSON for programs."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jobs.redacting import clean
from service.instants import format_instant


@dataclass(frozen=True, slots=True)
class Outcome:
    """One job's work: what was counted, and what failed (`where: reason: message`) while the rest went on."""

    counts: Mapping[str, int]
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def without_secrets(self) -> "Outcome":
        """The same, as it may be stored and shown: what failed may have named an address with a password."""
        return replace(self, failures=tuple(map(clean, self.failures)), notes=tuple(map(clean, self.notes)))

    @property
    def word(self) -> str:
        """`ok`; `partial` where something failed beside what succeeded; `failed` where nothing did succeed."""
        if not self.failures:
            return "ok"
        return "partial" if any(self.counts.values()) else "failed"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One finished run of one job."""

    job: str
    started_at: dt.datetime
    finished_at: dt.datetime
    outcome: Outcome
    seconds: float  # how long it took by a clock nobody can set

    def as_json(self) -> dict[str, Any]:
        """The record as plain values."""
        return {
            "job": self.job,
            "started_at": format_instant(self.started_at),
            "finished_at": format_instant(self.finished_at),
            "seconds": round(self.seconds, 3),
            "outcome": self.outcome.word,
            "counts": dict(self.outcome.counts),
            "failures": list(self.outcome.failures),
            "notes": list(self.outcome.notes),
        }

    def as_text(self) -> str:
        """One line of counts, then a line for each note and failure."""
        counted = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in self.outcome.counts.items())
        lines = [f"{self.job}: {counted or 'nothing to do'} ({self.seconds:.1f} s)"]
        lines += [f"  note: {note}" for note in self.outcome.notes]
        lines += [f"  failed: {failure}" for failure in self.outcome.failures]
        return "\n".join(lines)
