"""The worker of a daemon: round after round it lists what came due and runs it, one slot at a time, while it leads."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
import structlog

from jobs import logs
from jobs.breath import Breath
from jobs.clock import Clock
from jobs.house import House
from jobs.leading import Leadership
from jobs.ledger import Claim, Ledger
from jobs.record import Outcome
from jobs.redacting import clean
from jobs.schedule import Planned
from service.errors import LeaseLost, NewscandleError, Stopped, StoreFailed
from service.instants import format_instant
from storage import database, lease

log = structlog.get_logger("newscandle")
_AWAY = frozenset({"unreachable", "locked", "no_connection"})
PASSING = _AWAY | {"disk_full", "io_error", "read_only", "out_of_memory"}
"""Why a store fails that may work again: the slot under way waits for that."""
_LONGEST_PAUSE_SECONDS, _LONGEST_PAUSE_AWAY_SECONDS = 10.0, 2.0
_LONGEST_REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the store failed, with the first reason; `started_at` by the daemon's own clock."""

    started_at: dt.datetime
    failures: int
    reason: str
    message: str


class Troubles:
    """Failures of the store, told once when they begin and once when they end, with growing pauses between tries.

    `of` says in the log whose they are.
    """

    def __init__(self, of: str, clock: Clock) -> None:
        self._of, self._clock = of, clock
        self.outage: Outage | None = None

    def note(self, failure: StoreFailed, tried_for: float = 0.0) -> float:
        """How many seconds to wait before the next try.

        Where the store is there and refuses, at least as long as was worked in vain (`tried_for`), up to a minute.
        """
        if self.outage is None:
            log.warning("the store fails, trying again", of=self._of, reason=failure.reason, message=str(failure))
            self.outage = Outage(self._clock(), 0, failure.reason, str(failure))
        self.outage = replace(self.outage, failures=self.outage.failures + 1)
        pause = 0.25 * 2.0 ** min(self.outage.failures, 10)
        if failure.reason in _AWAY:
            return min(pause, _LONGEST_PAUSE_AWAY_SECONDS)
        return max(min(pause, _LONGEST_PAUSE_SECONDS), min(tried_for, _LONGEST_REST_SECONDS))

    def clear(self) -> Outage | None:
        """Something worked; gives the outage that is over, where there was one."""
        ended, self.outage = self.outage, None
        if ended is not None:
            seconds = (self._clock() - ended.started_at).total_seconds()
            log.info("the store is back", of=self._of, failures=ended.failures, seconds=round(seconds, 1))
        return ended


class Rounds:
    """What the one worker thread of a daemon does. `stopping` is set from outside, and waits are cut short by it."""

    def __init__(
        self,
        house: House,
        plans: Mapping[str, Planned],
        ledger: Ledger,
        leadership: Leadership,
        stopping: threading.Event,
    ) -> None:
        self.ledger, self.leadership, self.stopping = ledger, leadership, stopping
        self.claim: Claim | None = None
        self.breath = Breath()
        self.troubles = Troubles("jobs", house.clock)
        self._remembered: Outage | None = None
        self._recovered_at: dt.datetime | None = None
        self._working_token = 0
        self.furnish(house, plans)

    def furnish(self, house: House, plans: Mapping[str, Planned]) -> None:
        """Go by these settings from the next slot on."""
        guarded = replace(house, engine=database.guarded(house.engine, self._guard))
        self._house, self._plans = guarded, plans

    def _guard(self, connection: sa.Connection) -> None:
        """Asked in every transaction in which a job writes."""
        self.breath.sign()
        if self.stopping.is_set():
            raise Stopped("the daemon was asked to stop")
        lease.require(connection, self._working_token)

    def go(self) -> float | None:
        """Run whatever is due; the seconds until the next is, or None while this daemon stands by."""
        while not self.stopping.is_set():
            token = self.leadership.token
            if token is None:
                return None
            began = time.monotonic()
            try:
                turn = self.ledger.take_turn(token, self._plans, self._house.settings.daemon)
                if turn.claim is not None:
                    self._run(turn.claim)
                self._recover()
                if turn.claim is None:
                    return turn.seconds
            except LeaseLost:
                self.leadership.lose(token)
            except StoreFailed as failure:
                return self.troubles.note(failure, time.monotonic() - began)
        return None

    def remember(self, outage: Outage) -> None:
        """Put this one, which another thread met, on record too when next something was done."""
        if self._recovered_at is None or outage.started_at > self._recovered_at:
            self._remembered = outage

    def _recover(self) -> None:
        """Put on record that the store had failed, now that it works."""
        outage = self.troubles.outage or self._remembered
        if outage is not None:
            reason = f"{outage.message} ({outage.failures} tries)"
            self.ledger.note_outage(outage.started_at, outage.failures, reason)
            self.troubles.clear()
            self._remembered, self._recovered_at = None, self.ledger.clock()

    def _run(self, claim: Claim) -> None:
        """Run the slot and record what became of it. Raises `StoreFailed` where the store kept it from going on."""
        with logs.bound(job=claim.slot.job, slot=format_instant(claim.slot.due_at), run=claim.run_id):
            self._run_bound(claim)

    def _run_bound(self, claim: Claim) -> None:
        self.claim, self._working_token = claim, claim.token
        try:
            ended = self._work(claim).without_secrets()
        except Stopped:
            self._insist(lambda: self.ledger.give_back(claim, "interrupted", "the daemon was stopped in it"))
        except LeaseLost as lost:
            reason = f"abandoned by {self.ledger.daemon}: {lost}"
            self._insist(lambda: self.ledger.give_back(claim, "abandoned", reason))
            raise
        except StoreFailed as failure:
            message = clean(str(failure))
            self._insist(lambda: self.ledger.give_back(claim, "failed", message))
            raise
        else:
            self._insist(lambda: self._close(claim, ended))
        finally:
            self.claim = None

    def _work(self, claim: Claim) -> Outcome:
        """What the job came to; a failure that is its own is an outcome, one that may pass is raised."""
        try:
            return claim.plan.work(self._house, lambda _units: self.breath.sign())
        except StoreFailed as failure:
            if failure.reason in PASSING:
                raise
            return Outcome({}, (str(failure),))
        except NewscandleError as error:
            return Outcome({}, (str(error),))
        except (Stopped, LeaseLost):
            raise
        except Exception as error:  # a fault of ours in one job is told and recorded, and keeps no other from its slot
            log.exception("a fault in newscandle: please report it")
            return Outcome({}, (f"a fault in newscandle: {type(error).__name__}: {error}",))

    def _close(self, claim: Claim, ended: Outcome) -> None:
        outcome = self.ledger.close(claim, ended.word, ended.counts, "; ".join(ended.failures))
        log.info(
            "ran",
            outcome=outcome,
            counts=dict(ended.counts),
            failures=list(ended.failures),
            notes=list(ended.notes),
        )

    def _insist(self, record: Callable[[], None]) -> None:
        """Try until it is on record; on the way out once only: whoever leads next finds the slot without an end."""
        while True:
            self.breath.sign()
            try:
                record()
            except StoreFailed as failure:
                pause = self.troubles.note(failure)
                if failure.reason not in PASSING or self.stopping.wait(pause):
                    return
            else:
                return
