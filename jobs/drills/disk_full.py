"""A daemon whose disk has no room left for a while, and then has again."""

import os
import pickle
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from jobs.drills.fleet import Crew, ended_since, is_caught_up, now, take_large_effect, tally, time_until, wait_for
from jobs.drills.report import Promise
from jobs.drills.small_disk import SmallDisk, may_mount
from jobs.drills.stage import Place
from jobs.drills.two_daemons import judge_slots
from jobs.ledger import STORE
from jobs.pipeline import Work
from service.errors import NewscandleError
from storage import database, holdings, runs

_ROUNDS = 2
_FULL_SECONDS = 8.0
_HEAL_SECONDS = 15.0
_MOST_LINES, _MOST_CPU = 8, 0.2


@dataclass
class DiskFull:
    """See the top of the file. `work` is what the daemon does in each slot; `may_mount` None: found out."""

    work: Work = take_large_effect
    is_mounted: bool | None = None
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """A daemon with a slot each second, whose store lies on a disk of its own."""
        self._place = place
        mount = may_mount() if self.is_mounted is None else self.is_mounted
        self._disk = SmallDisk(place.new_folder("disk"), is_mounted=mount)
        logs = place.new_folder("logs")
        crew = Crew(f"sqlite:///{self._disk.folder / 'store.db'}", self._disk.folder, 2.0, self.work)
        self._log = logs / "daemon.log"
        (logs / "crew").write_bytes(pickle.dumps((crew, self._log)))
        self._daemon = self._disk.start(str(logs / "crew"))
        place.ending.callback(self._end)
        wait_for(lambda: " ran " in self._said(), 60, "the daemon has run a slot")
        self._engine = database.open_engine(f"sqlite:///{self._disk.seen / 'store.db'}")
        place.ending.callback(self._engine.dispose)
        self._healed: list[float | None] = []
        self._reads = self._refused = self._lines = 0
        self._cpu = 0.0

    def _said(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def _end(self) -> None:
        self._daemon.kill()
        self._daemon.wait()

    def harm(self) -> list[str]:
        """Fill the disk, look for a while, and make room again; as often as wanted. At the end stop the daemon."""
        rounds = self._place.rounds or _ROUNDS
        for _ in range(rounds):
            time.sleep(self._place.chance.uniform(1, 2))
            self._starve()
            began = now()
            self._disk.clear()
            self._healed.append(time_until(lambda since=began: ended_since(self._engine, since), 60))  # type: ignore[misc]
        self._caught_up = time_until(lambda: is_caught_up(self._engine), 60)
        self._tally = tally(self._engine)
        with database.read(self._engine) as connection:
            self._outages = [one.reason for one in runs.recent(connection, limit=1000, job=STORE)]
            self._sound = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        self._daemon.send_signal(signal.SIGTERM)
        try:
            self._code: int | None = self._daemon.wait(15)
        except subprocess.TimeoutExpired:
            self._code = None
        means = (
            "a file system in memory that only it saw, filled to the last byte"
            if self._disk.is_mounted
            else "a limit on the size of its files (this user may not mount a file system)"
        )
        return [
            "A daemon had a slot of work each second, and its store on a small disk of its own.",
            f"{rounds} times there was no room left on it for {_FULL_SECONDS:.0f} s, and then there was again.",
            f"What took the room away: {means}.",
        ]

    def _starve(self) -> None:
        told = self._said().count("the store fails")
        self._disk.fill()
        wait_for(lambda: self._said().count("the store fails") > told, 30, "the daemon met a full disk")
        lines, cpu, end = self._said().count("\n"), self._cpu_seconds(), time.monotonic() + _FULL_SECONDS
        while time.monotonic() < end:
            self._reads += 1
            try:
                with database.read(self._engine) as connection:
                    holdings.count(connection)
            except NewscandleError:
                self._refused += 1
            time.sleep(0.2)
        self._lines += self._said().count("\n") - lines
        self._cpu += self._cpu_seconds() - cpu

    def _cpu_seconds(self) -> float:
        """Seconds of processor time that the daemon has used."""
        fields = Path(f"/proc/{self._daemon.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def judge(self) -> list[Promise]:
        """Nothing lost, everything told, no heat, healed by itself."""
        rounds = len(self._healed)
        longest = None if None in self._healed else max(one or 0.0 for one in self._healed)
        share = self._cpu / (rounds * _FULL_SECONDS)
        first = self._outages[0] if self._outages else "nothing is on record"
        return [
            *judge_slots(self._tally),
            Promise("the store is sound", self._sound == "ok", f"SQLite's own check says: {self._sound}"),
            Promise(
                "reading goes on while there is no room",
                self._reads > 0 and not self._refused,
                f"{self._reads} readings, {self._refused} refused",
            ),
            Promise(
                "it does not run hot or fill the log",
                share <= _MOST_CPU and self._lines <= _MOST_LINES * rounds,
                f"{100 * share:.1f} % of a processor, {self._lines} lines of log in {rounds * _FULL_SECONDS:.0f} s",
            ),
            Promise(
                f"it heals by itself within {_HEAL_SECONDS:.0f} s of there being room",
                longest is not None and longest <= _HEAL_SECONDS,
                "not within 60 s" if longest is None else f"the longest time to the next slot done was {longest:.1f} s",
            ),
            Promise(
                "each time is on record with its reason once there is room",
                len(self._outages) >= rounds,
                f"{len(self._outages)} runs of `{STORE}`: {_shorten(first)}",
            ),
            Promise("SIGTERM ends it with exit code 0", self._code == 0, f"exit code {self._code}"),
        ]


def _shorten(reason: str) -> str:
    return reason.rpartition(".db: ")[2]
