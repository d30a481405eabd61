"""The ledger of slots and the lease: what is unique, what is refused, and to whom."""

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from service.errors import LeaseLost, Stopped, StoreFailed
from service.slots import COALESCED, MISSED, RUNNING, WAITING
from storage import database, lease, slots
from storage.slots import Kept, Listed
from tests.storage.builders import at

A_LEASE = 20


def take(engine: sa.Engine, holder: str, hour: float = 0) -> lease.Lease | None:
    with database.brief(engine) as connection:
        return lease.take(connection, holder, seen=lease.load(connection), now=at(hour), seconds=A_LEASE)


def test_a_slot_is_on_record_once_and_one_that_never_ran_may_wait_again(engine: sa.Engine) -> None:
    """Entering what is there changes nothing, unless it was passed over and its time has come after all."""
    with database.begin(engine) as connection:
        slots.enter(
            connection,
            "score",
            [Listed(at(1), at(3), MISSED, "off", 7), Listed(at(2), at(3)), Listed(at(3), at(3))],
        )
        first, second = slots.load_waiting(connection, "score")
        assert slots.claim(connection, first.id, by="me", token=4, now=at(4), run_id=9)
        assert not slots.claim(connection, first.id, by="you", token=5, now=at(4), run_id=10), "claimed once"
        slots.fold(connection, [first.id, second.id], outcome=COALESCED, reason="later", now=at(4))
        slots.enter(connection, "score", [Listed(at(1), at(3)), Listed(at(2), at(3), MISSED), Listed(at(3), at(3))])
        slots.enter(connection, "align", [Listed(at(1), at(3))])
        found = [(one.job, one.due_at, one.outcome, one.slots) for one in slots.load_recent(connection)]
    assert sorted(found) == [
        ("align", at(1), WAITING, 1),
        ("score", at(1), WAITING, 1),
        ("score", at(2), RUNNING, 1),
        ("score", at(3), WAITING, 1),
    ]


