"""A slot's run under a lease that is lost, a daemon that is stopped, and a store or a job that fails."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.console import Advance
from jobs.house import House
from jobs.leading import Leadership
from jobs.ledger import Ledger
from jobs.record import Outcome
from jobs.rounds import Rounds, Troubles
from jobs.schedule import plan
from jobs.settings import Daemon, Settings
from service.errors import BadInput, StoreFailed
from storage import database, entries, lease, runs, slots
from storage.slots import Listed
from tests.jobs.houses import NOW, Hands

FAR = {"job": "0 0 1 1 *"}
Work = Callable[[House, Advance], Outcome]


@dataclass
class Worker:
    """One daemon's worker with a job of ours, without threads: `go` runs what waits."""

    engine: sa.Engine
    name: str
    work: Work
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        clock = Hands()
        self.leadership = Leadership(self.engine, clock, self.name, 20)
        settings = Settings(daemon=Daemon(), folder=Path())
        ledger = Ledger(self.engine, clock, self.name)
        plans = plan(settings.daemon, FAR, {"job": self.work})
        self.rounds = Rounds(House(settings, self.engine, clock), plans, ledger, self.leadership, self.stopping)

    def lead(self) -> None:
        with database.brief(self.engine) as connection:
            held = lease.load(connection)
            if held is not None:
                lease.release(connection, held.token, now=NOW)
        self.leadership.beat()
        assert self.leadership.token is not None


def note(house: House, word: str) -> None:
    """One transaction of a job."""
    with database.begin(house.engine) as connection:
        entries.save_fingerprints(connection, {word: "f"}, source="s", recorded_at=NOW)


def noted(engine: sa.Engine) -> list[str]:
    with database.read(engine) as connection:
        return sorted(entries.load_fingerprints(connection, ["first", "second"]))


def ended(engine: sa.Engine) -> tuple[list[tuple[str, int]], list[str]]:
    """Outcome and attempts of the slots, and outcomes of the runs in the order in which they began.

    On PostgreSQL, whose clock is today's, all are late.
    """
    with database.read(engine) as connection:
        found = [(one.outcome.replace("late", "done"), one.attempts) for one in slots.load_recent(connection)]
        return found, [one.outcome for one in sorted(runs.recent(connection), key=lambda one: one.id)]


@pytest.fixture
def waiting(engine: sa.Engine) -> sa.Engine:
    """A store with one slot that waits."""
    with database.begin(engine) as connection:
        slots.enter(connection, "job", [Listed(NOW, NOW)])
    return engine


def good(house: House, advance: Advance) -> Outcome:
    note(house, "first")
    note(house, "second")
    return Outcome({"new": 2})


def test_what_a_replaced_daemon_still_wanted_to_write_is_refused(waiting: sa.Engine) -> None:
    """It stops at its next transaction and stands by; the other does the slot, and only the other ends it."""
    other = Worker(waiting, "other", good)

    def overtaken(house: House, advance: Advance) -> Outcome:
        note(house, "first")
        other.lead()
        note(house, "second")
        raise AssertionError("it went on")

    first = Worker(waiting, "first", overtaken)
    first.lead()
    assert first.rounds.go() is None
    assert first.leadership.token is None
    assert noted(waiting) == ["first"]
    assert ended(waiting) == ([("waiting", 1)], ["abandoned"])
    assert other.rounds.go()
    assert noted(waiting) == ["first", "second"]
    assert ended(waiting) == ([("done", 2)], ["abandoned", "ok"])
    with database.read(waiting) as connection:
        [told] = slots.load_recent(connection)
    assert (told.claimed_by, told.counts, told.reason) == ("other", {"new": 2}, "")


