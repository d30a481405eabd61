"""The operator's own schedules over the hours in which the clock of their zone is set forward or back."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from jobs.clock import choose_clock
from jobs.drills import wall_clock
from jobs.drills.report import Promise
from jobs.drills.stage import Hand, Place, settings_for
from jobs.house import House
from jobs.ledger import Ledger
from jobs.record import Outcome
from jobs.schedule import Planned, plan_jobs, read_rule
from jobs.settings import Daemon
from service.schedules import Schedule, list_between
from service.slots import CAUGHT_UP, DONE, LATE
from storage import database, lease, slots

_ROUNDS = 2
_BEFORE, _AFTER = dt.timedelta(hours=4), dt.timedelta(hours=8)
_UNTIL = dt.datetime(2038, 1, 1, tzinfo=dt.UTC)
_INSTEAD = ("Europe/Amsterdam", "America/New_York")
_RAN = frozenset({DONE, LATE, CAUGHT_UP})

ReadRule = Callable[[str, str, str], Schedule]


@dataclass
class ClockChange:
    """See the top of the file. `read` turns a field, its rule and a zone into a schedule."""

    read: ReadRule = read_rule
    needs: str = ""

    def prepare(self, place: Place) -> None:
        """Find the changes of the clock to come, in the operator's zone or, where that has none, in two others."""
        self._place = place
        named = place.zone or place.daemon.zone
        self.read("daemon.zone", "0 0 * * *", named)
        now = choose_clock()().replace(second=0, microsecond=0)
        self._zones = [named]
        self._changes = [(named, change) for change in self._find(named, now)]
        if not self._changes:
            self._zones = list(_INSTEAD)
            self._changes = sorted(
                ((zone, change) for zone in _INSTEAD for change in self._find(zone, now)), key=lambda told: told[1]
            )
        self._named = named
        self._wrong: list[str] = []
        self._planned: dict[str, Mapping[str, Planned]] = {}
        self._compared = 0

    def _find(self, zone: str, now: dt.datetime) -> list[dt.datetime]:
        return wall_clock.find_changes(ZoneInfo(zone), now, _UNTIL)

    def harm(self) -> list[str]:
        """Read every schedule over all changes, and live through the next of them with a real ledger."""
        self._rules = self._plans(self._zones[0])
        for zone, change in self._changes:
            start, end = change - _BEFORE, change + _AFTER
            for job, plan in self._plans(zone).items():
                due = self._list_due(plan.rule, zone, start, end)
                self._compare(f"{job} in {zone}", due, list(list_between(plan.schedule, start, end)))
        chosen = self._changes[: self._place.rounds or _ROUNDS]
        self._ran = self._expected = self._twice = 0
        for number, (zone, change) in enumerate(chosen):
            self._live(number, zone, change)
        also = "" if self._zones == [self._named] else f"The clock of {self._named} is never changed; instead of it: "
        rules = ", ".join(f"{job} ({plan.rule})" for job, plan in self._rules.items())
        days = ", ".join(f"{change:%Y-%m-%d}" for _, change in chosen)
        return [
            f"{also}{' and '.join(self._zones)}, with {len(self._changes)} changes until {_UNTIL.year - 1}.",
            f"The settings' schedules: {rules}.",
            "Each was read over the hours round every change, beside a wall clock that was looked at every minute.",
            f"A daemon's ledger lived through the changes of {days}, on a clock of its own.",
        ]

    def _plans(self, zone: str) -> Mapping[str, Planned]:
        if zone not in self._planned:
            self._planned[zone] = self._plan(zone)
        return self._planned[zone]

    def _plan(self, zone: str) -> Mapping[str, Planned]:
        daemon = Daemon.model_validate({**self._place.daemon.model_dump(), "zone": zone, "catch_up": {"*": "all"}})
        folder = self._place.folder
        url = f"sqlite:///{folder / 'plans.db'}"
        engine = database.open_engine(url)
        settings = settings_for(url, folder, daemon=daemon)
        planned = plan_jobs(House(settings, engine, Hand()))
        engine.dispose()
        return {
            job: replace(one, schedule=self.read(f"daemon.{job}", one.rule, zone), work=lambda *_: Outcome({}))
            for job, one in planned.items()
        }

    def _list_due(self, rule: str, zone: str, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
        return wall_clock.list_due(rule, ZoneInfo(zone), start, end)

    def _compare(self, what: str, due: Sequence[dt.datetime], found: Sequence[dt.datetime]) -> None:
        self._compared += len(due)
        for instant in sorted({*due} ^ {*found}):
            self._wrong.append(f"{what}: {'lacks' if instant in due else 'has'} {instant:%Y-%m-%d %H:%M} UTC")
        if len(found) != len(set(found)):
            self._wrong.append(f"{what}: the same instant twice")

    def _live(self, number: int, zone: str, change: dt.datetime) -> None:
        """A day of a daemon that leads, slot by slot."""
        plans, hand = self._plans(zone), Hand(change - _BEFORE)
        folder = self._place.new_folder(f"day{number}")
        house = self._place.furnish(settings_for(f"sqlite:///{folder / 'store.db'}", folder), hand)
        ticks = [0.0]
        ledger = Ledger(house.engine, hand, "drill:0:0", ticks=lambda: ticks[0])
        with database.brief(house.engine) as connection:
            taken = lease.take(connection, "drill:0:0", seen=None, now=hand(), seconds=1e6)
        assert taken is not None
        settings = self._place.daemon
        while hand() < change + _AFTER:
            turn = ledger.take_turn(taken.token, plans, settings)
            if turn.claim is not None:
                ledger.close(turn.claim, "ok", {}, "")
                continue
            left = (change + _AFTER - hand()).total_seconds()
            passed = min(turn.seconds, left)
            hand.move(seconds=passed)
            ticks[0] += passed
        ledger.take_turn(taken.token, plans, settings)
        self._hold_against(house.engine, plans, zone, change)

    def _hold_against(self, engine: sa.Engine, plans: Mapping[str, Planned], zone: str, change: dt.datetime) -> None:
        with database.read(engine) as connection:
            for job, plan in plans.items():
                due = set(self._list_due(plan.rule, zone, change - _BEFORE, change + _AFTER - dt.timedelta(minutes=1)))
                found = slots.load_recent(connection, job=job, limit=100_000)
                ran = [one.due_at.replace(microsecond=0) for one in found if one.outcome in _RAN and one.attempts == 1]
                self._expected += len(due)
                self._ran += len(due & set(ran))
                self._twice += len(ran) - len(set(ran))

    def judge(self) -> list[Promise]:
        """Each slot where the wall clock says, once."""
        told = "; ".join(self._wrong[:3])
        return [
            Promise(
                "every schedule is due when the clock on the wall says so, once",
                self._compared > 0 and not self._wrong,
                f"{self._compared:,} times over {len(self._changes)} changes, {len(self._wrong)} wrong {told}".strip(),
            ),
            Promise(
                "a daemon runs each of them once",
                0 < self._expected == self._ran and not self._twice,
                f"{self._ran:,} of {self._expected:,} slots ran, {self._twice} of them twice",
            ),
        ]
