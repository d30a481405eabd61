"""What becomes of the times a job was due: which are made up for, which are not, and what each is called at the end."""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WAITING, RUNNING = "waiting", "running"
DONE, LATE, CAUGHT_UP, PARTIAL, FAILED = "done", "late", "caught_up", "partial", "failed"
MISSED, COALESCED, ABANDONED = "missed", "coalesced", "abandoned"
UNRUN: Final = (MISSED, COALESCED)
"""Outcomes of slots that nobody ever ran."""
MOST_ATTEMPTS: Final = 5
"""So often a slot is begun whose daemon dies in it; then it is abandoned, lest it kill the next one too."""
_PUNCTUAL: Final = dt.timedelta(seconds=60)


class CatchUp(enum.Enum):
    """What a daemon does about slots that came while none could run them."""

    LATEST = "latest"
    """The newest is run and stands for the others, which are `coalesced`."""
    ALL = "all"
    """Each is run, in order; of more than the limit the oldest are `missed`."""
    NONE = "none"
    """They are `missed`."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Slots in the order given: those that wait for their turn, and those that never run, called `outcome`."""

    waiting: tuple[dt.datetime, ...]
    unrun: tuple[dt.datetime, ...]
    outcome: str
    reason: str


def sort_out(
    waiting: Sequence[dt.datetime],
    due: Sequence[dt.datetime],
    catch_up: CatchUp,
    *,
    now: dt.datetime,
    limit: int,
    grace: dt.timedelta,
) -> Sorted:
    """What becomes of the slots of one job that wait already and of those that came due since; both in order.

    `limit`: how many may wait with `ALL`; `grace`: how late one may be seen with `NONE` and still run. Under `LATEST`
    and `NONE` one at most waits: the newest.
    """
    known = tuple(sorted({*waiting, *due}))  # after the clock was set back, what waits may be the later
    if catch_up is CatchUp.ALL:
        return Sorted(known[-limit:], known[:-limit], MISSED, f"more than {limit} waited (daemon.catch_up_limit)")
    if catch_up is CatchUp.LATEST:
        return Sorted(known[-1:], known[:-1], COALESCED, "a later one stands for it")
    waited = frozenset(waiting)
    kept = [one for one in known if one in waited or now - one <= grace][-1:]
    lost = tuple(one for one in known if one not in kept)
    return Sorted(tuple(kept), lost, MISSED, "its time passed while it could not run")


def find_tolerance(period: dt.timedelta) -> dt.timedelta:
    """How long after its instant a slot of a job that comes every `period` is seen or begun and still in time."""
    return min(_PUNCTUAL, period)


def is_made_up(due_at: dt.datetime, listed_at: dt.datetime, period: dt.timedelta) -> bool:
    """Whether its time came while no daemon looked."""
    return listed_at - due_at > find_tolerance(period)


def name_outcome(
    word: str, *, due_at: dt.datetime, listed_at: dt.datetime, started_at: dt.datetime, period: dt.timedelta
) -> str:
    """What a slot whose run ended in `word` (ok, partial, failed) is called."""
    if word != "ok":
        return word
    if is_made_up(due_at, listed_at, period):
        return CAUGHT_UP
    return LATE if started_at - due_at > find_tolerance(period) else DONE
