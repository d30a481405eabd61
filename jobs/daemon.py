"""The daemon: jobs at their slots, until it is told to stop. The only file that meets APScheduler.

Three threads: the main one waits for signals; the watch renews the lease, or looks whether it is free; the worker runs
rounds (`rounds.py`) when APScheduler wakes it. Any number of daemons may run on one database: one leads.

SIGTERM and SIGINT let the job under way go on to its next transaction, then end; a second one ends at once. SIGHUP
reads the settings anew.
"""

import contextlib
import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from jobs import logs
from jobs.answering import Answers, Breathe, answer_nobody
from jobs.breath import Breath
from jobs.clock import choose_clock
from jobs.house import House
from jobs.leading import Leadership, name_daemon, name_sessions
from jobs.ledger import Ledger
from jobs.notify import open_notifier
from jobs.redacting import learn_secrets
from jobs.rounds import PASSING, Rounds, Troubles
from jobs.schedule import Planned, plan_jobs
from jobs.settings import Settings
from service.errors import NewscandleError, StoreFailed
from service.schedules import Every

log = structlog.get_logger("newscandle")
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
SIGNALS = (*STOP_SIGNALS, signal.SIGHUP)
STOP_SECONDS = 8.0
"""So long the job under way may take to reach the end of a transaction once the daemon is to stop."""
_JUMP_SECONDS = 1.0
_FAULT_PAUSE_SECONDS = 30.0

Plan = Callable[[House], Mapping[str, Planned]]
Answer = Callable[[Callable[[], Settings], Breathe], Answers]
"""What answers over HTTP by the settings it reads, of the silences of this daemon's threads too."""


def run_daemon(
    open_house: Callable[[], House],
    read_settings: Callable[[], Settings],
    plan: Plan = plan_jobs,
    answer: Answer = answer_nobody,
) -> None:
    """Run until SIGTERM or SIGINT. `open_house` is tried until the store lets it, `read_settings` serves SIGHUP.

    What `answer` gives answers over HTTP from before the store is opened until the end. Raises `BadInput` for settings
    that cannot be used, `StoreFailed` where waiting would not help, `WorkFailed` where the HTTP server ends by itself.
    """
    logs.begin()
    # Signals are waited for, not handled: a handler runs in the midst of anything, and one that logs or sets an event
    # while the main thread holds the lock of either would wait for itself for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    breath = Breath()
    answering = answer(read_settings, breath.measure)
    answering.start()
    notifier = open_notifier()
    notifier.begin(breath.measure)
    house = _open_patiently(open_house)
    if house is None:
        answering.stop()
        return
    daemon = Daemon(house, plan, breath)
    daemon.start()
    notifier.describe = daemon.describe
    notifier.tell_ready()
    while True:
        received = signal.sigwait(SIGNALS)
        if received in STOP_SIGNALS:
            break
        notifier.tell_reloading()
        daemon.reload(read_settings)
        answering.furnish(daemon.settings)
        notifier.tell_ready()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    log.info("stopping", signal=signal.Signals(received).name)
    notifier.tell_stopping()
    answering.begin_to_stop()
    is_out = daemon.stop()
    answering.stop()
    log.info("stopped")
    if not (_flush() and is_out):  # out with what it had not committed, where the worker is in something long
        os._exit(0)


