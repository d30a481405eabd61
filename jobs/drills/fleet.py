"""Real daemons in processes of their own, whose one job leaves marks in a throwaway store, and the reading of those."""

import datetime as dt
import itertools
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from jobs.console import Advance
from jobs.house import House, furnish
from jobs.pipeline import Work
from jobs.record import Outcome
from jobs.settings import Daemon, Settings, Store
from service.errors import StoreFailed, WorkFailed
from service.slots import CAUGHT_UP, DONE, LATE
from storage import database, lease, marks, slots
from storage.instant_column import to_micros
from storage.lease import Lease

JOB = "effect"
EFFECTIVE = frozenset({DONE, LATE, CAUGHT_UP})
EVERY_SECOND = "every 1s"
_PARTS = len(marks.PARTS)


def processes() -> ForkServerContext:
    """What makes processes: each is forked from one that has newscandle in memory, and begins within a tenth."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["jobs.drills.fleet", "jobs.drills.kill", "jobs.daemon", "storage.migrations"])
    return context


def take_effect(house: House, _advance: Advance) -> Outcome:
    """Mark the slot that is running, each part with what tells that it is done in one transaction."""
    return _mark(house, size=0)


def take_large_effect(house: House, _advance: Advance) -> Outcome:
    """The same with marks so large that a full disk is met within a few slots: SQLite uses room again that it has."""
    return _mark(house, size=400_000)


def _mark(house: House, *, size: int) -> Outcome:
    for part in marks.PARTS:
        with database.begin(house.engine) as connection:
            mine = marks.find_running(connection)
            marks.try_part(connection, mine, part)
            time.sleep(random.uniform(0, 0.1))
            if not marks.has_effect(connection, mine, part):
                marks.take_effect(connection, mine, part, size=size)
        time.sleep(random.uniform(0, 0.1))
    return Outcome({"parts": _PARTS})


def now() -> dt.datetime:
    """The system's clock."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Crew:
    """What the daemons of a fleet share; `work` is a function of a module, for it is sent to their processes."""

    url: str
    folder: Path
    lease_seconds: float = 2.0
    work: Work = take_effect


def serve(crew: Crew, told: Path) -> None:
    """Be a daemon, with its log in the file `told`, until a signal ends it."""
    from jobs.daemon import run_daemon
    from jobs.schedule import plan

    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(out, stream)
    daemon = Daemon(lease_seconds=crew.lease_seconds, catch_up={"*": "all"}, catch_up_pause_seconds=0)
    settings = Settings(store=Store(url=SecretStr(crew.url)), daemon=daemon, folder=crew.folder)
    run_daemon(
        lambda: furnish(settings, now),
        lambda: settings,
        lambda house: plan(house.settings.daemon, {JOB: EVERY_SECOND}, {JOB: crew.work}),
    )


