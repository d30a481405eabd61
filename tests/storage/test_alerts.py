"""Alerts and their messages on both databases: once by key, in order, tried again, given up, silenced."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from service.alerts.alert import Alert, Kind, Message, compose, describe_trouble
from service.alerts.trouble import Patience, Step, decide
from service.health.findings import Finding, Severity
from storage import alerts, database

NOW = dt.datetime(2024, 5, 10, 12, 0, 0, 123456, tzinfo=dt.UTC)
STALE = Finding("source_stale", "a b/c", Severity.WARNING, "nothing for 9 h\x00", "look \ud800")
PATIENCE = Patience(hold=dt.timedelta(), clear=dt.timedelta())


def later(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def look(engine: sa.Engine, findings: list[Finding], now: dt.datetime) -> list[tuple[Step, Alert]]:
    """What the job does in its transaction."""
    with database.begin(engine) as connection:
        made = decide(alerts.load_troubles(connection), findings, now, PATIENCE)
        alerts.save_troubles(connection, made)
        told = [(one.step, describe_trouble(one.trouble)) for one in made.told]
        for step, one in told:
            if step is Step.OPENED:
                assert alerts.record(connection, one, recorded_at=now)
            else:
                alerts.restate(connection, one, resolved_at=now if step is Step.RESOLVED else None)
        return told


def test_a_trouble_is_held_told_silenced_and_ended(engine: sa.Engine) -> None:
    """What comes back is what was held; texts no database takes are held as both can."""
    [(_, opened)] = look(engine, [STALE], NOW)
    with database.read(engine) as connection:
        held = alerts.load_troubles(connection)
        [kept] = alerts.load_recent(connection)
        assert held["source_stale", "a b/c"].finding == replace(
            STALE, text="nothing for 9 h\ufffd", remedy="look \ufffd"
        )
        assert (held["source_stale", "a b/c"].since, held["source_stale", "a b/c"].told_at) == (NOW, NOW)
        assert (kept.alert.key, kept.is_open, kept.recorded_at) == (opened.key, True, NOW)
        assert alerts.find(connection, opened.key) == alerts.find(connection, "source_stale/") == [kept]
        assert alerts.find(connection, "source_%") == []
    with database.begin(engine) as connection:
        assert not alerts.record(connection, replace(opened, text="other"), recorded_at=later(1))
        alerts.acknowledge(connection, opened, now=later(1))
    grave = replace(STALE, severity=Severity.CRITICAL)
    assert look(engine, [grave], later(2)) == []
    assert look(engine, [], later(3))[0][0] is Step.RESOLVED
    with database.read(engine) as connection:
        [kept] = alerts.load_recent(connection)
        assert (kept.resolved_at, kept.acknowledged_at, kept.is_open) == (later(3), later(1), False)
        assert alerts.load_troubles(connection) == {}
        assert alerts.find(connection, "source_stale/") == []
    [(step, again)] = look(engine, [STALE], later(4))
    assert step is Step.OPENED
    assert again.key != opened.key


def message(one: Alert, step: Step, minutes: float, hook: str = "ops") -> Message:
    return compose(one, step, hook, later(minutes))


def test_messages_go_out_in_order_once_each_and_are_given_up_in_the_end(engine: sa.Engine) -> None:
    [(_, one)] = look(engine, [STALE], NOW)
    first, last = message(one, Step.OPENED, 0), message(one, Step.RESOLVED, 5)
    other = message(one, Step.OPENED, 1, "desk")
    assert len({first.id, last.id, other.id}) == 3
    with database.begin(engine) as connection:
        for _ in range(2):
            alerts.enqueue(connection, [first, last, other])
    with database.read(engine) as connection:
        assert alerts.load_due(connection, later(-1)) == []
        due = alerts.load_due(connection, later(9))
        assert [one.id for one in due] == [first.id, other.id]  # that it is over waits for that it began
        assert due[0].body["alert"]["text"] == "nothing for 9 h\ufffd"
    with database.begin(engine) as connection:
        assert alerts.begin_attempt(connection, due[0], next_try=later(12))
        assert not alerts.begin_attempt(connection, due[0], next_try=later(12))  # another sender, a moment later
    with database.read(engine) as connection:  # killed in between: it comes again, after a pause
        assert [one.id for one in alerts.load_due(connection, later(11))] == [other.id]
        again, desk = alerts.load_due(connection, later(12))
        assert (again.id, again.attempts, desk.id) == (first.id, 1, other.id)
    with database.begin(engine) as connection:
        assert alerts.begin_attempt(connection, again, next_try=later(20))
        alerts.end_attempt(connection, first.id, now=later(13), error="dns: \x00", next_try=later(14))
        assert alerts.begin_attempt(connection, desk, next_try=later(20))
        alerts.end_attempt(connection, other.id, now=later(13), error="gone: 410")
        assert not alerts.begin_attempt(connection, replace(desk, attempts=1), next_try=later(30))
    with database.begin(engine) as connection:
        [again] = alerts.load_due(connection, later(14))
        assert (again.id, again.attempts, again.last_error) == (first.id, 2, "dns: \ufffd")
        alerts.begin_attempt(connection, again, next_try=later(30))
        alerts.end_attempt(connection, first.id, now=later(15))
    with database.read(engine) as connection:
        assert [one.id for one in alerts.load_due(connection, later(15))] == [last.id]
        sent, waiting = alerts.load_messages(connection, one.key)[0], alerts.load_undelivered(connection)
        assert (sent.delivered_at, sent.send_at, sent.attempts, sent.last_error) == (later(15), None, 3, "")
        assert [(one.id, one.given_up_at) for one in waiting] == [(last.id, None), (other.id, later(13))]


@pytest.mark.parametrize("hours", [-23.9, -24, 0, 23.9, 24])
def test_shocks_less_than_a_day_apart_are_near(sqlite_url: str, hours: float) -> None:
    engine = database.open_engine(sqlite_url)
    shock = Alert("k", Kind.SENTIMENT, "sentiment_shock", "bitcoin/1h", Severity.WARNING, "", "", "", NOW)
    with database.begin(engine) as connection:
        alerts.record(connection, shock, recorded_at=NOW)
        moved = replace(shock, key="l", began_at=NOW + dt.timedelta(hours=hours))
        assert alerts.is_near(connection, moved, dt.timedelta(days=1)) is (abs(hours) < 24)
        assert not alerts.is_near(connection, replace(moved, subject="trump/1h"), dt.timedelta(days=1))
    engine.dispose()
