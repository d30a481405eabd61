"""Every change of the clock from 2000 to 2037, and every jump of it: `python -m benchmarks.transitions`.

1. Cron expressions of many shapes in zones with odd rules, from three hours before every change to as long after it
   (a day longer where a day is skipped), against Vixie's rule
   written apart: a cron daemon that is awake at every minute and knows only what the wall shows.
2. Some of those changes lived through by the real ledger, lease and rounds on a timeline: each slot run once, when due.
3. The clock set forward and back, by a second up to a year: no slot run twice, no job that waits a period too long.
"""

import argparse
import datetime as dt
import itertools
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from pydantic import SecretStr

from benchmarks.soak_daemon import SteppedDaemon
from benchmarks.soak_record import Record
from benchmarks.soak_time import START, Timeline
from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from jobs.schedule import plan
from jobs.settings import Daemon, Settings, Store
from service.schedules import list_between, read_schedule
from storage import database

ZONES = (
    "Europe/Amsterdam", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/Asuncion",
    "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo", "Asia/Tehran", "Asia/Gaza",
    "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Troll",
)  # fmt: skip
SHAPES = (
    "30 2 * * *", "0,30 1,2 * * *", "0 0 * * *", "59 23 * * *", "15 0-4 * * *", "30 1 * * 0", "5 3 1 * *",
    "*/15 * * * *", "0 * * * *", "*/20 2 * * *", "30 */2 * * *", "10-50/20 * * * 6,0",
)  # fmt: skip
JUMPS = (1, 2, 30, 60, 90, 600, 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)
LIVED = {"tenths": "*/10 * * * *", "hourly": "20 * * * *", "daily": "30 0 * * *", "quarters": "every 15m"}
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_BEFORE, _AFTER, _SKIPPED_DAY = 3 * HOUR, 3 * HOUR, 24 * HOUR
_LATENESS = 30.0


def find_changes(zone: ZoneInfo) -> Iterator[dt.datetime]:
    """Every change of the clock from 2000 to 2037, to the minute at which the new time is shown."""
    at, old = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), None
    while at.year < 2038:
        offset = at.astimezone(zone).utcoffset()
        if old is not None and offset != old:
            found = at - HOUR
            while found.astimezone(zone).utcoffset() != offset:
                found += MINUTE
            yield found
        at, old = at + HOUR, offset


