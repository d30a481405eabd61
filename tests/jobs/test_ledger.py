"""The ledger on a virtual clock: slots after a week off, after overruns, under clocks that jump. Nothing here waits."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.ledger import ONE_BY_ONE, Ledger
from jobs.record import Outcome
from jobs.schedule import plan
from jobs.settings import Daemon
from service.errors import LeaseLost
from service.schedules import list_between
from service.slots import MOST_ATTEMPTS
from storage import database, lease, runs, slots
from tests.jobs.houses import NOW

WEEK, YEAR = dt.timedelta(days=7, minutes=15), dt.timedelta(days=365, minutes=5)


class Life:
    """One daemon after another on one store, on a clock that goes as told and a second one that cannot be set."""

    def __init__(self, engine: sa.Engine, rules: dict[str, str], **settings: Any) -> None:
        self.engine, self.now, self.ticks = engine, NOW + dt.timedelta(seconds=30), 0.0
        self.settings = Daemon(**settings)
        self.begun: list[tuple[str, dt.datetime, float]] = []
        self.take_seconds: Callable[[str], float] = lambda job: 1.0
        self.plan(rules)
        self.start()

    def plan(self, rules: dict[str, str]) -> None:
        self.plans = plan(self.settings, rules, {job: lambda house, advance: Outcome({}) for job in rules})

    def start(self) -> None:
        """Another daemon begins to lead, and looks once."""
        self.ledger = Ledger(self.engine, lambda: self.now, f"h:{self.ticks}:x", ticks=lambda: self.ticks)
        with database.brief(self.engine) as connection:
            taken = lease.take(connection, "x", seen=lease.load(connection), now=self.now, seconds=20)
        assert taken is not None
        self.token = taken.token

    def pass_by(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)
        self.ticks += seconds

    def live(self, seconds: float, word: str = "ok") -> None:
        """Work as a daemon does (which looks at once when the clock was moved), for so many seconds nobody can set."""
        end = self.ticks + seconds
        while self.ticks < end:
            turn = self.ledger.take_turn(self.token, self.plans, self.settings)
            if turn.claim is None:
                self.pass_by(min(turn.seconds + 0.001, end - self.ticks))
                continue
            job, due = turn.claim.slot.job, turn.claim.slot.due_at
            self.begun.append((job, due, self.ticks))
            self.pass_by(self.take_seconds(job))
            self.ledger.close(turn.claim, word, {}, "")

    def found(self, job: str = "hourly") -> list[slots.Slot]:
        with database.read(self.engine) as connection:
            return slots.load_recent(connection, job=job, limit=100_000)[::-1]

    def count(self, job: str = "hourly") -> dict[str, int]:
        with database.read(self.engine) as connection:
            return slots.count_by_outcome(connection).get(job, {})


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Any:
    engine = database.open_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"caught_up": 1, "coalesced": 83, "done": 1}),
        ({"catch_up": "all"}, {"caught_up": 84, "done": 1}),
        ({"catch_up": "all", "catch_up_limit": 48}, {"caught_up": 48, "missed": 36, "done": 1}),
        ({"catch_up": {"hourly": "none"}}, {"missed": 84, "done": 1}),
    ],
)
def test_a_week_off_is_caught_up_with_as_the_settings_say(
    sqlite_engine: sa.Engine, settings: dict[str, Any], expected: dict[str, int]
) -> None:
    """84 slots passed: exactly so many, in order, one every ten seconds, and the next on time."""
    life = Life(sqlite_engine, {"hourly": "0 */2 * * *"}, **settings)
    life.live(1)
    life.pass_by(WEEK.total_seconds())
    life.start()
    life.live(7200)
    assert life.count() == expected
    assert [one.due_at for one in life.found()] == list(
        list_between(life.plans["hourly"].schedule, NOW + dt.timedelta(seconds=30), life.now)
    )
    due = [due for _, due, _ in life.begun]
    assert due == sorted(due)
    made_up = [tick for (_, _, tick), one in zip(life.begun, due, strict=True) if one < NOW + WEEK]
    assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(made_up))


def test_what_is_in_time_goes_before_what_is_made_up_for(sqlite_engine: sa.Engine) -> None:
    """A week of one job to catch up with does not hold up another's slots by more than one run."""
    life = Life(sqlite_engine, {"hourly": "0 * * * *", "often": "*/5 * * * *"}, catch_up={"hourly": "all"})
    life.take_seconds = lambda job: 9.0 if job == "hourly" else 1.0
    life.live(1)
    life.pass_by(WEEK.total_seconds())
    life.start()
    life.live(1200)
    assert life.count("often") == {"coalesced": 2018, "done": 5}
    assert 50 <= life.count()["caught_up"] <= 120


