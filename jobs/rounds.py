"""The worker of a daemon: round after round it lists what came due and runs it, one slot at a time, while it leads."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa
import structlog

from jobs.house import House
from jobs.leading import Leadership
from jobs.ledger import Claim, Ledger
from jobs.record import Outcome
from jobs.schedule import Planned
from service.errors import LeaseLost, NewscandleError, Stopped, StoreFailed
from storage import database, lease

log = structlog.get_logger("newscandle")
PASSING = frozenset({"unreachable", "locked", "disk_full", "io_error", "read_only"})
"""Why a store fails that may work again: the slot under way waits for that."""
_LONGEST_PAUSE_SECONDS = 30.0


class Troubles:
    """Failures of the store, told once when they begin and once when they end, with growing pauses between tries."""

    def __init__(self) -> None:
        self._failures = 0

    def note(self, failure: StoreFailed) -> float:
        """How many seconds to wait before the next try."""
        if not self._failures:
            log.warning("the store fails, trying again", reason=failure.reason, message=str(failure))
        self._failures += 1
        return float(min(_LONGEST_PAUSE_SECONDS, 0.25 * 2 ** min(self._failures, 10)))

    def clear(self) -> None:
        """Something worked."""
        if self._failures:
            log.info("the store is back", failures=self._failures)
        self._failures = 0


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
        self.troubles = Troubles()
        self._working_token = 0
        self.furnish(house, plans)

    def furnish(self, house: House, plans: Mapping[str, Planned]) -> None:
        """Go by these settings from the next slot on."""
        guarded = replace(house, engine=database.guarded(house.engine, self._guard))
        self._house, self._plans = guarded, plans

    def _guard(self, connection: sa.Connection) -> None:
        """Asked in every transaction in which a job writes."""
        if self.stopping.is_set():
            raise Stopped("the daemon was asked to stop")
        lease.require(connection, self._working_token)

    def go(self) -> float | None:
        """Run whatever is due; the seconds until the next is, or None while this daemon stands by."""
        while not self.stopping.is_set():
            token = self.leadership.token
            if token is None:
                return None
            try:
                turn = self.ledger.take_turn(token, self._plans, self._house.settings.daemon)
                if turn.claim is not None:
                    self._run(turn.claim)
                self.troubles.clear()
                if turn.claim is None:
                    return turn.seconds
            except LeaseLost:
                self.leadership.lose(token)
            except StoreFailed as failure:
                return self.troubles.note(failure)
        return None

    def _run(self, claim: Claim) -> None:
        """Run the slot and record what became of it. Raises `StoreFailed` where the store kept it from going on."""
        self.claim, self._working_token = claim, claim.token
        try:
            ended = self._work(claim)
        except Stopped:
            self._insist(lambda: self.ledger.give_back(claim, "interrupted", "the daemon was stopped in it"))
        except LeaseLost as lost:
            reason = f"abandoned by {self.ledger.daemon}: {lost}"
            self._insist(lambda: self.ledger.give_back(claim, "abandoned", reason))
            raise
        except StoreFailed as failure:
            message = str(failure)
            self._insist(lambda: self.ledger.give_back(claim, "failed", message))
            raise
        else:
            self._insist(lambda: self._close(claim, ended))
        finally:
            self.claim = None

    def _work(self, claim: Claim) -> Outcome:
        """What the job came to; a failure that is its own is an outcome, one that may pass is raised."""
        try:
            return claim.plan.work(self._house, _watch_nothing)
        except StoreFailed as failure:
            if failure.reason in PASSING:
                raise
            return Outcome({}, (str(failure),))
        except NewscandleError as error:
            return Outcome({}, (str(error),))
        except (Stopped, LeaseLost):
            raise
        except Exception as error:  # a fault of ours in one job is told and recorded, and keeps no other from its slot
            log.exception("a fault in newscandle: please report it", job=claim.slot.job)
            return Outcome({}, (f"a fault in newscandle: {type(error).__name__}: {error}",))

    def _close(self, claim: Claim, ended: Outcome) -> None:
        outcome = self.ledger.close(claim, ended.word, ended.counts, "; ".join(ended.failures))
        log.info(
            "ran",
            job=claim.slot.job,
            slot=claim.slot.due_at.isoformat(),
            outcome=outcome,
            counts=dict(ended.counts),
            failures=list(ended.failures),
            notes=list(ended.notes),
        )

    def _insist(self, record: Callable[[], None]) -> None:
        """Try until it is on record; on the way out once only: whoever leads next finds the slot without an end."""
        while True:
            try:
                record()
            except StoreFailed as failure:
                pause = self.troubles.note(failure)
                if failure.reason not in PASSING or self.stopping.wait(pause):
                    return
            else:
                return


def _watch_nothing(_units: int) -> None:
    """The progress of a job nobody watches."""