def read_field(text: str, low: int, high: int) -> frozenset[int]:
    """The values of one cron field."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start, end = (low, high) if span == "*" else (int(first), int(last or first))
        found.update(value for value in range(start, end + 1) if (value - start) % int(step or 1) == 0)
    return frozenset(found)


@dataclass
class VixieCron:
    """A cron daemon of one job: told what the wall shows each minute, it says whether it runs the job now."""

    expression: str
    furthest: dt.datetime

    def __post_init__(self) -> None:
        self._words = self.expression.split()
        limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
        self._fields = [read_field(word, *limit) for word, limit in zip(self._words, limits, strict=True)]
        self._is_passing = self._words[0].startswith("*") or self._words[1].startswith("*")

    def look(self, wall: dt.datetime) -> bool:
        """Whether the job runs; what the wall has skipped since the last look counts for jobs with fixed times."""
        if self._is_passing:
            return self._fits(wall)
        runs = False
        while self.furthest < wall:
            self.furthest += MINUTE
            runs = runs or self._fits(self.furthest)
        return runs

    def _fits(self, wall: dt.datetime) -> bool:
        minutes, hours, days, months, weekdays = self._fields
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        by_day, by_weekday = wall.day in days, bool(weekdays & {wall.isoweekday(), wall.isoweekday() % 7})
        if "*" in (self._words[2], self._words[4]):
            return by_day and by_weekday
        return by_day or by_weekday


def compare(zone: ZoneInfo, shapes: Sequence[str]) -> tuple[int, int, list[str]]:
    """Changes, slots compared, and what differs."""
    changes, slots, wrong = 0, 0, []
    for change in find_changes(zone):
        changes += 1
        start, end = change - _BEFORE, change + _AFTER + _length(zone, change)
        instants = [start + MINUTE * number for number in range(1, (end - start) // MINUTE + 1)]
        walls = [one.astimezone(zone).replace(tzinfo=None) for one in instants]
        for shape in shapes:
            cron = VixieCron(shape, start.astimezone(zone).replace(tzinfo=None))
            expected = [instant for instant, wall in zip(instants, walls, strict=True) if cron.look(wall)]
            found = list(list_between(read_schedule("x", shape, zone), start, end))
            slots += len(expected)
            if found != expected:
                wrong.append(f"{zone.key} {shape} {change}: {sorted(set(found) ^ set(expected))[:3]}")
    return changes, slots, wrong


def _length(zone: ZoneInfo, change: dt.datetime) -> dt.timedelta:
    """A day where the change skips one, else nothing."""
    moved = [(change + one).astimezone(zone).utcoffset() for one in (-MINUTE, MINUTE)]
    assert moved[0] is not None
    assert moved[1] is not None
    return _SKIPPED_DAY if moved[1] - moved[0] > 6 * HOUR else dt.timedelta()


@dataclass
class Life:
    """A daemon whose jobs only note when they ran: by ticks and by the slot's instant, for each job."""

    timeline: Timeline
    begun: dict[str, list[float]] = field(default_factory=dict)

    def note(self, job: str) -> None:
        """It runs now."""
        self.begun.setdefault(job, []).append(self.timeline.now)


@dataclass(frozen=True)
class _Noting:
    life: Life
    job: str

    def __call__(self, _house: House, _advance: Advance) -> Outcome:
        self.life.note(self.job)
        self.life.timeline.wait(1.0)
        return Outcome({"runs": 1})


def live(rules: Mapping[str, str], zone: str, start: dt.datetime, folder: Path) -> tuple[Life, sa.Engine]:
    """Begin a daemon with these rules at `start`; let its timeline pass to see it live."""
    timeline = Timeline()
    timeline.set_ahead = (start - START).total_seconds()
    life = Life(timeline)
    file = folder / f"{random.random()}.db"
    file.write_bytes(_template(folder).read_bytes())
    daemon = Daemon(lease_seconds=300, zone=zone, catch_up_pause_seconds=0)
    settings = Settings(store=Store(url=SecretStr(f"sqlite:///{file}")), daemon=daemon, folder=folder)
    house = House(settings, database.open_engine(settings.store.url.get_secret_value()), timeline.clock)
    planned = plan(daemon, rules, {job: _Noting(life, job) for job in rules})
    SteppedDaemon(house, planned, timeline, Record(), f"test:1:{zone}").start()
    return life, house.engine


def _template(folder: Path) -> Path:
    file = folder / "template.db"
    if not file.exists():
        engine = database.open_engine(f"sqlite:///{file}")
        database.migrate(engine)
        engine.dispose()
    return file


def live_through(zone: ZoneInfo, change: dt.datetime, folder: Path) -> tuple[int, list[str]]:
    """One change lived through: runs, and what was not run once when it was due."""
    start = change - _BEFORE
    rules = {f"j{number}": shape for number, shape in enumerate(SHAPES)}
    life, engine = live(rules, zone.key, start, folder)
    # a slot is listed once the daemon has seen its schedule: it looks at once
    life.timeline.pass_to((_AFTER + _BEFORE + _length(zone, change)).total_seconds() - 60)
    engine.dispose()
    wrong = []
    for job, shape in rules.items():
        end = start + dt.timedelta(seconds=life.timeline.now)
        due = list(list_between(read_schedule("x", shape, zone), start, end))
        ran = [start + dt.timedelta(seconds=ticks) for ticks in life.begun.get(job, [])]
        late = [(run - slot).total_seconds() for run, slot in zip(ran, due, strict=False)]
        if len(due) != len(ran) or not all(0 <= seconds < _LATENESS for seconds in late):
            wrong.append(f"{zone.key} {shape} {change}: {len(ran)} runs of {len(due)}")
    return sum(map(len, life.begun.values())), wrong


