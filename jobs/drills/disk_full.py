"""A daemon whose disk has no room left for a while, and then has again."""

from dataclasses import dataclass

from jobs.drills.fleet import take_large_effect
from jobs.drills.report import Promise
from jobs.drills.small_disk import SmallDisk, may_mount, run_there
from jobs.drills.stage import Place
from jobs.drills.starving import FULL_SECONDS, Starved, Starving
from jobs.drills.two_daemons import judge_slots
from jobs.ledger import STORE
from jobs.pipeline import Work

_ROUNDS = 2
_HEAL_SECONDS = 15.0
_MOST_LINES, _MOST_CPU = 8, 0.2


@dataclass
class DiskFull:
    """See the top of the file. `work` is what the daemon does in each slot; `is_mounted` None: found out."""

    work: Work = take_large_effect
    is_mounted: bool | None = None
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """A disk with little room."""
        is_mounted = may_mount() if self.is_mounted is None else self.is_mounted
        self._disk = SmallDisk(place.new_folder("disk"), is_mounted)
        self._scratch, logs = place.new_folder("scratch"), place.new_folder("logs")
        self._rounds = place.rounds or _ROUNDS
        self._starving = Starving(self._disk, logs, self.work, self._rounds, place.seed)

    def harm(self) -> list[str]:
        """Fill the disk, look for a while, and make room again; as often as wanted. At the end stop the daemon."""
        self._seen: Starved = run_there(self._disk, self._scratch, self._starving)
        means = (
            "a file system in memory that only the drill saw, filled to the last byte"
            if self._disk.is_mounted
            else "a limit on the size of the daemon's files (this user may not mount a file system)"
        )
        return [
            "A daemon had a slot of work each second, and its store on a small disk of its own.",
            f"{self._rounds} times there was no room left on it for {FULL_SECONDS:.0f} s, and then there was again.",
            f"What took the room away: {means}.",
        ]

    def judge(self) -> list[Promise]:
        """Nothing lost, everything told, no heat, healed by itself."""
        seen = self._seen
        known = [one for one in seen.healed if one is not None]
        longest = max(known) if known and len(known) == len(seen.healed) else None
        share = seen.cpu / (self._rounds * FULL_SECONDS)
        first = seen.outages[0].rpartition(".db: ")[2] if seen.outages else "nothing is on record"
        return [
            *judge_slots(seen.tally),
            Promise("the store is sound", seen.sound == "ok", f"SQLite's own check says: {seen.sound}"),
            Promise(
                "reading goes on while there is no room",
                seen.reads > 0 and not seen.refused,
                f"{seen.reads} readings, {seen.refused} refused",
            ),
            Promise(
                "it does not run hot or fill the log",
                share <= _MOST_CPU and seen.lines <= _MOST_LINES * self._rounds,
                f"{100 * share:.1f} % of a processor, {seen.lines} lines in {self._rounds * FULL_SECONDS:.0f} s",
            ),
            Promise(
                f"it heals by itself within {_HEAL_SECONDS:.0f} s of there being room",
                longest is not None and longest <= _HEAL_SECONDS,
                "not within 60 s" if longest is None else f"the longest time to the next slot done was {longest:.1f} s",
            ),
            Promise(
                "each time is on record with its reason once there is room",
                len(seen.outages) >= self._rounds,
                f"{len(seen.outages)} runs of `{STORE}`: {first}",
            ),
            Promise("SIGTERM ends it with exit code 0", seen.code == 0, f"exit code {seen.code}"),
        ]