def test_a_job_that_is_told_to_stop_ends_between_two_transactions(waiting: sa.Engine) -> None:
    """The slot waits for the next daemon, which does it."""
    stopped = threading.Event()

    def interrupted(house: House, advance: Advance) -> Outcome:
        note(house, "first")
        stopped.set()
        note(house, "second")
        raise AssertionError("it went on")

    first = Worker(waiting, "first", interrupted, stopped)
    first.lead()
    assert first.rounds.go() is None
    assert (noted(waiting), ended(waiting)) == (["first"], ([("waiting", 1)], ["interrupted"]))
    first.leadership.release()
    second = Worker(waiting, "second", good)
    second.leadership.beat()
    second.rounds.go()
    assert (noted(waiting), ended(waiting)) == (["first", "second"], ([("done", 2)], ["interrupted", "ok"]))


def test_a_slot_waits_for_a_store_that_fails_and_is_not_lost(waiting: sa.Engine) -> None:
    failures = [StoreFailed("disk_full", "no room"), StoreFailed("unreachable", "gone"), None]

    def unlucky(house: House, advance: Advance) -> Outcome:
        failure = failures.pop(0)
        if failure:
            raise failure
        return good(house, advance)

    worker = Worker(waiting, "first", unlucky)
    worker.lead()
    pauses = [worker.rounds.go(), worker.rounds.go()]
    assert pauses[0]
    assert pauses[1]
    assert pauses[0] < pauses[1] <= 30
    worker.rounds.go()
    assert ended(waiting) == ([("done", 3)], ["failed", "failed", "ok", "failed"])
    with database.read(waiting) as connection:
        [outage] = runs.recent(connection, job="store")
    assert (outage.reason, outage.counts) == ("no room (2 tries)", {"failures": 2})


def test_pauses_are_short_for_a_server_and_long_for_work_done_in_vain() -> None:
    troubles = Troubles("jobs", Hands())
    away = [troubles.note(StoreFailed("unreachable", "gone"), 50.0) for _ in range(20)]
    assert away == sorted(away)
    assert away[-1] == 2
    troubles.clear()
    full = [troubles.note(StoreFailed("disk_full", "no room"), worked) for worked in (0.1, 25.0, 900.0)]
    assert full == [0.5, 25.0, 60.0]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BadInput("score.scorers", "x", "name one"), "score.scorers: 'x': name one"),
        (StoreFailed("refused", "no such column"), "no such column"),
        (ZeroDivisionError("division by zero"), "a fault in newscandle: ZeroDivisionError: division by zero"),
    ],
)
def test_a_job_that_fails_ends_its_slot_and_the_daemon_goes_on(
    waiting: sa.Engine, error: Exception, reason: str
) -> None:
    def failing(house: House, advance: Advance) -> Outcome:
        raise error

    worker = Worker(waiting, "first", failing)
    worker.lead()
    assert worker.rounds.go()
    assert ended(waiting) == ([("failed", 1)], ["failed"])
    with database.read(waiting) as connection:
        assert slots.load_recent(connection)[0].reason == reason


def test_a_lease_far_from_its_end_is_taken_when_nobody_renews_it(engine: sa.Engine) -> None:
    """As after the clock was set back by a year: what counts then is how long nothing was heard."""
    hands, ticks = Hands(), [0.0]
    with database.brief(engine) as connection:
        lease.take(connection, "dead", seen=None, now=lease.tell_time(connection, hands()), seconds=365 * 86_400)
    mine = Leadership(engine, hands, "mine", 20, ticks=lambda: ticks[0])
    for seconds in (0, 10, 19.9):
        ticks[0] = seconds
        mine.beat()
        assert mine.token is None
    ticks[0] = 20.0
    mine.beat()
    assert mine.token == 2
    ticks[0] = 20.0 + 18.1
    assert mine.token is None, "it does not trust itself to the end"
    mine.beat()
    assert mine.token == 2
    other = Leadership(engine, hands, "other", 20, ticks=lambda: ticks[0])
    other.beat()
    assert other.token is None
    mine.release()
    other.beat()
    assert other.token == 3
    mine.beat()
    assert mine.token is None, "who has left does not come back"
