"""Drills pass on newscandle as it is, find the fault they are meant for, and touch nothing of the operator's.

`NEWSCANDLE_TEST_DRILLS=1` runs those too that need processes and some seconds each.
"""

import datetime as dt
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from jobs.drills import wall_clock
from jobs.drills.catalogue import DRILLS, Drill, run, run_drill
from jobs.drills.db_restart import DatabaseRestart
from jobs.drills.disk_full import DiskFull
from jobs.drills.dst import ClockChange
from jobs.drills.kill import Kill
from jobs.drills.postgres import find_programs
from jobs.drills.rate_limit import RateLimit
from jobs.drills.report import Promise, Report, as_text, tell_json
from jobs.drills.truncate import Truncate
from jobs.drills.two_daemons import TwoDaemons
from jobs.settings import Daemon
from service.errors import BadInput
from service.schedules import Schedule, list_between, read_schedule
from storage import throwaway
from tests.databases import PostgresServer
from tests.jobs import careless
from tests.jobs.houses import newscandle

FEW = Daemon.model_validate(
    {**dict.fromkeys(("ingest", "stories", "score", "prices", "align"), "30 2 * * *"), "report": "0 */4 * * *"}
)
"""Schedules with few slots, one of them at an hour that is skipped and comes twice."""
with_processes = pytest.mark.skipif("NEWSCANDLE_TEST_DRILLS" not in os.environ, reason="set NEWSCANDLE_TEST_DRILLS")


def broken(drill: Drill, **given: Any) -> list[str]:
    """The promises that were not kept."""
    report = run_drill("x", drill, **{"seed": 5, **given})
    assert report.has_passed == all(promise.is_kept for promise in report.promises)
    return [promise.text for promise in report.promises if not promise.is_kept]


def read_naively(field: str, rule: str, zone: str) -> Schedule:
    """As if the clock were never changed."""
    return read_schedule(field, rule, dt.timezone(dt.timedelta(hours=1)))


def test_every_drill_that_was_promised_is_there() -> None:
    assert list(DRILLS) == ["kill", "429", "truncate", "dst", "disk-full", "db-restart", "two-daemons"]


def test_what_asks_without_manners_or_keeps_failures_to_itself_is_found() -> None:
    found = broken(RateLimit(careless.ask_always), rounds=1)
    assert found == ["a host that asks for rest (429 or 503 with Retry-After) is not asked before it is over"]
    found = broken(Truncate(careless.say_nothing, careless.invent_bars), rounds=5)
    assert any("recorded with its reason" in text for text in found)
    assert any("did not print" in text for text in found)


def test_nothing_of_the_operators_is_touched(tmp_path: Path) -> None:
    """A settings file that names a store which may not be opened; everything there stays as it was, byte for byte."""
    store = "sqlite:////no/such/folder/newscandle.db"
    (tmp_path / "newscandle.toml").write_text(f'[store]\nurl = "{store}"\n', encoding="utf-8")
    (tmp_path / "newscandle.db").write_bytes(b"mine")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    scratch = tmp_path.parent / f"{tmp_path.name}-scratch"
    scratch.mkdir()
    done = newscandle(tmp_path, "drill", "429", "--rounds", "1", "--json", TMPDIR=str(scratch))
    assert (done.returncode, done.stderr) == (0, "")
    [told] = json.loads(done.stdout)["drills"]
    assert (told["drill"], told["passed"]) == ("429", True)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before
    assert list(scratch.iterdir()) == [], "and the drill's own is gone"


