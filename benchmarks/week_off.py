"""A daemon that was off for a week, and what it makes up for, slot by slot: `python -m benchmarks.week_off`.

Under each of `latest`, `all` and `none` the real ledger lives two hours, is gone for seven days, and comes back. What
must be run, coalesced and missed is counted on the fingers; what is made up for comes in order, one in so many seconds
at most, and keeps no slot of another job from its time.
"""

import argparse
import datetime as dt
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
import structlog
from pydantic import SecretStr

from benchmarks.soak_daemon import SteppedDaemon
from benchmarks.soak_record import Record
from benchmarks.soak_time import DAY, HOUR, START, Timeline
from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from jobs.schedule import Planned, plan
from jobs.settings import Daemon, Settings, Store
from storage import database

RULES = {"tenths": "*/10 * * * *", "hourly": "20 * * * *", "daily": "30 0 * * *"}
PERIODS = {"tenths": 600.0, "hourly": 3600.0, "daily": DAY}
PAUSE, LIMIT = 10.0, 1000
_BEFORE, _OFF, _AFTER = 2 * HOUR + 180, 7 * DAY + 240, 9 * HOUR
_PUNCTUAL = 60.0


CatchUpWord = Literal["latest", "all", "none"]
MODES: tuple[CatchUpWord, ...] = ("latest", "all", "none")


@dataclass
class Runs:
    """Each run: job, ticks of its slot, ticks at which it began."""

    timeline: Timeline
    daemon: SteppedDaemon | None = None
    all: list[tuple[str, float, float]] = field(default_factory=list)

    def note(self) -> None:
        """The slot under way begins now."""
        assert self.daemon is not None
        claim = self.daemon.claim
        assert claim is not None
        self.all.append((claim.slot.job, (claim.slot.due_at - START).total_seconds(), self.timeline.now))


@dataclass(frozen=True)
class _Noting:
    runs: Runs

    def __call__(self, _house: House, _advance: Advance) -> Outcome:
        self.runs.note()
        self.runs.timeline.wait(2.0)
        return Outcome({"runs": 1})


def be_off(catch_up: CatchUpWord, folder: Path) -> tuple[Runs, Mapping[str, Mapping[str, int]]]:
    """Two hours of a daemon, a week without, nine hours of another; its runs, and the slots by job and outcome."""
    timeline = Timeline()
    runs = Runs(timeline)
    settings = Settings(
        store=Store(url=SecretStr(f"sqlite:///{folder / catch_up}.db")),
        daemon=Daemon(lease_seconds=60, catch_up={"*": catch_up}, catch_up_limit=LIMIT, catch_up_pause_seconds=PAUSE),
        folder=folder,
    )
    engine = database.open_engine(settings.store.url.get_secret_value())
    database.migrate(engine)
    house = House(settings, engine, timeline.clock)
    plans: dict[str, Planned] = plan(settings.daemon, RULES, dict.fromkeys(RULES, _Noting(runs)))
    for number, seconds in enumerate((_BEFORE, _AFTER)):
        runs.daemon = SteppedDaemon(house, plans, timeline, Record(), f"test:{number}:0")
        runs.daemon.start()
        timeline.pass_to(timeline.now + seconds)
        runs.daemon.die()
        timeline.pass_to(timeline.now + (0 if number else _OFF))
    counted: dict[str, Counter[str]] = {}
    with engine.connect() as connection:
        for job, outcome, slots in connection.execute(
            sa.text("SELECT job, outcome, sum(slots) FROM slot GROUP BY job, outcome")
        ):
            counted.setdefault(job, Counter())[outcome] = slots
    engine.dispose()
    return runs, counted


def judge(catch_up: str, runs: Runs, counted: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """What is not as it should be."""
    back = _BEFORE + _OFF
    end = back + _AFTER
    for job, period in PERIODS.items():
        first = {"tenths": 600.0, "hourly": 1200.0, "daily": 1800.0}[job]
        due = [first + period * number for number in range(int((end - first) // period) + 1)]
        due = [slot for slot in due if slot < end]
        lost = [slot for slot in due if _BEFORE <= slot <= back]
        live = [slot for slot in due if slot not in lost]
        made_up = {"latest": lost[-1:], "all": lost[-LIMIT:], "none": [one for one in lost if back - one <= _PUNCTUAL]}
        expected = sorted(live + made_up[catch_up])
        ran = [slot for name, slot, _ in runs.all if name == job]
        if sorted(ran) != expected:
            yield f"{catch_up} {job}: {len(ran)} slots run, {len(expected)} expected"
        if [slot for slot in ran if slot in lost] != made_up[catch_up]:
            yield f"{catch_up} {job}: not made up for in order"
        told = counted.get(job, {})
        unrun = told.get("coalesced" if catch_up == "latest" else "missed", 0)
        if unrun != len(lost) - len(made_up[catch_up]):
            yield f"{catch_up} {job}: {unrun} on record as never run, {len(lost) - len(made_up[catch_up])} are"
        if sum(told.values()) != len(due):
            yield f"{catch_up} {job}: {sum(told.values())} on record, {len(due)} came due"
        caught_up = max((at for name, slot, at in runs.all if name == job and slot in set(lost)), default=0.0)
        late = [
            slot
            for name, slot, at in runs.all
            # those of one job come in order: what is due now waits for what is made up for
            if name == job and slot in set(live) and at - slot > _PUNCTUAL and at > caught_up + _PUNCTUAL
        ]
        if late:
            yield f"{catch_up} {job}: {len(late)} slots due now came late"
    begun = sorted(at for _, slot, at in runs.all if _BEFORE <= slot <= back and at >= back)
    hasty = sum(later - one < PAUSE for one, later in itertools.pairwise(begun))
    if hasty:
        yield f"{catch_up}: {hasty} made up for within {PAUSE:g} s of the one before"


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    memory = Path("/dev/shm")
    back = _BEFORE + _OFF
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        for catch_up in MODES:
            runs, counted = be_off(catch_up, Path(folder))
            wrong = list(judge(catch_up, runs, counted))
            made_up = [at for _, slot, at in runs.all if _BEFORE <= slot <= back and at >= back]
            took = f"within {dt.timedelta(seconds=round(max(made_up) - back))}" if made_up else ""
            slots = "; ".join(
                f"{job} " + ", ".join(f"{number} {name}" for name, number in sorted(told.items()))
                for job, told in sorted(counted.items())
            )
            print(f"{catch_up}: {len(made_up)} made up for {took} ({slots}); {len(wrong)} wrong")
            print("".join(f"  {one}\n" for one in wrong), end="")


if __name__ == "__main__":
    main()