def test_only_who_claimed_a_slot_ends_it_and_once(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        slots.enter(connection, "score", [Listed(at(1), at(3))])
        [one] = slots.load_heads(connection)
        slots.claim(connection, one.id, by="me", token=4, now=at(2), run_id=9)
        ended = {"outcome": "done", "now": at(3), "counts": {"new": 2}}
        assert not slots.finish(connection, one.id, token=3, **ended)  # type: ignore[arg-type]
        assert not slots.give_back(connection, one.id, token=5, reason="not mine")
        assert slots.give_back(connection, one.id, token=4, reason="stopped")
        slots.claim(connection, one.id, by="you", token=5, now=at(3), run_id=10)
        assert not slots.finish(connection, one.id, token=4, **ended)  # type: ignore[arg-type]
        assert slots.finish(connection, one.id, token=5, **ended)  # type: ignore[arg-type]
        assert not slots.finish(connection, one.id, token=5, **ended)  # type: ignore[arg-type]
        [told] = slots.load_recent(connection, job="score", outcomes=["done"])
    assert (told.claimed_by, told.attempts, told.counts, told.started_at, told.finished_at) == (
        "you", 2, {"new": 2}, at(3), at(3),
    )  # fmt: skip


def test_counts_are_of_slots_and_not_of_rows(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        slots.enter(
            connection,
            "a",
            [Listed(at(1), at(3), MISSED, "", 1000), Listed(at(2), at(3), MISSED), Listed(at(3), at(3))],
        )
        assert slots.count_by_outcome(connection) == {"a": {"missed": 1001, "waiting": 1}}
        slots.save_schedule(connection, "a", "* * * * *", "UTC", at(3))
        slots.save_schedule(connection, "a", "every 5m", "UTC", at(4))
        assert slots.load_schedules(connection) == {"a": Kept("a", "every 5m", "UTC", at(4))}


def test_each_holder_of_the_lease_has_a_greater_token(engine: sa.Engine) -> None:
    """Taken as it was seen or not at all; renewed by its holder alone; left to the next when released."""
    first = take(engine, "a")
    assert first is not None
    assert first.token == 1
    with database.brief(engine) as connection:
        assert lease.take(connection, "b", seen=None, now=at(1), seconds=A_LEASE) is None, "it is no longer free"
        assert lease.renew(connection, 1, now=at(1), seconds=A_LEASE)
        assert lease.take(connection, "b", seen=first, now=at(1), seconds=A_LEASE) is None, "it was renewed"
    second = take(engine, "b", 2)
    assert second is not None
    assert second.token == 2
    with database.brief(engine) as connection:
        assert not lease.renew(connection, 1, now=at(3), seconds=A_LEASE)
        lease.release(connection, 1, now=at(3))
        assert lease.load(connection) == second
        lease.release(connection, 2, now=at(3))
        assert not lease.renew(connection, 2, now=at(3), seconds=A_LEASE)
    third = take(engine, "a", 4)
    assert third is not None
    assert third.token == 3


def test_whoever_lost_the_lease_writes_nothing_more(engine: sa.Engine) -> None:
    """The guard runs in each transaction that writes through that engine, and in no other."""
    mine = take(engine, "a")
    assert mine is not None
    fenced = database.guarded(engine, lambda connection: lease.require(connection, mine.token))
    with database.begin(fenced) as connection:
        slots.enter(connection, "x", [Listed(at(1), at(3))])
    assert take(engine, "b", 1) is not None
    with pytest.raises(LeaseLost, match="taken by b"), database.begin(fenced) as connection:
        slots.enter(connection, "x", [Listed(at(2), at(3))])
    with database.begin(engine) as connection:  # as a command run by hand
        slots.enter(connection, "x", [Listed(at(3), at(3))])
    with database.read(fenced) as connection:
        assert [one.due_at for one in slots.load_waiting(connection, "x")] == [at(1), at(3)]


def test_a_guard_that_stops_leaves_nothing_behind(engine: sa.Engine) -> None:
    def stop(connection: sa.Connection) -> None:
        slots.enter(connection, "x", [Listed(at(1), at(3))])
        raise Stopped("asked to")

    with pytest.raises(Stopped), database.begin(database.guarded(engine, stop)):
        raise AssertionError("it was let in")
    with database.read(engine) as connection:
        assert slots.load_waiting(connection, "x") == []


def test_while_results_are_written_the_lease_can_be_renewed_but_not_taken(postgres_url: str) -> None:
    """On PostgreSQL: the taker waits for the commit, the heartbeat does not. (SQLite has one writer anyway.)"""
    engine = database.open_engine(postgres_url)
    mine = take(engine, "a")
    assert mine is not None
    taken = threading.Event()
    taker = threading.Thread(target=lambda: take(engine, "b", 1) and taken.set())
    fenced = database.guarded(engine, lambda connection: lease.require(connection, mine.token))
    with database.begin(fenced) as connection:
        with database.brief(engine) as other:
            assert lease.renew(other, mine.token, now=at(0), seconds=A_LEASE)
        taker.start()
        assert not taken.wait(0.3)
        slots.enter(connection, "x", [Listed(at(1), at(3))])
    taker.join(timeout=10)
    assert taken.is_set()
    engine.dispose()


def test_the_sessions_of_one_that_is_stopped_are_ended(postgres_url: str) -> None:
    """Its transaction is rolled back, its locks are free, and its next word is an error."""
    stopped, other = database.open_engine(postgres_url), database.open_engine(postgres_url)
    database.name_sessions(stopped, "newscandle h:1:ab")

    def end() -> None:
        with database.brief(other) as connection:
            assert lease.end_sessions(connection, "newscandle h:1:cd") == 0
            assert lease.end_sessions(connection, "newscandle h:1:ab") == 1
        with database.begin(other):
            pass

    def write() -> None:
        with database.begin(stopped) as connection:
            slots.enter(connection, "x", [Listed(at(1), at(3))])
            end()

    with pytest.raises(StoreFailed) as caught:
        write()
    assert caught.value.reason == "unreachable"
    for engine in (stopped, other):
        engine.dispose()


def test_daemons_show_themselves_until_they_leave(engine: sa.Engine) -> None:
    with database.brief(engine) as connection:
        lease.show_presence(connection, "gone", now=at(0), seconds=A_LEASE)
        lease.show_presence(connection, "a", now=at(20), seconds=A_LEASE)
        lease.show_presence(connection, "b", now=at(21), seconds=A_LEASE)
        lease.show_presence(connection, "a", now=at(26), seconds=A_LEASE)
        lease.hide_presence(connection, "b")
        [shown] = lease.load_presences(connection)
    assert (shown.holder, shown.acquired_at, shown.renewed_at) == ("a", at(20), at(26))
    assert shown.expires_at == at(26) + dt.timedelta(seconds=A_LEASE)


def test_postgresql_tells_its_own_time_and_sqlite_the_one_given(engine: sa.Engine) -> None:
    with database.read(engine) as connection:
        told = lease.tell_time(connection, at(0))
    is_its_own = abs(told - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert is_its_own if engine.dialect.name == "postgresql" else told == at(0)
