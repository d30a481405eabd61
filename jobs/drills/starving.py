"""A daemon that is starved of room, and what was seen of it: done where its small disk is seen."""

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.drills.fleet import (
    Crew,
    Fleet,
    Tally,
    ended_since,
    is_caught_up,
    now,
    open_store,
    tally,
    time_until,
    wait_for,
)
from jobs.drills.small_disk import SmallDisk
from jobs.ledger import STORE
from jobs.pipeline import Work
from service.errors import NewscandleError
from storage import database, holdings, runs

FULL_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Starved:
    """What was seen. `healed`: seconds from there being room to the next slot done, None where none was within 60;
    `reads` of the store while it was full, `refused` of them, `lines` of the daemon's log, `cpu` its seconds.
    """

    tally: Tally
    healed: Sequence[float | None]
    reads: int
    refused: int
    lines: int
    cpu: float
    outages: Sequence[str]
    sound: str
    code: int | None


@dataclass
class Starving:
    """Call it to live through it."""

    disk: SmallDisk
    logs: Path
    work: Work
    rounds: int
    seed: int

    def __call__(self) -> Starved:
        """Start a daemon, take its room and give it back so many times, and stop it."""
        chance = random.Random(self.seed)
        url = f"sqlite:///{self.disk.folder / 'store.db'}"
        self._engine = open_store(url)
        self._fleet = Fleet(Crew(url, self.logs, 2.0, self.work))
        self._reads = self._refused = self._lines = 0
        self._cpu, healed = 0.0, []
        self._fleet.start(0)
        try:
            wait_for(lambda: " ran " in self._fleet.read(), 60, "the daemon has run a slot")
            for _ in range(self.rounds):
                time.sleep(chance.uniform(1, 2))
                self._starve()
                since = now()
                self.disk.clear(self._fleet.pid(0))
                healed.append(time_until(lambda since=since: ended_since(self._engine, since), 60))  # type: ignore[misc]
            time_until(lambda: is_caught_up(self._engine), 60)
        finally:
            [code] = self._fleet.stop()
        seen = self._look(healed, code)
        self._engine.dispose()
        return seen

    def _starve(self) -> None:
        told = self._fleet.read().count("the store fails")
        self.disk.fill(self._fleet.pid(0))
        wait_for(lambda: self._fleet.read().count("the store fails") > told, 60, "the daemon met a full disk")
        lines, cpu, end = self._fleet.read().count("\n"), self._cpu_seconds(), time.monotonic() + FULL_SECONDS
        while time.monotonic() < end:
            self._reads += 1
            try:
                with database.read(self._engine) as connection:
                    holdings.count(connection)
            except NewscandleError:
                self._refused += 1
            time.sleep(0.2)
        self._lines += self._fleet.read().count("\n") - lines
        self._cpu += self._cpu_seconds() - cpu

    def _cpu_seconds(self) -> float:
        """Seconds of processor time that the daemon has used."""
        told = Path(f"/proc/{self._fleet.pid(0)}/stat").read_text(encoding="ascii")
        fields = told.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _look(self, healed: Sequence[float | None], code: int | None) -> Starved:
        with database.read(self._engine) as connection:
            outages = [one.reason for one in runs.recent(connection, limit=1000, job=STORE)]
            sound = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        seen = (self._reads, self._refused, self._lines, self._cpu)
        return Starved(tally(self._engine), healed, *seen, outages, sound, code)
