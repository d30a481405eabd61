"""The daemon of a soak: the real ledger, lease and rounds, in steps on a timeline instead of in threads on the clock.

What stands in for `jobs.daemon` is only who calls whom when: the watch beats and wakes the worker, the worker goes a
round when it is due. The jobs are the real ones; ingest runs on a loop whose time is the timeline's.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import stamina

from benchmarks.simulated_web import Loopback
from benchmarks.soak_outages import ALIGN_CRASHES, ALIGN_FAILS, SCORERS_FAIL, Outages
from benchmarks.soak_record import Attempt, Record, is_late, name_end
from benchmarks.soak_store import Killed
from benchmarks.soak_time import Timeline, TimelineLoop
from benchmarks.soak_web import SoakWeb
from jobs.console import Advance
from jobs.daemon import Drift
from jobs.house import House
from jobs.ingest import ingest_all
from jobs.leading import Leadership
from jobs.ledger import Claim, Ledger
from jobs.record import Outcome
from jobs.rounds import PASSING, Rounds, Troubles
from jobs.schedule import Planned, plan_jobs
from service.errors import StoreFailed, WorkFailed
from service.news.article import UNDATED
from service.schedules import Every
from service.sentiment.scorer import Scorer

_COST = {"ingest": 0.0, "stories": 1.0, "score": 3.0, "prices": 2.0, "align": 4.0, "report": 40.0, "editions": 20.0}
"""Seconds that pass while a job works; what the web makes ingest wait comes on top."""
_IDLE_SECONDS = 3600.0


@dataclass(frozen=True)
class SoakHouse(House):
    """A house whose scorers may fail."""

    outages: Outages | None = None

    @cached_property
    def scorers(self) -> Mapping[str, Scorer]:
        """Those of the settings, which raise while scorers fail."""
        found = super().scorers
        return {name: _Failing(scorer, self.outages) for name, scorer in found.items()}  # type: ignore[misc]


class _Failing:
    """A scorer that is the real one, except that it raises while scorers fail."""

    def __init__(self, scorer: Scorer, outages: Outages | None) -> None:
        self._scorer, self._outages = scorer, outages

    def __getattr__(self, name: str) -> object:
        found = getattr(self._scorer, name)
        if not callable(found) or self._outages is None or not self._outages.is_on(SCORERS_FAIL):
            return found
        raise RuntimeError("the model does not answer")


@dataclass
class Stage:
    """All that a daemon is put on: made once, for any number of daemons one after the other."""

    timeline: Timeline
    outages: Outages
    web: SoakWeb
    record: Record
    loop: TimelineLoop
    tell_claim: Callable[[], Claim | None] = lambda: None

    def plan(self, house: House) -> dict[str, Planned]:
        """The jobs of the settings, as the daemon plans them, with the faults of the soak."""
        return {job: replace(plan, work=self._wrap(job, plan)) for job, plan in plan_jobs(house).items()}

    def _wrap(self, job: str, plan: Planned) -> "_Wrapped":
        return _Wrapped(self, job, plan)

    def ingest(self, house: House, advance: Advance) -> Outcome:
        """The real ingest, on the loop of the simulated web."""
        wanted = [source for source in house.settings.source if source.enabled]
        return self.loop.run_until_complete(ingest_all(house, wanted, UNDATED, advance, Loopback()))


@dataclass(frozen=True)
class _Wrapped:
    stage: Stage
    job: str
    plan: Planned

    def __call__(self, house: House, advance: Advance) -> Outcome:
        stage = self.stage
        claim = stage.tell_claim()
        assert claim is not None
        assert claim.slot.job == self.job
        late = is_late(claim.slot.due_at, claim.started_at)
        try:
            stage.timeline.wait(_COST.get(self.job, 1.0) / 2)
            outcome = self._work(house, advance)
            stage.timeline.wait(_COST.get(self.job, 1.0) / 2)
        except BaseException as error:
            first = _first_of(error)
            ended, is_final = name_end(first, PASSING)
            stage.record.note(Attempt(self.job, claim.slot.due_at, ended, is_final, late))
            raise
        stage.record.note(Attempt(self.job, claim.slot.due_at, outcome.word, is_final=True, is_late=late))
        return outcome

    def _work(self, house: House, advance: Advance) -> Outcome:
        if self.job == "align" and self.stage.outages.is_on(ALIGN_FAILS):
            raise WorkFailed("broken", "the series cannot be built")
        if self.job == "align" and self.stage.outages.is_on(ALIGN_CRASHES):
            raise ZeroDivisionError("a fault of ours")
        if self.job == "ingest":
            return self.stage.ingest(house, advance)
        with stamina.set_testing(True, attempts=99, cap=True):  # retries of exchanges are real, their pauses are not
            return self.plan.work(house, advance)


class SteppedDaemon:
    """One daemon, from its start to its stop or its death."""

    def __init__(
        self, house: House, plans: Mapping[str, Planned], timeline: Timeline, record: Record, name: str
    ) -> None:
        settings, self._plans, self._timeline = house.settings.daemon, plans, timeline
        self._record = record
        self.name, self.is_dead = name, False
        self._leadership = Leadership(house.engine, house.clock, name, settings.lease_seconds, timeline.ticks)
        self.ledger = Ledger(house.engine, house.clock, name, timeline.ticks)
        self._rounds = Rounds(house, self._plans, self.ledger, self._leadership, _Stopping(timeline))
        self._drift = Drift(house.clock, timeline.ticks)
        self._troubles = Troubles("lease", house.clock)
        self._is_going, self._is_woken, self._armed = False, False, 0
        self._due_at: float | None = None
        self.led_at: float | None = None
        """The ticks of the last beat at which it led, and could say so in the store."""

    def start(self) -> None:
        """Begin to watch."""
        self._watch()

    @property
    def is_leading(self) -> bool:
        """Whether it may trust that it leads."""
        return not self.is_dead and self._leadership.token is not None

    @property
    def claim(self) -> Claim | None:
        """The slot under way."""
        return self._rounds.claim

    def die(self) -> None:
        """End without a word: nothing of it happens any more."""
        self.is_dead = True

    def stop(self) -> None:
        """End as on SIGTERM, outside of any job."""
        self.is_dead = True
        self._rounds.stopping.set()
        with contextlib.suppress(StoreFailed):
            self._leadership.release()

    def _watch(self) -> None:
        if self.is_dead:
            return
        was_leading = self._leadership.token is not None
        try:
            pause = self._leadership.beat()
            outage = self._troubles.clear()
            if outage is not None and self._leadership.token is not None:
                self._rounds.remember(outage)
        except StoreFailed as failure:
            pause = min(self._troubles.note(failure), self._leadership.seconds / 3)
        except Killed:
            self.die()
            return
        is_leading = self._leadership.token is not None
        if is_leading and self._troubles.outage is None:
            self.led_at = self._timeline.now
        moved = self._drift.measure()
        if (is_leading and not was_leading) or moved or (is_leading and self._is_overdue()):
            self._wake()
        shortest = [plan.schedule.period for plan in self._plans.values() if isinstance(plan.schedule, Every)]
        pause = min([pause, *(max(1.0, period.total_seconds()) for period in shortest)])
        self._timeline.at(self._timeline.now + pause, self._watch)

    def _is_overdue(self) -> bool:
        return not self._is_going and (self._due_at is None or self._timeline.now > self._due_at + 1)

    def _wake(self) -> None:
        if self._is_going:
            self._is_woken = True
        else:
            self._arm(0.0)

    def _arm(self, seconds: float | None) -> None:
        self._armed += 1
        self._due_at = None if seconds is None else self._timeline.now + seconds
        if self._due_at is not None:
            number = self._armed
            self._timeline.at(self._due_at, lambda: self._go(number))

    def _go(self, number: int) -> None:
        if self.is_dead or number != self._armed or self._is_going:
            return
        self._is_going, self._is_woken = True, False
        try:
            seconds = self._rounds.go()
        except BaseException as error:
            if not _is_death(error):
                raise
            self._record.settle(is_dead=True)
            self.die()
            return
        finally:
            self._is_going = False
        self._record.settle()
        self._arm(0.0 if self._is_woken else seconds)


class _Stopping(threading.Event):
    """Told to stop or not; whoever waits for it lets time pass."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was set within so many seconds of the timeline."""
        self._timeline.wait(_IDLE_SECONDS if timeout is None else timeout)
        return self.is_set()


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _is_death(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_is_death(one) for one in error.exceptions)
    return isinstance(error, Killed)


def close_loop(loop: asyncio.AbstractEventLoop) -> None:
    """End what is still under way on it, and close it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()
