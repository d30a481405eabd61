"""The daemon: its schedules and how strictly they are kept, jobs through its scheduler, and a real process stopped."""

import datetime as dt
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.daemon import build_scheduler
from jobs.house import House
from jobs.pipeline import STEPS
from jobs.settings import Daemon, Source
from service.errors import BadInput
from tests.jobs.houses import a_house, command, environment, rows

NEVER = "0 0 1 1 *"
QUIET = Daemon(ingest=NEVER, score=NEVER, prices=NEVER, align=NEVER, report=NEVER, editions=NEVER)


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def ledger(house: House) -> list[tuple[object, ...]]:
    return rows(house, "SELECT job, outcome FROM run WHERE outcome <> 'running' ORDER BY id")


def feed_of(folder: Path) -> Source:
    (folder / "feed.xml").write_text(
        "<rss><channel><item><title>Bitcoin plunges as miners panic</title></item></channel></rss>", encoding="utf-8"
    )
    return Source(name="s", url="feed.xml")


def now_and(seconds: float = 0) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def test_every_job_says_what_becomes_of_a_missed_run(tmp_path: Path) -> None:
    """All of them, in UTC, one at a time, missed runs folded into one, the grace as the settings say."""
    with a_house(tmp_path, daemon=Daemon(misfire_grace_seconds=77)) as house:
        scheduler = build_scheduler(house, threading.Event())
        jobs = {job.id: job for job in scheduler.get_jobs()}
    assert list(jobs) == [*STEPS, "editions"]
    assert str(scheduler.timezone) == "UTC"
    for job in jobs.values():
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (77, True, 1)
        assert str(job.trigger.timezone) == "UTC"


def test_cron_expressions_are_read_in_utc(tmp_path: Path) -> None:
    """`20 0 * * *` next comes at 00:20 UTC, on the last Sunday of March as on any day."""
    with a_house(tmp_path) as house:
        [job] = [job for job in build_scheduler(house, threading.Event()).get_jobs() if job.id == "report"]
    before = dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC)
    assert job.trigger.get_next_fire_time(None, before) == dt.datetime(2024, 4, 1, 0, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize("expression", ["every minute", "61 * * * *", "* * * *", ""])
@pytest.mark.parametrize("job", ["ingest", "report"])
def test_a_bad_expression_names_its_setting(tmp_path: Path, job: str, expression: str) -> None:
    daemon = Daemon.model_validate({job: expression})
    with (
        a_house(tmp_path, daemon=daemon) as house,
        pytest.raises(BadInput, match=rf"^daemon\.{job}: .*five cron fields"),
    ):
        build_scheduler(house, threading.Event())


def test_jobs_run_through_the_scheduler_into_the_ledger(tmp_path: Path) -> None:
    """A feed is read and scored on schedule; a job that fails is in the ledger, and the others go on."""
    with a_house(tmp_path, feed_of(tmp_path), daemon=QUIET) as house:
        scheduler = build_scheduler(house, threading.Event())
        scheduler.start()
        try:
            for number, job in enumerate(("ingest", "score", "align"), start=1):
                scheduler.modify_job(job, next_run_time=now_and())
                wait_until(lambda count=number: len(ledger(house)) == count)  # type: ignore[misc]
        finally:
            scheduler.shutdown()
        assert ledger(house) == [("ingest", "ok"), ("score", "ok"), ("align", "failed")]
        assert rows(house, "SELECT count(*) > 0 FROM score") == [(1,)]


def test_a_run_later_than_the_grace_is_recorded_as_missed(tmp_path: Path) -> None:
    with a_house(tmp_path, feed_of(tmp_path), daemon=QUIET.model_copy(update={"misfire_grace_seconds": 5})) as house:
        scheduler = build_scheduler(house, threading.Event())
        scheduler.start()
        try:
            scheduler.modify_job("ingest", next_run_time=now_and(-60))
            wait_until(lambda: bool(ledger(house)))
        finally:
            scheduler.shutdown()
        assert ledger(house) == [("ingest", "missed")]
        assert rows(house, "SELECT count(*) FROM article") == [(0,)]


def test_a_run_within_the_grace_is_made_up_for(tmp_path: Path) -> None:
    with a_house(tmp_path, feed_of(tmp_path), daemon=QUIET) as house:
        scheduler = build_scheduler(house, threading.Event())
        scheduler.start()
        try:
            scheduler.modify_job("ingest", next_run_time=now_and(-60))
            wait_until(lambda: bool(ledger(house)))
        finally:
            scheduler.shutdown()
        assert ledger(house) == [("ingest", "ok")]


def test_once_it_stops_no_waiting_job_begins(tmp_path: Path) -> None:
    """Jobs whose turn comes after the signal are left for the next start, so stopping does not take five jobs' time."""
    stopping = threading.Event()
    with a_house(tmp_path, feed_of(tmp_path), daemon=QUIET) as house:
        scheduler = build_scheduler(house, stopping)
        stopping.set()
        scheduler.start()
        for job in (*STEPS, "editions"):
            scheduler.modify_job(job, next_run_time=now_and())
        wait_until(lambda: all(job.next_run_time > now_and(60) for job in scheduler.get_jobs()))
        scheduler.shutdown(wait=True)
        assert rows(house, "SELECT count(*) FROM run") == [(0,)]


def _start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("daemon"), cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_daemon_starts_and_stops(tmp_path: Path, number: signal.Signals) -> None:
    """It says that it started, and with what; on a signal it says so, stops within ten seconds, and exits with 0."""
    quiet = "".join(f'{job} = "{NEVER}"\n' for job in (*STEPS, "editions"))
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
