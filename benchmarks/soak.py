"""Thirty days of a daemon in minutes, with faults, and whether it tells the truth: `python -m benchmarks.soak`.

The real ledger, lease, rounds and jobs, the real egress and exchanges over loopback, a real store, under a clock that
jumps to whatever comes next. A share of all requests and statements fails, daemons die, and an outage of every kind
comes once. Every five to fifteen minutes readiness is judged and held against who knows better (`soak_oracle.py`);
every hour /metrics is held against what was recorded (`soak_figures.py`).
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
import stamina
import structlog

from benchmarks.soak_content import compare_content
from benchmarks.soak_figures import compare_figures, read_figures
from benchmarks.soak_memory import Held, find_slope, weigh
from benchmarks.soak_oracle import Oracle
from benchmarks.soak_outages import KINDS, Outages, plan_outages
from benchmarks.soak_run import Soak, Wanted, set_up
from benchmarks.soak_time import DAY, HOUR, MINUTE, Timeline
from dashboards.metrics import Exposed, expose
from jobs.house import House
from jobs.lookout import Seen, count, look
from service.errors import StoreFailed
from service.health import readiness
from storage import database

MEMORY = Path("/dev/shm")
_WARM_UP_DAYS = 5


@dataclass
class Seeing:
    """What was seen: checks by what was told and what was true, and every lie with its time."""

    checks: Counter[str] = field(default_factory=Counter)
    lies: list[str] = field(default_factory=list)
    false_reds: Counter[str] = field(default_factory=Counter)
    untrue: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    expositions: int = 0
    turns: list[tuple[float, bool, tuple[str, ...]]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    waiting: int = 0


class Watcher:
    """Looks at a soak as an operator's probes would, and holds what it is told against the truth."""

    def __init__(self, soak: Soak, engine: sa.Engine, seed: int) -> None:
        self._soak, self._engine, self._draw = soak, engine, random.Random(seed)
        self._oracle = Oracle(soak, engine)
        self._house = House(soak.house.settings, soak.looking, soak.house.clock)
        self.seeing = Seeing()

    def begin(self) -> None:
        """Look every five to fifteen minutes, take figures every hour, and weigh every day."""
        self._plan_check()
        self._soak.timeline.every(HOUR + 7, self._take_figures)
        self._soak.timeline.every(DAY, self._weigh)

    def _plan_check(self) -> None:
        timeline = self._soak.timeline
        timeline.at(timeline.now + self._draw.uniform(5 * MINUTE, 15 * MINUTE), self._check)

    def _see(self) -> Seen:
        try:
            return look(self._house)
        except StoreFailed as failure:
            return Seen(readiness.refuse(failure, self._house.clock()))

    def _check(self) -> None:
        seen, truth, now = self._see(), self._oracle.tell(), self._soak.timeline.now
        told = seen.readiness
        seeing = self.seeing
        if not seeing.turns or seeing.turns[-1][1] != told.is_ready:
            seeing.turns.append((now, told.is_ready, told.reasons))
        state = "bad" if truth.wrong else "unsure" if truth.is_unsure else "good"
        seeing.checks[f"{state}, told {'ready' if told.is_ready else 'not ready'}"] += 1
        if truth.wrong and told.is_ready:
            seeing.lies.append(f"day {now / DAY:.2f}: told ready, though {'; '.join(truth.wrong)}")
        if state == "good" and not told.is_ready:
            seeing.false_reds.update(told.reasons)
        if seen.facts is not None:
            waiting = max((job.waiting for job in seen.facts.jobs.values()), default=0)
            if state == "good":
                seeing.waiting = max(seeing.waiting, waiting)
        self._plan_check()

    def _take_figures(self) -> None:
        seen = self._see()
        if seen.facts is None:
            return
        with database.read(self._house.engine) as connection:
            counted = count(self._house, connection)
        build = {"version": version("newscandle")}
        body, _ = expose(Exposed(seen.readiness, seen.facts, counted, seen.standing_by, build=build))
        figures = read_figures(body)
        self.seeing.expositions += 1
        for untrue in compare_figures(self._soak, self._engine, figures, is_ready=seen.readiness.is_ready):
            name = untrue.partition("[")[0].partition(":")[0]
            self.seeing.untrue[name] += 1
            self.seeing.examples.setdefault(name, f"day {self._soak.timeline.now / DAY:.2f}: {untrue}")

    def _weigh(self) -> None:
        daemon, timeline = self._soak.daemon, self._soak.timeline
        if daemon is not None and daemon.claim is not None:  # requests under way are descriptors too
            timeline.at(timeline.now + MINUTE, self._weigh)
            return
        file = Path(self._engine.url.database or "") if self._engine.dialect.name == "sqlite" else None
        held, seeing = weigh(self._soak.timeline.now / DAY, file), self.seeing
        seeing.held.append(held)
        print(
            f"day {held.day:.0f}: {held.resident:.0f} MB resident, {held.descriptors} descriptors,",
            f"{held.threads} threads, store {held.store:.0f} MB; {len(seeing.lies)} lies,",
            f"{seeing.checks['good, told not ready']} false alarms, {sum(seeing.untrue.values())} figures untrue;",
            f"{time.process_time():.0f} s of CPU",
            file=sys.stderr,
            flush=True,
        )