def test_an_overrun_makes_the_next_slot_late_and_loses_none(sqlite_engine: sa.Engine) -> None:
    life = Life(sqlite_engine, {"hourly": "0 * * * *"})
    life.live(3 * 3600)
    life.take_seconds = lambda job: 3900.0
    life.live(3600)
    life.take_seconds = lambda job: 1.0
    life.live(3 * 3600)
    outcomes = [one.outcome for one in life.found()]
    assert Counter(outcomes) == {"done": len(outcomes) - 1, "late": 1}
    assert len(outcomes) == 8


JUMPS = tuple(sign * seconds for seconds in (1, 61, 3599, 3601, 86_400, YEAR.total_seconds()) for sign in (1, -1))


def test_a_clock_that_jumps_neither_stalls_a_job_nor_doubles_a_slot(sqlite_engine: sa.Engine) -> None:
    """By a second to a year, forward and back, and back again: within a period of the clock nobody can set, it runs.

    What was jumped over is on record to the last slot; there is a bound to how many rows that takes.
    """
    life = Life(sqlite_engine, {"job": "*/10 * * * *"})
    life.live(1500)
    for jump in JUMPS:
        begun, before = len(life.begun), life.now
        life.now += dt.timedelta(seconds=jump)
        if jump > 0:
            known = sum(life.count("job").values())
            life.ledger.take_turn(life.token, life.plans, life.settings)
            passed = len(list(list_between(life.plans["job"].schedule, before, life.now)))
            assert sum(life.count("job").values()) - known <= passed
        life.live(1500)
        life.now -= dt.timedelta(seconds=jump)
        life.live(1500)
        ticks = [tick for _, _, tick in life.begun[begun - 1 :]]
        gaps = [later - earlier for earlier, later in itertools.pairwise(ticks)]
        assert gaps, jump
        assert max(gaps) <= 2 * 600 + 1, (jump, max(gaps))
    assert len({due for _, due, _ in life.begun}) == len(life.begun), "no slot was begun twice"
    assert len(life.found("job")) < 3 * ONE_BY_ONE


def test_a_year_jumped_over_is_counted_to_the_slot(sqlite_engine: sa.Engine) -> None:
    life = Life(sqlite_engine, {"job": "*/10 * * * *"})
    life.live(1)
    before = life.now
    life.now += YEAR
    life.live(1)
    passed = len(list(list_between(life.plans["job"].schedule, before, life.now)))
    assert life.count("job") == {"caught_up": 1, "coalesced": passed - 1}
    assert len(life.found("job")) == ONE_BY_ONE + 1


def test_another_rule_holds_from_when_it_is_known(sqlite_engine: sa.Engine) -> None:
    """What came due under the old one while nobody looked is on record all the same."""
    life = Life(sqlite_engine, {"hourly": "0 * * * *"})
    life.live(1)
    life.pass_by(3 * 3600 + 900)
    life.plan({"hourly": "15 0 * * *"})
    life.start()
    life.live(60)
    assert life.count() == {"caught_up": 1, "coalesced": 2}
    life.live(24 * 3600)
    assert [one.due_at.minute for one in life.found()][3:] == [15]


def test_a_slot_whose_daemon_died_is_taken_up_again_but_not_for_ever(engine: sa.Engine) -> None:
    """Its run ends as abandoned; whoever comes back late can end neither; after five deaths the slot is let be."""
    life = Life(engine, {"job": "every 1s"}, catch_up="all", catch_up_pause_seconds=0)
    with database.begin(engine) as connection:
        slots.enter(connection, "job", [slots.Listed(NOW, NOW)])
    dead = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = life.ledger.take_turn(life.token, life.plans, life.settings).claim
        assert claim is not None
        assert (claim.slot.due_at, claim.slot.attempts) == (NOW, attempt - 1)
        dead.append((life.token, claim))
        life.start()
    with pytest.raises(LeaseLost):
        life.ledger.take_turn(dead[-1][0], life.plans, life.settings)
    life.ledger.take_turn(life.token, life.plans, life.settings)
    for _, claim in dead:
        life.ledger.close(claim, "ok", {"late": 1}, "")
        life.ledger.give_back(claim, "failed", "late")
    first = life.found("job")[0]
    assert (first.due_at, first.outcome, first.attempts) == (NOW, "abandoned", MOST_ATTEMPTS)
    with database.read(engine) as connection:
        ended = [one for one in runs.recent(connection) if one.id in {claim.run_id for _, claim in dead}]
    assert [one.outcome for one in ended] == ["abandoned"] * MOST_ATTEMPTS
    assert all("ended in it" in one.reason for one in ended)


def test_a_slot_ends_in_what_its_run_ended_in(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    life = Life(sqlite_engine, {"hourly": "0 * * * *"})
    for word in ("partial", "failed", "ok"):
        life.live(3600, word)
    assert [one.outcome for one in life.found()] == ["partial", "failed", "done"]
    with database.read(sqlite_engine) as connection:
        assert [one.outcome for one in runs.recent(connection)] == ["ok", "failed", "partial"]