@dataclass
class Fleet:
    """Daemons by place; `start` puts one there. Their logs lie in the crew's folder."""

    crew: Crew
    members: dict[int, ForkServerProcess] = field(default_factory=dict)
    started: int = 0

    def start(self, place: int) -> None:
        """Begin one here, in place of one that was killed."""
        if place in self.members:
            self.members[place].join()
        self.started += 1
        told = self.crew.folder / f"{self.started}.log"
        process = processes().Process(target=serve, args=(self.crew, told), daemon=True)
        process.start()
        self.members[place] = process

    def send(self, place: int, number: signal.Signals) -> None:
        """Send a signal to the one in this place."""
        os.kill(self.pid(place), number)

    def pid(self, place: int) -> int:
        """The number of its process."""
        pid = self.members[place].pid
        assert pid is not None
        return pid

    def find(self, holder: str) -> int | None:
        """The place of the daemon that calls itself so (host:pid:random)."""
        pid = holder.split(":")[1] if holder.count(":") == 2 else ""
        return next((place for place in self.members if str(self.pid(place)) == pid), None)

    def read(self) -> str:
        """All they said."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.crew.folder.glob("*.log")))

    def stop(self, seconds: float = 15) -> list[int | None]:
        """SIGTERM to all; their exit codes, None for one that did not end in time (and is killed)."""
        for place in self.members:
            for number in (signal.SIGCONT, signal.SIGTERM):
                if self.members[place].is_alive():
                    self.send(place, number)
        for member in self.members.values():
            member.join(seconds)
        codes = [member.exitcode for member in self.members.values()]
        for member in self.members.values():
            member.kill()
            member.join()
        return codes


def open_store(url: str) -> sa.Engine:
    """An engine on a store that is laid out for newscandle and for marks."""
    engine = database.open_engine(url)
    database.migrate(engine)
    marks.lay(engine)
    return engine


@dataclass(frozen=True, slots=True)
class Tally:
    """What a fleet left. `lost`: effects that an ended slot lacks; `doubled`: those there twice; `gaps`: seconds
    without a slot; `stale`: tries under a token already replaced; `unrun`: slots by an outcome that is no effect.
    """

    slots: int
    effective: int
    tries: int
    lost: int
    doubled: int
    gaps: int
    stale: int
    unrun: dict[str, int]


def tally(engine: sa.Engine) -> Tally:
    """Count it all."""
    with database.read(engine) as connection:
        found = slots.load_recent(connection, job=JOB, limit=1_000_000)[::-1]
        left = marks.load(connection)
    ended = {(to_micros(one.due_at), part) for one in found if one.outcome in EFFECTIVE for part in marks.PARTS}
    seconds = [one.due_at.replace(microsecond=0) for one in found]
    tokens = [token for _, _, token in left.tries]
    return Tally(
        slots=len(found),
        effective=len(ended) // _PARTS,
        tries=len(tokens),
        lost=len(ended - set(left.effects)),
        doubled=len(left.effects) - len(set(left.effects)),
        gaps=sum((later - earlier).total_seconds() > 1 for earlier, later in itertools.pairwise(seconds)),
        stale=sum(later < earlier for earlier, later in itertools.pairwise(tokens)),
        unrun=dict(Counter(one.outcome for one in found if one.outcome not in {*EFFECTIVE, "waiting", "running"})),
    )


def read_lease(engine: sa.Engine) -> Lease | None:
    """Who leads; None where nobody ever did, or where the store does not say so now."""
    try:
        with database.read(engine) as connection:
            return lease.load(connection)
    except StoreFailed:
        return None


def ended_since(engine: sa.Engine, moment: dt.datetime) -> bool:
    """Whether a slot took effect after that moment of the store's clock; False too where the store is silent."""
    try:
        with database.read(engine) as connection:
            found: Sequence[slots.Slot] = slots.load_recent(connection, job=JOB, outcomes=EFFECTIVE, limit=20)
    except StoreFailed:
        return False
    return any(one.finished_at is not None and one.finished_at > moment for one in found)


def is_working(engine: sa.Engine) -> bool:
    """Whether a slot is being run."""
    try:
        with database.read(engine) as connection:
            return bool(slots.load_running(connection))
    except StoreFailed:
        return False


def is_caught_up(engine: sa.Engine) -> bool:
    """Whether one slot at most waits, and one was ended in the last two seconds."""
    try:
        with database.read(engine) as connection:
            return slots.count_waiting(connection) <= 1 and ended_since(engine, now() - dt.timedelta(seconds=2))
    except StoreFailed:
        return False


def time_until(holds: Callable[[], bool], seconds: float) -> float | None:
    """Wait until it holds, so long at most; the seconds it took, None where it did not."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.05)
    return time.monotonic() - began


def wait_for(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """The same where the drill cannot go on without: raises `WorkFailed` naming `what` it waited for in vain."""
    if time_until(holds, seconds) is None:
        raise WorkFailed("drill_stuck", f"the drill waited {seconds:.0f} s in vain until {what}")
