"""The ledger of slots, as the daemon that leads keeps it: what came due goes on record, and one slot is claimed.

take_turn: lease still ours? → orphans wait again → list what came due since → claim one   (one transaction)
close / give_back: what became of it, with the run's own record                            (one transaction)
"""

import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from jobs.clock import Clock
from jobs.schedule import Planned, read_rule
from jobs.settings import Daemon
from service.instants import EPOCH
from service.schedules import Schedule, find_next, list_between
from service.slots import (
    ABANDONED,
    MOST_ATTEMPTS,
    is_made_up,
    name_outcome,
    sort_out,
)
from storage import database, lease, runs, slots
from storage.slots import Listed, Slot

STORE = "store"
"""What the runs are called that tell of times in which the store failed."""
ONE_BY_ONE = 10_000
"""So many slots of a job that came due since the last look get a row each; of more, the oldest share one."""
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot that is ours to run, under this token of the lease, and the row of its run."""

    slot: Slot
    plan: Planned
    token: int
    run_id: int
    started_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done now: a claimed slot, or nothing for so many seconds."""

    claim: Claim | None
    seconds: float


@dataclass
class Ledger:
    """The ledger in the store of `engine`, kept by `daemon` (host:pid:random). `ticks`: seconds nobody can set."""

    engine: sa.Engine
    clock: Clock
    daemon: str
    ticks: Callable[[], float] = time.monotonic
    _begun: dict[str, float] = field(default_factory=dict)
    _last_look: tuple[int, dt.datetime, float] | None = None
    _looking_since: dt.datetime = EPOCH
    _caught_up: float | None = None

    def take_turn(self, token: int, plans: Mapping[str, Planned], settings: Daemon) -> Turn:
        """List what came due, and claim the slot whose turn it is. Raises `LeaseLost` where another leads.

        First come slots in time, the longest due first; one that is made up for only `catch_up_pause_seconds` after
        the one before. Those of one job come in order.
        """
        with database.begin(self.engine) as connection:
            lease.require(connection, token)
            now = lease.tell_time(connection, self.clock())
            self._look(token, now)
            self._take_back_orphans(connection, now)
            self._list_due(connection, plans, settings, now)
            heads = {one.job: one for one in slots.load_heads(connection) if one.job in plans}
            rested = self._caught_up is None or self.ticks() - self._caught_up >= settings.catch_up_pause_seconds
            order = list(plans)
            ready = sorted(
                ((made_up, one.due_at, order.index(one.job), one) for made_up, one in _judge(heads, plans)
                 if rested or not made_up),
                key=lambda told: told[:3],
            )  # fmt: skip
            if ready:
                made_up, *_, chosen = ready[0]
                claim = self._claim(connection, chosen, plans[chosen.job], token, now)
                if made_up:
                    self._caught_up = self.ticks()
                return Turn(claim, 0)
        return Turn(None, self._find_wait(now, plans, settings, is_behind=bool(heads)))

    def close(self, claim: Claim, word: str, counts: Mapping[str, int], reason: str) -> str:
        """Record how the slot's run ended (`ok`, `partial`, `failed`); gives the slot's outcome. Twice is as once."""
        outcome = name_outcome(
            word,
            due_at=claim.slot.due_at,
            listed_at=claim.slot.listed_at,
            started_at=claim.started_at,
            period=claim.plan.period_at(claim.slot.due_at),
        )
        with database.begin(self.engine) as connection:
            now = lease.tell_time(connection, self.clock())
            told = {"now": now, "counts": counts, "reason": reason}
            if slots.finish(connection, claim.slot.id, token=claim.token, outcome=outcome, **told):  # type: ignore[arg-type]
                runs.finish(connection, claim.run_id, finished_at=now, outcome=word, counts=counts, reason=reason)
        return outcome

    def give_back(self, claim: Claim, word: str, reason: str) -> None:
        """Let the slot wait again; its run ended in `word` (`interrupted`, `abandoned`, `failed`). Twice is as once."""
        with database.begin(self.engine) as connection:
            if slots.give_back(connection, claim.slot.id, token=claim.token, reason=reason):
                now = lease.tell_time(connection, self.clock())
                runs.finish(connection, claim.run_id, finished_at=now, outcome=word, counts={}, reason=reason)

    def note_outage(self, started_at: dt.datetime, failures: int, reason: str) -> None:
        """Record as a run of `store` that this daemon's store failed until now."""
        with database.begin(self.engine) as connection:
            run_id = runs.start(connection, STORE, started_at=started_at)
            now = lease.tell_time(connection, self.clock())
            counts = {"failures": failures}
            runs.finish(connection, run_id, finished_at=now, outcome="failed", counts=counts, reason=reason)

    def _look(self, token: int, now: dt.datetime) -> None:
        """Find since when this daemon has been looking: it leads under one token, did not sleep, and no clock moved.

        What comes due then is seen, if only after the job under way: it may be late, but need not be made up for.
        """
        before, self._last_look = self._last_look, (token, now, self.ticks())
        if before is not None and before[0] == token:
            passed = self._last_look[2] - before[2]
            if abs((now - before[1]).total_seconds() - passed) <= 1 + passed / 1000:
                return
        self._looking_since = now

    def _claim(self, connection: sa.Connection, one: Slot, plan: Planned, token: int, now: dt.datetime) -> Claim:
        run_id = runs.start(connection, one.job, started_at=now)
        is_ours = slots.claim(connection, one.id, by=self.daemon, token=token, now=now, run_id=run_id)
        assert is_ours, "read as waiting in this transaction, which is the only one that writes"
        self._begun[one.job] = self.ticks()
        return Claim(one, plan, token, run_id, now)

    def _take_back_orphans(self, connection: sa.Connection, now: dt.datetime) -> None:
        """Slots whose daemon ended in them wait again, until they have taken too many daemons with them.

        None can be running: the one worker of the one daemon that leads is here.
        """
        for orphan in slots.load_running(connection):
            reason = f"abandoned: {orphan.claimed_by} ended in it"
            if orphan.attempts < MOST_ATTEMPTS:
                slots.give_back(connection, orphan.id, token=orphan.token, reason=reason)
            else:
                reason += f", and so did others: {orphan.attempts} attempts"
                ended = {"outcome": ABANDONED, "now": now, "counts": {}, "reason": reason}
                slots.finish(connection, orphan.id, token=orphan.token, **ended)  # type: ignore[arg-type]
            if orphan.run_id is not None:
                runs.finish(connection, orphan.run_id, finished_at=now, outcome=ABANDONED, counts={}, reason=reason)

    def _list_due(
        self, connection: sa.Connection, plans: Mapping[str, Planned], settings: Daemon, now: dt.datetime
    ) -> None:
        kept = slots.load_schedules(connection)
        for job, plan in plans.items():
            self._begun.setdefault(job, self.ticks())
            before = kept.get(job)
            if before is None:  # its first day: nothing was promised before
                slots.save_schedule(connection, job, plan.rule, plan.zone, now)
                continue
            is_new_rule = (before.rule, before.zone) != (plan.rule, plan.zone)
            # what came due under another rule was due all the same
            rule = read_rule(f"daemon.{job}", before.rule, before.zone) if is_new_rule else plan.schedule
            older, due = _list_newest(rule, before.listed_until, now)
            if not (due or is_new_rule or before.listed_until > now):
                continue
            waiting = slots.load_waiting(connection, job)
            self._enter(connection, plan, waiting, self._part_laps(connection, plan, due), older, settings, now)
            slots.save_schedule(connection, job, plan.rule, plan.zone, now)

    def _enter(
        self,
        connection: sa.Connection,
        plan: Planned,
        waiting: Sequence[Slot],
        due: Sequence[dt.datetime],
        older: tuple[int, dt.datetime | None],
        settings: Daemon,
        now: dt.datetime,
    ) -> None:
        """Put on record what came due: each slot in a row, and the `older` ones (how many, the last) in one."""
        found = sort_out(
            [one.due_at for one in waiting],
            due,
            plan.catch_up,
            now=now,
            limit=settings.catch_up_limit,
            grace=dt.timedelta(seconds=settings.misfire_grace_seconds),
        )
        ended = frozenset(found.unrun)
        folded = [one.id for one in waiting if one.due_at in ended]
        slots.fold(connection, folded, outcome=found.outcome, reason=found.reason, now=now)
        told = [
            Listed(one, seen, found.outcome, found.reason) if one in ended else Listed(one, seen)
            for one, seen in ((one, one if one >= self._looking_since else now) for one in due)
        ]
        number, last = older
        if last is not None:
            told.insert(0, Listed(last, now, found.outcome, f"{number} of them, {found.reason}", number))
        slots.enter(connection, plan.job, told)

    def _part_laps(self, connection: sa.Connection, plan: Planned, due: Sequence[dt.datetime]) -> Sequence[dt.datetime]:
        """`due`, in which the newest slot, if it ran before, has another name, once a whole period has passed.

        After the clock was set back, slots come whose instants are on record as run. They are not run twice; but where
        nothing of the job was begun for a period, its next slot is another slot, told from the first by a microsecond.
        """
        if not due:
            return due
        *others, newest = due
        taken = slots.load_begun(connection, plan.job, newest, newest + dt.timedelta(seconds=1))
        if not taken or self.ticks() - self._begun[plan.job] < plan.period_at(newest).total_seconds():
            return due
        return (*others, max(taken) + _MICROSECOND)

    def _find_wait(self, now: dt.datetime, plans: Mapping[str, Planned], settings: Daemon, *, is_behind: bool) -> float:
        waits = [(find_next(plan.schedule, now) - now).total_seconds() for plan in plans.values()]
        if is_behind and self._caught_up is not None:
            waits.append(max(0.0, self._caught_up + settings.catch_up_pause_seconds - self.ticks()))
        return min(waits, default=3600.0)


def _judge(heads: Mapping[str, Slot], plans: Mapping[str, Planned]) -> list[tuple[bool, Slot]]:
    """Each with whether it is made up for: its time came while no daemon looked."""
    return [
        (is_made_up(one.due_at, one.listed_at, plans[job].period_at(one.due_at)), one) for job, one in heads.items()
    ]


def _list_newest(
    schedule: Schedule, since: dt.datetime, now: dt.datetime
) -> tuple[tuple[int, dt.datetime | None], list[dt.datetime]]:
    """The newest `ONE_BY_ONE` slots with since < t ≤ now, in order; how many older ones there are, and their last."""
    newest: deque[dt.datetime] = deque()
    dropped, last = 0, None
    for one in list_between(schedule, since, now):
        newest.append(one)
        if len(newest) > ONE_BY_ONE:
            dropped, last = dropped + 1, newest.popleft()
    return (dropped, last), list(newest)
