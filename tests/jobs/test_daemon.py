"""The daemon: its plan, its timer, its signals, and real processes that are stopped, killed and replaced."""

import contextlib
import datetime as dt
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.daemon_process import tell_time
from benchmarks.daemons import torment
from jobs.console import Advance
from jobs.daemon import Daemon as Running
from jobs.daemon import Drift, Timer
from jobs.house import House
from jobs.pipeline import STEPS
from jobs.record import Outcome
from jobs.schedule import plan, plan_jobs
from jobs.settings import Daemon
from jobs.settings_file import read_settings
from service.errors import BadInput, Stopped
from service.schedules import find_next
from service.slots import CatchUp
from storage import database, lease, runs, slots
from tests.databases import PostgresServer
from tests.jobs.houses import Hands, a_house, command, environment

NEVER = "0 0 1 1 *"


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@contextlib.contextmanager
def running(folder: Path, name: str = "daemon") -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A real daemon, and the file it writes to."""
    told = folder / f"{name}.log"
    with told.open("wb") as out:
        process = subprocess.Popen(command("daemon"), cwd=folder, env=environment(), stdout=out, stderr=out)
    try:
        yield process, told
    finally:
        process.kill()
        process.wait()


def settings_of(folder: Path, **changes: object) -> None:
    """A settings file with jobs that are never due, but for the changes."""
    rules = {**dict.fromkeys((*STEPS, "seal", "alerts", "editions"), NEVER), **changes}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rules.items())
    (folder / "newscandle.toml").write_text(f"source = []\n[daemon]\n{lines}", encoding="utf-8")


def test_every_job_is_planned_as_the_settings_say(tmp_path: Path) -> None:
    daemon = Daemon(catch_up={"*": "none", "report": "all"}, zone="Europe/Amsterdam", ingest="every 90s")
    with a_house(tmp_path, daemon=daemon) as house:
        plans = plan_jobs(house)
    assert list(plans) == [*STEPS, "seal", "alerts", "editions"]
    assert {job for job, one in plans.items() if one.catch_up is CatchUp.ALL} == {"report"}
    at = dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC)
    assert find_next(plans["report"].schedule, at) == dt.datetime(2024, 3, 31, 22, 20, tzinfo=dt.UTC)
    assert find_next(plans["ingest"].schedule, at) == at + dt.timedelta(seconds=90)


@pytest.mark.parametrize("word", ["all", "report=all,score=all"])
def test_catching_up_is_read_from_a_variable_too(word: str) -> None:
    settings = read_settings(None, {"NEWSCANDLE_DAEMON__CATCH_UP": word})
    assert settings.daemon.catch_up == ({"*": "all"} if word == "all" else {"report": "all", "score": "all"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ingest": "every minute"}, r"^daemon\.ingest: 'every minute': "),
        ({"report": "61 * * * *"}, r"^daemon\.report: .*five cron fields"),
        ({"zone": "Europe/Atlantis"}, r"^daemon\.zone: 'Europe/Atlantis': name a zone"),
        ({"catch_up": {"reports": "all"}}, r"^daemon\.catch_up: 'reports': name a job"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with a_house(tmp_path, daemon=Daemon(**changes)) as house, pytest.raises(BadInput, match=told):
        plan_jobs(house)


def test_a_clock_that_is_moved_is_noticed_and_one_that_stands_is_not() -> None:
    hands, ticks = Hands(), [0.0]
    drift = Drift(hands, lambda: ticks[0])
    for moved, passed, expected in ((6, 6.0, 0), (3606, 6.0, 3600), (-54, 6.0, -60), (0, 6.0, 0), (6.4, 6.0, 0)):
        hands.now += dt.timedelta(seconds=moved)
        ticks[0] += passed
        assert drift.measure() == pytest.approx(expected)


def test_the_timer_rings_when_told_and_again_when_woken() -> None:
    """Also when it is woken while it rings; None means not again."""
    rang: list[float | None] = []
    answers: list[float | None] = [0.05, None, None]
    is_in, go_on = threading.Event(), threading.Event()

    def ring() -> float | None:
        rang.append(answers[len(rang)])
        is_in.set()
        assert go_on.wait(10)
        return rang[-1]

    timer = Timer(ring)
    timer.start()
    assert timer.is_overdue()
    timer.wake()
    assert is_in.wait(10)
    assert not timer.is_overdue()
    assert not timer.stop(0.01)
    timer = Timer(ring)
    rang.clear()
    timer.start()
    timer.wake()
    wait_until(lambda: len(rang) == 1)
    timer.wake()
    go_on.set()
    wait_until(lambda: len(rang) == 2)
    time.sleep(0.2)
    assert len(rang) == 2, "woken while it rang: at once, instead of the 0.05 s it asked for, and then no more"
    assert timer.stop(10)


def test_the_timer_stops_though_its_worker_is_about_to_arm_it_anew() -> None:
    """Thirty times at the moment in between, where APScheduler once waited for a worker that waited for APScheduler."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(30):
            is_in = threading.Event()

            def ring(told: threading.Event = is_in) -> float | None:
                told.set()
                time.sleep(0.001)
                return 0.0

            timer, is_out = Timer(ring), threading.Event()
            timer.start()
            timer.wake()
            assert is_in.wait(10)
            stop = functools.partial(_stop, timer, is_out)
            threading.Thread(target=stop, daemon=True).start()
            assert is_out.wait(10)
    finally:
        sys.setswitchinterval(usual)


