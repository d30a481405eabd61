"""A real daemon in a process of its own whose one job leaves marks, and the reading of those marks."""

import datetime as dt
import itertools
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from jobs.console import Advance
from jobs.daemon import run_daemon
from jobs.house import House, furnish
from jobs.record import Outcome
from jobs.schedule import plan
from jobs.settings import Daemon, Settings, Store
from service.slots import CAUGHT_UP, DONE, LATE
from storage import database, slots
from storage.instant_column import to_micros

PROCESSES: ForkServerContext = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["benchmarks.daemon_process", "storage.migrations"])

JOB, PARTS = "effect", (1, 2)
EFFECTIVE = {DONE, LATE, CAUGHT_UP}
_TABLES = (
    # what the job leaves: one row a slot and part, however often it is run; no key keeps a second one out
    "CREATE TABLE effect (slot bigint, part int, token int)",
    # how often it was run, and in which order of tokens
    "CREATE TABLE tried (id serial PRIMARY KEY, slot bigint, part int, token int)",
)
_MARK = (
    "INSERT INTO effect SELECT :slot, :part, :token "
    "WHERE NOT EXISTS (SELECT 1 FROM effect WHERE slot = :slot AND part = :part)"
)


def lay_tables(engine: sa.Engine) -> None:
    """The marks' own tables, beside newscandle's."""
    with engine.begin() as connection:
        for table in _TABLES:
            connection.exec_driver_sql(table)


def take_effect(house: House, _advance: Advance) -> Outcome:
    """Mark the slot that is running, in two transactions: killed between them, half of it is there."""
    for part in PARTS:
        with database.begin(house.engine) as connection:
            [mine] = slots.load_running(connection)
            told = {"slot": to_micros(mine.due_at), "part": part, "token": mine.token}
            connection.execute(sa.text("INSERT INTO tried (slot, part, token) VALUES (:slot, :part, :token)"), told)
            time.sleep(random.uniform(0, 0.05))
            connection.execute(sa.text(_MARK), told)
        time.sleep(random.uniform(0, 0.05))
    return Outcome({"parts": len(PARTS)})


def serve(url: str, told: Path, rule: str, lease_seconds: float) -> None:
    """Be a daemon, with its log in the file `told`, until a signal ends it."""
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(out, stream)
    daemon = Daemon(lease_seconds=lease_seconds, catch_up={"*": "all"}, catch_up_pause_seconds=0)
    settings = Settings(store=Store(url=SecretStr(url)), daemon=daemon, folder=told.parent)
    run_daemon(
        lambda: furnish(settings, tell_time),
        lambda: settings,
        lambda house: plan(house.settings.daemon, {JOB: rule}, {JOB: take_effect}),
    )


def tell_time() -> dt.datetime:
    """The system's clock."""
    return dt.datetime.now(dt.UTC)


class Fleet:
    """Daemons on one database, by place; whoever is killed is replaced there."""

    def __init__(self, url: str, folder: Path, number: int, *, rule: str, lease_seconds: float) -> None:
        self._url, self._folder, self._rule, self._lease_seconds = url, folder, rule, lease_seconds
        self._started = 0
        self.members: list[ForkServerProcess] = []
        for _ in range(number):
            self.members.append(self._start())

    def _start(self) -> ForkServerProcess:
        self._started += 1
        told = self._folder / f"{self._started}.log"
        process = PROCESSES.Process(target=serve, args=(self._url, told, self._rule, self._lease_seconds))
        process.start()
        return process

    def replace(self, place: int) -> None:
        """Start another where one was killed."""
        self.members[place].join()
        self.members[place] = self._start()

    def signal(self, place: int, number: int) -> None:
        """Send a signal to the one in this place."""
        pid = self.members[place].pid
        assert pid is not None
        os.kill(pid, number)

    def find(self, holder: str) -> int | None:
        """The place of the daemon that calls itself so (host:pid:random)."""
        pids = [str(member.pid) for member in self.members]
        _, pid, _ = holder.split(":") if holder.count(":") == 2 else ("", "", "")
        return pids.index(pid) if pid in pids else None

    def read(self) -> str:
        """All they said."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self._folder.glob("*.log")))

    def finish(self, work: Callable[[], None]) -> None:
        """Do `work` while they run, then stop them."""
        try:
            work()
        finally:
            self.stop()

    def stop(self, seconds: float = 30) -> list[int | None]:
        """SIGTERM to all; their exit codes, None for one that did not end in time (and is killed)."""
        for place in range(len(self.members)):
            self.signal(place, signal.SIGCONT)
            self.signal(place, signal.SIGTERM)
        for member in self.members:
            member.join(seconds)
        codes = [member.exitcode for member in self.members]
        for member in self.members:
            member.kill()
            member.join()
        return codes


@dataclass(frozen=True, slots=True)
class Marks:
    """What a fleet left: slots in order (seconds since 1970) by outcome, and everything that is not as it must be."""

    slots: int
    outcomes: dict[str, int]
    tried: int
    faults: Sequence[str]


def read_marks(engine: sa.Engine) -> Marks:
    """Whether each slot took effect exactly once, whole, and nothing was written under a token already replaced."""
    with engine.connect() as connection:
        found = slots.load_recent(connection, job=JOB, limit=1_000_000)[::-1]
        effects = [tuple(row) for row in connection.execute(sa.text("SELECT slot, part FROM effect"))]
        tried = list(connection.execute(sa.text("SELECT slot, part, token FROM tried ORDER BY id")))
    finished = [one for one in found if one.outcome in EFFECTIVE]
    expected = {(to_micros(one.due_at), part) for one in finished for part in PARTS}
    outcomes: dict[str, int] = {}
    for one in found:
        outcomes[one.outcome] = outcomes.get(one.outcome, 0) + 1
    pairs = itertools.pairwise(one.due_at for one in found)
    gaps = [later for earlier, later in pairs if (later - earlier).total_seconds() != 1]
    tokens = [row.token for row in tried]
    faults = [f"a second without a slot before {gap}" for gap in gaps]
    missing, doubled = len(expected - set(effects)), len(effects) - len(set(effects))
    faults += [f"{missing} effects are missing"] if missing else []
    faults += [f"{doubled} effects are there twice"] if doubled else []
    if tokens != sorted(tokens):
        faults.append("something was written under a token that was replaced")
    never = {name: count for name, count in outcomes.items() if name not in EFFECTIVE}
    faults += [f"slots that took no effect: {never}"] if never else []
    return Marks(len(found), outcomes, len(tried), faults)
