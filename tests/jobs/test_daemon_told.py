"""`newscandle status` and `newscandle runs`: who leads, what was due, what was not run, in words and as JSON."""

import datetime as dt
import json
from pathlib import Path

import pytest

from jobs.daemon_told import list_runs
from jobs.house import House
from jobs.ledger import Ledger
from jobs.record import Outcome
from jobs.running import run_job
from jobs.schedule import plan_jobs
from jobs.settings import Daemon
from jobs.status import describe
from service.errors import BadInput
from storage import database, lease
from tests.jobs.houses import NOW, Hands, a_house

HOURLY = Daemon(ingest="0 * * * *", score="30 * * * *")


def a_night(house: House, clock: Hands) -> None:
    """A daemon that worked for an hour, was off for three, and works again; another stands by; one run by hand."""
    plans = {job: one for job, one in plan_jobs(house).items() if job == "ingest"}

    def work(daemon: str, token: int) -> None:
        claim = Ledger(house.engine, clock, daemon).take_turn(token, plans, house.settings.daemon).claim
        if claim is not None:
            Ledger(house.engine, clock, daemon).close(claim, "ok", {"new": 3}, "")

    for passed, daemon in ((0, "h:1:aa"), (62 * 60, "h:1:aa"), (200 * 60, "h:2:bb")):
        clock.now = NOW + dt.timedelta(seconds=passed)
        with database.brief(house.engine) as connection:
            held = lease.load(connection)
            taken = lease.take(connection, daemon, seen=held, now=clock.now, seconds=20)
            lease.show_presence(connection, daemon, now=clock.now, seconds=20)
        assert taken is not None
        work(daemon, taken.token)
    with database.brief(house.engine) as connection:
        lease.show_presence(connection, "h:3:cc", now=clock.now, seconds=20)
    run_job(house, "score", lambda advance: Outcome({"readings": 1}))
    clock.now += dt.timedelta(seconds=5)


def test_what_the_daemons_did_is_told(tmp_path: Path) -> None:
    clock = Hands()
    with a_house(tmp_path, clock=clock, daemon=HOURLY) as house:
        assert "daemon: none leads" in describe(house, as_json=False)
        a_night(house, clock)
        told = json.loads(describe(house, as_json=True))["daemon"]
        words = describe(house, as_json=False)
        listed = list_runs(house, "ingest", not_run=False, limit=20, as_json=False)
        by_hand = list_runs(house, "score", not_run=False, limit=20, as_json=False)
        passed_over = json.loads(list_runs(house, None, not_run=True, limit=20, as_json=True))
        with pytest.raises(BadInput, match="there are ingest, score"):
            list_runs(house, "scores", not_run=False, limit=20, as_json=False)
        clock.now += dt.timedelta(seconds=60)
        later = describe(house, as_json=False)
    assert told["leader"] == {
        "daemon": "h:2:bb",
        "token": 3,
        "leads_since": "2024-05-10T15:20:00Z",
        "lease_age_seconds": 5.0,
        "expired": False,
    }
    assert told["standing_by"] == ["h:3:cc"]
    ingest = told["jobs"][0]
    assert (ingest["next"], ingest["not_run"], ingest["waiting"]) == ("2024-05-10T16:00:00Z", {"coalesced": 1}, 0)
    assert (ingest["last"]["due_at"], ingest["last"]["outcome"]) == ("2024-05-10T15:00:00Z", "caught_up")
    assert "  ingest    next 2024-05-10T16:00:00Z, last 2024-05-10T15:00:00Z caught_up, 1 coalesced" in words
    assert "daemon: h:2:bb leads since 2024-05-10T15:20:00Z, heard of 5 s ago\n  standing by: h:3:cc" in words
    assert [line.split("  ", 1)[1] for line in listed.splitlines()] == [
        "ingest          ok  (slot 2024-05-10T15:00:00Z, caught_up)",
        "ingest          ok  (slot 2024-05-10T13:00:00Z, caught_up)",
    ]
    assert by_hand.endswith("score           ok  (by hand)")
    assert [(one["due_at"], one["outcome"], one["reason"]) for one in passed_over] == [
        ("2024-05-10T14:00:00Z", "coalesced", "a later one stands for it")
    ]
    assert "daemon: none leads; h:2:bb was last heard of 65 s ago" in later