def _stop(timer: Timer, is_out: threading.Event) -> None:
    if timer.stop(5):
        is_out.set()


def test_a_job_that_reaches_no_transaction_does_not_keep_the_daemon(tmp_path: Path) -> None:
    """Its slot waits for the next one, its run is interrupted, and what it would write later is refused."""
    is_in, go_on, came_back = threading.Event(), threading.Event(), threading.Event()

    def dawdle(house: House, advance: Advance) -> Outcome:
        is_in.set()
        go_on.wait(30)
        try:
            with database.begin(house.engine):
                pass
        except Stopped:
            came_back.set()
            raise
        return Outcome({})

    with a_house(tmp_path, clock=tell_time, daemon=Daemon(lease_seconds=2)) as house:
        running = Running(house, lambda house: plan(house.settings.daemon, {"slow": "every 1s"}, {"slow": dawdle}))
        running.start()
        assert is_in.wait(20)
        assert not running.stop(0.1)
        with database.read(house.engine) as connection:
            [first, *_] = slots.load_recent(connection)[::-1]
            [run] = runs.recent(connection)
            held = lease.load(connection)
        assert (first.outcome, first.attempts, run.outcome) == ("waiting", 1, "interrupted")
        assert held is not None
        assert held.holder == ""
        go_on.set()
        assert came_back.wait(20)


@pytest.mark.slow
@pytest.mark.skipif(
    "NEWSCANDLE_TEST_SLOTS" not in os.environ, reason="set NEWSCANDLE_TEST_SLOTS to a number of seconds"
)
def test_daemons_on_postgresql_take_over_and_lose_nothing(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """A smaller run of `python -m benchmarks.daemons`: kills, pauses and cuts; every slot takes effect once."""
    seconds = int(os.environ["NEWSCANDLE_TEST_SLOTS"])
    name = postgres_server.create()
    told = torment(
        postgres_server.url(name), tmp_path, daemons=2, slots_wanted=seconds, lease_seconds=1.5, seed=3, allowed=60
    )
    postgres_server.drop(name)
    assert told.faults == []
    assert sum(told.acts.values()) >= 2


@pytest.mark.slow
def test_one_daemon_leads_another_takes_over_and_settings_are_read_anew(tmp_path: Path) -> None:
    """SIGKILL of the one that leads; SIGHUP with settings that cannot be used, and with better ones."""
    settings_of(tmp_path, ingest="every 1s", lease_seconds=1)
    with running(tmp_path, "a") as (first, told), running(tmp_path, "b") as (second, also_told):
        wait_until(lambda: "ran " in read(told) + read(also_told))
        if "leading" in read(also_told):
            first, second, told, also_told = second, first, also_told, told
        wait_until(lambda: "started" in read(also_told))
        assert "leading" not in read(also_told)
        first.kill()
        wait_until(lambda: "ran " in read(also_told))
        settings_of(tmp_path, ingest="every 1s", score="often", lease_seconds=1)
        second.send_signal(signal.SIGHUP)
        wait_until(lambda: "settings refused" in read(also_told))
        assert "daemon.score: 'often'" in read(also_told)
        settings_of(tmp_path, score="every 1s", lease_seconds=1)
        second.send_signal(signal.SIGHUP)
        wait_until(lambda: "settings read anew" in read(also_told))
        wait_until(lambda: "job=score" in read(also_told))
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=10) == 0
    engine = database.open_engine(f"sqlite:///{tmp_path / 'newscandle.db'}")
    with database.read(engine) as connection:
        found = slots.load_recent(connection, limit=1000)
        held = lease.load(connection)
        assert held is not None
        assert (held.holder, held.token) == ("", 2)
        assert len(lease.load_presences(connection)) == 1, "of the one that was killed"
    engine.dispose()
    assert {one.job for one in found} == {"ingest", "score"}
    assert {one.outcome for one in found} <= {"done", "late", "caught_up", "coalesced", "waiting"}
    assert len({one.claimed_by for one in found if one.attempts}) == 2


def _start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("daemon"), cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_daemon_starts_and_stops(tmp_path: Path, number: signal.Signals) -> None:
    """It says that it started, and with what; on a signal it says so, stops within ten seconds, and exits with 0."""
    quiet = "".join(f'{job} = "{NEVER}"\n' for job in (*STEPS, "seal", "alerts", "editions"))
    (tmp_path / "newscandle.toml").write_text(f"source = []\n[daemon]\n{quiet}", encoding="utf-8")
    process = _start(tmp_path)
    try:
        assert process.stderr is not None
        first: Any = process.stderr.readline()
        assert "started" in first
        assert NEVER in first
        process.send_signal(number)
        told = time.monotonic()
        output, errors = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert time.monotonic() - told < 10
    assert output == ""
    assert [word for word in ("stopping", "stopped") if word in errors] == ["stopping", "stopped"]
    assert number.name in errors
    assert "Traceback" not in errors


def test_a_daemon_with_a_bad_expression_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "newscandle.toml").write_text('source = []\n[daemon]\nscore = "often"\n', encoding="utf-8")
    output, errors = (process := _start(tmp_path)).communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("newscandle: daemon.score: 'often': ")
    assert errors.count("\n") == 1