def _flush() -> bool:
    """Let what was said leave; False where there is no room for it, for which the exit code is not to blame."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return False
    return True


def _open_patiently(open_house: Callable[[], House]) -> House | None:
    """The house, as soon as its store can be reached; None when told to stop before."""
    troubles = Troubles("start", choose_clock())
    while True:
        try:
            house = open_house()
        except StoreFailed as failure:
            if failure.reason not in PASSING:
                raise
            if signal.sigtimedwait(STOP_SIGNALS, troubles.note(failure)):
                return None
        else:
            troubles.clear()
            return house


class Daemon:
    """The threads of one daemon, and what they share."""

    def __init__(self, house: House, plan: Plan, breath: Breath | None = None) -> None:
        self._house, self._plan = house, plan
        self.breath = breath or Breath()
        self._plans = plan(house)
        settings = house.settings.daemon
        self.name = name_daemon()
        logs.name_process(self.name)
        name_sessions(house.engine, self.name)
        self._stopping = threading.Event()
        self._leadership = Leadership(house.engine, house.clock, self.name, settings.lease_seconds)
        ledger = Ledger(house.engine, house.clock, self.name)
        self._rounds = Rounds(house, self._plans, ledger, self._leadership, self._stopping)
        self._rounds.breath = self.breath
        self._timer = Timer(self.breath.around(self._rounds.go))
        self._watch = threading.Thread(target=self._keep_watch, name="watch", daemon=True)

    @property
    def settings(self) -> Settings:
        """Those it goes by."""
        return self._house.settings

    def describe(self) -> str:
        """Whether it leads, and what it is at, in a line."""
        claim, outage = self._rounds.claim, self._rounds.troubles.outage
        if outage is not None:
            return f"the store fails ({outage.reason}), trying again"
        if self._leadership.token is None:
            return "standing by"
        return f"leading, at {claim.slot.job} of {claim.slot.due_at:%Y-%m-%d %H:%M:%S} UTC" if claim else "leading"

    def start(self) -> None:
        """Begin; returns at once."""
        self._timer.start()
        self._watch.start()
        log.info("started", jobs={job: plan.rule for job, plan in self._plans.items()})

    def reload(self, read_settings: Callable[[], Settings]) -> None:
        """Go by the settings as they are now, if they can be used; the store and the lease stay what they were."""
        try:
            settings = read_settings()
            house = House(settings, self._house.engine, self._house.clock)
            plans = self._plan(house)
        except NewscandleError as error:
            log.warning("settings refused, the old ones stay", reason=str(error))
            return
        if settings.store != self._house.settings.store:
            log.warning("settings refused, the old ones stay", reason="store.url: another store takes a new start")
            return
        learn_secrets(settings)
        logs.begin(settings.log)
        self._house, self._plans = house, plans
        self._rounds.furnish(house, plans)
        log.info("settings read anew", jobs={job: plan.rule for job, plan in plans.items()})
        self._timer.wake()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """End the job under way at its next transaction, and leave; False if it did not reach one in time."""
        self._stopping.set()
        is_out = self._timer.stop(seconds)
        leaving = threading.Thread(target=self._leave, daemon=True)
        leaving.start()
        leaving.join(1.5)
        return is_out

    def _leave(self) -> None:
        claim = self._rounds.claim
        try:
            if claim is not None:
                self._rounds.ledger.give_back(claim, "interrupted", "the daemon was stopped in it")
            self._leadership.release()
        except StoreFailed as failure:
            log.warning("left without a word in the store", reason=failure.reason)

    def _keep_watch(self) -> None:
        troubles, drift = Troubles("lease", self._house.clock), Drift(self._house.clock)
        while True:
            self.breath.beat(0.0)
            was_leading = self._leadership.token is not None
            try:
                pause = self._leadership.beat()
                outage = troubles.clear()
                if outage is not None and self._leadership.token is not None:
                    self._rounds.remember(outage)
            except StoreFailed as failure:
                pause = min(troubles.note(failure), self._leadership.seconds / 3)
            except Exception:  # without its watch a daemon would never lead again: a fault of ours is told and outlived
                log.exception("a fault in newscandle: please report it")
                pause = self._leadership.seconds / 3
            is_leading = self._leadership.token is not None
            moved = drift.measure()
            if moved:
                log.warning("the clock was moved", seconds=round(moved, 3))
            if (is_leading and not was_leading) or moved or (is_leading and self._timer.is_overdue()):
                self._timer.wake()
            shortest = [plan.schedule.period for plan in self._plans.values() if isinstance(plan.schedule, Every)]
            pause = min([pause, *(max(1.0, period.total_seconds()) for period in shortest)])
            self.breath.beat(pause)
            if self._stopping.wait(pause):
                return


class Drift:
    """How far a clock that can be set has moved against one that cannot, since the last look."""

    def __init__(self, clock: Callable[[], dt.datetime], ticks: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._ticks = clock, ticks
        self._now, self._tick = clock(), ticks()

    def measure(self) -> float:
        """Seconds by which it was set forward (negative: back); 0 for less than a second, and for one that stands."""
        now, tick = self._clock(), self._ticks()
        passed = (now - self._now).total_seconds()
        moved = passed - (tick - self._tick)
        self._now, self._tick = now, tick
        return moved if passed and abs(moved) > _JUMP_SECONDS else 0.0


class Timer:
    """APScheduler, as a clock that rings: it runs `go` in one worker thread, and again after the seconds it gives.

    None from `go` means not again until woken. APScheduler sleeps by a clock that can be set, so the watch asks whether
    it is overdue.
    """

    def __init__(self, go: Callable[[], float | None]) -> None:
        self._go = go
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self._is_woken = self._is_stopped = False
        self._armed: str | None = None
        self._due_at: float | None = None

    def start(self) -> None:
        """Begin to count."""
        self._scheduler.start()

    def wake(self) -> None:
        """Run `go` now, or once more as soon as it ends."""
        with self._lock:
            if self._idle.is_set():
                self._arm(0.0)
            else:
                self._is_woken = True

    def is_overdue(self) -> bool:
        """Whether `go` should be running and is not, or is not armed at all."""
        with self._lock:
            is_late = self._due_at is None or time.monotonic() > self._due_at + _JUMP_SECONDS
            return self._idle.is_set() and is_late

    def stop(self, seconds: float) -> bool:
        """Ring no more; whether `go` ended within so many seconds."""
        with self._lock:
            # from here on nothing is armed: APScheduler would wait for a worker that waits for APScheduler
            self._is_stopped = True
            self._disarm()
        is_out = self._idle.wait(seconds)
        # shut down in the midst of putting away what rang, APScheduler would end with a trace: so first it is paused,
        # and asked for what waits until it is out of that
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=is_out)
        return is_out

    def _arm(self, seconds: float) -> None:
        self._disarm()
        if self._is_stopped:
            return
        at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        # each under a name of its own: of one name it would not begin the next before it has put away the last
        self._armed = self._scheduler.add_job(self._run, DateTrigger(at), misfire_grace_time=None, coalesce=True).id
        self._due_at = time.monotonic() + seconds

    def _disarm(self) -> None:
        if self._armed is not None:
            with contextlib.suppress(JobLookupError):  # it rings already
                self._scheduler.remove_job(self._armed)
        self._armed = self._due_at = None

    def _run(self) -> None:
        with self._lock:
            self._idle.clear()
            self._armed, self._is_woken = None, False
        try:
            seconds = self._go()
        except Exception:  # a daemon goes on; what cannot be foreseen is told with its trace
            log.exception("a fault in newscandle: please report it")
            seconds = _FAULT_PAUSE_SECONDS
        with self._lock:
            self._due_at = None
            self._idle.set()
            if self._is_woken:
                seconds = 0.0
            if seconds is not None and self._scheduler.running:
                self._arm(seconds)