def jump(seconds: float, at: float, folder: Path) -> tuple[dict[str, float], list[str]]:
    """The clock set by so much at these ticks: each job's longest wait beyond its period (s), and what is wrong."""
    start = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
    life, engine = live(LIVED, "UTC", start, folder)
    life.timeline.pass_to(at)
    life.timeline.set_ahead += seconds
    life.timeline.pass_to(at + 2.2 * 86_400)
    periods = {"tenths": 600.0, "hourly": 3600.0, "daily": 86_400.0, "quarters": 900.0}
    excess, wrong = {}, []
    for job, period in periods.items():
        began = [one for one in [0.0, *life.begun.get(job, []), life.timeline.now] if one >= 0]
        excess[job] = max(later - one for one, later in itertools.pairwise(began)) - period
        if excess[job] > period + _LATENESS:
            wrong.append(
                f"{seconds:+} s at {at:.0f}: {job} waited {excess[job]:.0f} s beyond its period of {period:.0f}"
            )
    with database.read(engine) as connection:
        twice = connection.execute(
            sa.text(
                "SELECT job, due_at, count(*) FROM slot WHERE attempts > 0 GROUP BY job, due_at HAVING count(*) > 1"
            )
        ).all()
        tried = connection.execute(sa.text("SELECT job, sum(attempts) FROM slot GROUP BY job")).all()
    wrong += [f"{seconds:+} s: {job} {due} is there {number} times" for job, due, number in twice]
    for job, number in tried:
        if number != len(life.begun.get(job, [])):
            wrong.append(f"{seconds:+} s: {job} ran {len(life.begun.get(job, []))} times, on record {number}")
    engine.dispose()
    return excess, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lived", type=int, default=60, help="changes lived through by the real ledger")
    parser.add_argument("--jumps", type=int, default=2, help="instants at which each jump is tried")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began, wrong = time.process_time(), []
    counted: Counter[str] = Counter()
    for name in ZONES:
        changes, slots, differing = compare(ZoneInfo(name), SHAPES)
        counted.update(changes=changes, slots=slots)
        wrong += differing
    print(f"{len(ZONES)} zones, {counted['changes']:,} changes, {len(SHAPES)} shapes: {counted['slots']:,} slots, "
          f"{len(wrong)} windows differ; {time.process_time() - began:.0f} s of CPU")  # fmt: skip
    draw = random.Random(7)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as told:
        folder = Path(told)
        every = [(zone, change) for zone in map(ZoneInfo, ZONES) for change in find_changes(zone)]
        runs = 0
        for zone, change in draw.sample(every, min(asked.lived, len(every))):
            ran, differing = live_through(zone, change, folder)
            runs, wrong = runs + ran, wrong + differing
        print(f"{asked.lived} changes lived through: {runs:,} runs; {time.process_time() - began:.0f} s of CPU")
        worst: dict[str, float] = {}
        for seconds in JUMPS:
            for sign in (1, -1):
                for _ in range(asked.jumps):
                    excess, differing = jump(sign * seconds, draw.uniform(3600, 86_400), folder)
                    worst = {job: max(worst.get(job, 0.0), one) for job, one in excess.items()}
                    wrong += differing
        told_worst = ", ".join(f"{job} {seconds:.0f} s" for job, seconds in worst.items())
        print(f"{len(JUMPS) * 2 * asked.jumps} jumps of a second to a year; longest wait beyond a period: {told_worst}")
    print("\n".join(wrong[:40]) or "nothing wrong")
    print(f"{len(wrong)} wrong; {time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