@pytest.mark.parametrize(
    ("name", "server", "pg_ctl", "told"),
    [
        ("flood", "", "", "drill: 'flood': choose kill, 429"),
        ("429", "postgresql://h/n", "", "takes no server"),
        ("db-restart", "", "/no/such/folder", "needs PostgreSQL's own programs"),
    ],
)
def test_a_drill_that_cannot_be_run_says_what_it_needs(name: str, server: str, pg_ctl: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        run(name, server, {"seed": 1, "pg_ctl": pg_ctl}, tell=print, as_json=False)


def test_a_report_says_what_was_broken() -> None:
    kept, lost = Promise("it floats", is_kept=True, seen="1 of 1"), Promise("it flies", is_kept=False, seen="0 of 3")
    report = Report("x", "SQLite", 1, ("It was thrown.",), (kept, lost), 2.0)
    assert not report.has_passed
    assert not Report("x", "SQLite", 1, (), (), 2.0).has_passed, "it looked at nothing"
    text = as_text(report)
    assert "[BROKEN] it flies\n         0 of 3" in text
    assert text.endswith("FAILED: 1 of 2 promises broken (2 s)")
    told = json.loads(tell_json([report], [("y", "a boat")]))
    assert told["not_run"] == [{"drill": "y", "needs": "a boat"}]
    assert [one["is_kept"] for one in told["drills"][0]["promises"]] == [True, False]


def test_the_wall_clock_is_read_as_vixie_cron_reads_it() -> None:
    """By hand: in Amsterdam 02:30 is skipped on 31 March 2024, and comes twice on 27 October."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Amsterdam")
    spring, autumn = (dt.datetime(2024, month, day, tzinfo=dt.UTC) for month, day in ((3, 31), (10, 27)))
    day = dt.timedelta(hours=6)
    assert wall_clock.list_due("30 2 * * *", zone, spring, spring + day) == [spring.replace(hour=1)]
    assert wall_clock.list_due("30 2 * * *", zone, autumn, autumn + day) == [autumn.replace(hour=0, minute=30)]
    twice = [autumn.replace(hour=hour, minute=30) for hour in range(6)]
    assert wall_clock.list_due("30 * * * sun", zone, autumn, autumn + day) == twice
    assert wall_clock.find_changes(zone, spring, autumn + day) == [spring.replace(hour=1), autumn.replace(hour=1)]
    periods = list(list_between(read_schedule("x", "every 90s"), spring, spring + dt.timedelta(minutes=9)))
    assert wall_clock.list_due("every 90s", zone, spring, spring + dt.timedelta(minutes=9)) == periods


def test_a_database_that_no_drill_made_is_not_dropped(postgres_server: PostgresServer) -> None:
    server = postgres_server.url("postgres")
    made = throwaway.create(server)
    throwaway.drop(made, server)
    with pytest.raises(BadInput, match="was not made by newscandle drill"):
        throwaway.drop(server, server)


@with_processes
@pytest.mark.slow
def test_what_waits_for_nobody_passes_and_fails() -> None:
    assert broken(RateLimit(), rounds=4) == []
    assert broken(Truncate(), rounds=10) == []
    assert broken(ClockChange(), rounds=1, zone="Europe/Amsterdam", daemon=FEW) == []
    found = broken(ClockChange(read_naively), rounds=1, zone="Europe/Amsterdam", daemon=FEW)
    assert any("clock on the wall" in text for text in found)


@with_processes
@pytest.mark.slow
def test_two_daemons_and_their_fault() -> None:
    assert broken(TwoDaemons(), rounds=3) == []
    assert any("twice" in text for text in broken(TwoDaemons(careless.mark_apart), rounds=5))


@with_processes
@pytest.mark.slow
@pytest.mark.parametrize("is_mounted", [True, False])
def test_a_full_disk_and_its_fault(is_mounted: bool) -> None:
    assert broken(DiskFull(is_mounted=is_mounted), rounds=1) == []
    found = broken(DiskFull(careless.mark_anyhow, is_mounted=is_mounted), rounds=2)
    assert any("lost" in text for text in found)


@with_processes
@pytest.mark.slow
def test_a_kill_and_its_fault() -> None:
    assert broken(Kill(), rounds=2) == []
    assert any("nothing is lost" in text for text in broken(Kill(careless.run_apart), rounds=6))


@with_processes
@pytest.mark.slow
def test_a_restart_and_its_fault(postgres_server: PostgresServer) -> None:
    """On a server of the drill's own, and on one that is lent."""
    try:
        find_programs("")
    except BadInput:
        pytest.skip("PostgreSQL's programs are not here")
    assert broken(DatabaseRestart(), rounds=2) == []
    assert any("twice" in text for text in broken(DatabaseRestart(careless.mark_apart), rounds=3))
    assert broken(DatabaseRestart(), rounds=2, server=postgres_server.url("postgres")) == []
    assert shutil.which("pg_ctl") or find_programs("")