def run(wanted: Wanted, kinds: tuple[str, ...] = KINDS) -> tuple[Soak, Seeing, list[str]]:
    """A soak from beginning to end, what was seen of it, and what is wrong with what it left."""
    timeline = Timeline()
    outages = Outages(timeline, plan_outages(wanted.days, kinds) if wanted.faults else [])
    with set_up(wanted, outages, timeline) as soak:
        engine = database.open_engine(soak.house.settings.store.url.get_secret_value())
        watcher = Watcher(soak, engine, wanted.seed)
        soak.begin()
        watcher.begin()
        timeline.pass_to(wanted.days * DAY)
        wrong = list(compare_content(soak, engine))
        engine.dispose()
        return soak, watcher.seeing, wrong


def tell(soak: Soak, seeing: Seeing, wrong: list[str], seconds: float) -> Iterator[str]:
    """The results in lines."""
    wanted, web = soak.wanted, soak.stage.web
    yield (
        f"{wanted.days:g} days, {wanted.feeds} feeds, {wanted.faults:.0%} faults: {web.requests:,} requests of news "
        f"({sum(web.faults.values()):,} spoilt), {soak.venues.requests:,} of candles "
        f"({sum(soak.venues.faults.values()):,} spoilt), {soak.store.failed:,} statements refused, "
        f"{soak.store.killed} daemons killed, {soak.born} begun; {seconds:.0f} s of CPU"
    )
    yield "checks: " + ", ".join(f"{name} {number:,}" for name, number in sorted(seeing.checks.items()))
    good = sum(number for name, number in seeing.checks.items() if name.startswith("good"))
    red = seeing.checks["good, told not ready"]
    share = f"{red} of {good:,} ({red / max(good, 1):.2%})"
    yield f"falsely green {len(seeing.lies)}; falsely red {share} {dict(seeing.false_reds)}"
    yield from seeing.lies[:20]
    for one in soak.outages.all:
        when = f"day {one.begins / DAY:5.1f} to {one.ends / DAY:5.1f}"
        yield f"  {one.kind:<28}{when}: {_tell_turns(seeing, one.begins, one.ends)}"
    untrue = f"{sum(seeing.untrue.values())} figures untrue {dict(seeing.untrue)}"
    yield f"metrics: {seeing.expositions} expositions compared, {untrue}"
    yield from (f"  {example}" for example in seeing.examples.values())
    yield f"slots waiting at most while all was well: {seeing.waiting}"
    warm = [one for one in seeing.held if one.day > _WARM_UP_DAYS] or seeing.held
    days = [one.day for one in warm]
    for name in ("resident", "descriptors", "threads", "store"):
        figures = [float(getattr(one, name)) for one in warm]
        if figures:
            yield f"{name}: {figures[0]:.0f} to {figures[-1]:.0f}, {find_slope(days, figures):+.2f} a day"
    yield f"left behind: {len(wrong)} wrong"
    yield from wrong[:20]


def _tell_turns(seeing: Seeing, begins: float, ends: float) -> str:
    red = next(((at, why) for at, is_ready, why in seeing.turns if begins <= at <= ends + HOUR and not is_ready), None)
    if red is None:
        return "ready throughout"
    green = next((at for at, is_ready, _ in seeing.turns if at > max(red[0], ends) and is_ready), None)
    last = [is_ready for at, is_ready, _ in seeing.turns if at <= ends]
    after = "ready before its end" if last and last[-1] else "not ready again"
    if green is not None and not (last and last[-1]):
        after = f"ready {(green - ends) / 60:.0f} min after its end"
    return f"not ready after {(red[0] - begins) / 60:.0f} min ({', '.join(red[1])}), {after}"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--faults", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", default=None, help=f"outages instead of all: {', '.join(KINDS)}")
    parser.add_argument("--url", default="", help="a PostgreSQL database of its own, empty; default: a SQLite file")
    asked = parser.parse_args()
    stamina.instrumentation.set_on_retry_hooks([])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began = time.process_time()
    with _folder() as folder:
        wanted = Wanted(asked.days, asked.feeds, asked.faults, folder, asked.url, asked.seed)
        soak, seeing, wrong = run(wanted, KINDS if asked.only is None else tuple(asked.only))
    print("\n".join(tell(soak, seeing, wrong, time.process_time() - began)))


if __name__ == "__main__":
    main()
