"""What the jobs of a soak did, told by the jobs themselves: the ledger's figures are held against it."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from service.errors import LeaseLost, NewscandleError, Stopped, StoreFailed

_PUNCTUAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a slot: how it `ended`, and whether that ends the slot; `is_late`: begun a minute or more too late."""

    job: str
    due_at: dt.datetime
    ended: str
    is_final: bool
    is_late: bool


@dataclass
class Record:
    """`runs` by job and outcome, `slots` by job and what became of them. An attempt counts once its end is on record:
    a daemon that dies before has abandoned it.
    """

    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    slots: Counter[tuple[str, str]] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)
    pending: Attempt | None = None

    def note(self, attempt: Attempt) -> None:
        """The job is over; its end is about to be recorded."""
        self.settle()
        self.pending = attempt

    def settle(self, *, is_dead: bool = False) -> None:
        """The end of the last attempt is on record; or it is not, and the daemon `is_dead`."""
        one, self.pending = self.pending, None
        if one is None:
            return
        self.runs[one.job, "abandoned" if is_dead else one.ended] += 1
        if is_dead or not one.is_final:
            self.retried[one.job] += 1
            return
        word = one.ended if one.ended != "ok" else "late or caught up" if one.is_late else "done"
        self.slots[one.job, word] += 1


def name_end(error: BaseException, passing: frozenset[str]) -> tuple[str, bool]:
    """What a run that raised this is called, and whether it ends its slot."""
    if isinstance(error, Stopped):
        return "interrupted", False
    if isinstance(error, LeaseLost) or not isinstance(error, Exception):
        return "abandoned", False
    if isinstance(error, StoreFailed) and error.reason in passing:
        return "failed", False
    assert isinstance(error, NewscandleError | Exception)
    return "failed", True


def is_late(due_at: dt.datetime, started_at: dt.datetime) -> bool:
    """Whether a slot was begun so late that it is not `done`."""
    return (started_at - due_at).total_seconds() > _PUNCTUAL_SECONDS
