"""`newscandle run` killed at any moment and run again ends as if it had never been disturbed.

Real processes on a real store, news and candles over HTTP from this test's own servers, the clock fixed: so the store's
content and the report's bytes of a disturbed history can be compared with those of an undisturbed one. As many kills as
there are stages in the suite; `NEWSCANDLE_TEST_KILLS=1000` asks for more.
"""

import datetime as dt
import hashlib
import math
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.house import furnish
from jobs.pipeline import STEPS
from jobs.settings_file import read_settings
from storage import database
from tests.databases import IN_MEMORY
from tests.exchange_server import Bar, ExchangeServer, SimulatedVenue
from tests.jobs.houses import Hands, command, digest_of, environment
from tests.web_server import Answer, Web, serve

NOW = dt.datetime(2024, 5, 10, 12, 0, tzinfo=dt.UTC)
DAYS, STORIES = 50, 40
STAGES = list(STEPS)
KILLS_A_STORE = 6
KILLS = int(os.environ.get("NEWSCANDLE_TEST_KILLS", str(len(STAGES))))

SETTINGS = """
[ingest]
allow_private_addresses = true
follow_robots = false
seconds_between_requests_to_a_host = 0
[prices]
venues = ["coinbase"]
base_url = "{exchange}"
history_days = {days}
[score]
batch = 10
[align]
targets = ["bitcoin", "sec"]
intervals = ["1d"]
[report]
surrogates = 99
days = {days}
[[source]]
name = "pages"
url = "{web}/pages.xml"
assume_delay = "15m"
[[source]]
name = "plain"
url = "{web}/plain.xml"
fetch_pages = false
assume_delay = "15m"
"""
TITLES = (
    "Bitcoin plunges as miners panic", "Bitcoin rallies on strong demand", "SEC sues Bitcoin broker over fraud",
    "SEC approves a Bitcoin fund, investors cheer", "Bitcoin crashes after a devastating hack", "Bitcoin gains again",
)  # fmt: skip
QUOTED = "Jerome Powell said that Bitcoin is too volatile."


def hourly_bars() -> list[Bar]:
    """`DAYS` days of hours up to `NOW`, moving as a slow wave with a fast one on it."""
    chance = random.Random(7)
    first = int(NOW.timestamp()) // 3600 - DAYS * 24
    bars, last = [], 60_000.0
    for hour in range(DAYS * 24):
        close = round(60_000 + 3_000 * math.sin(hour / 90) + chance.gauss(0, 200), 2)
        high, low = max(last, close) + 10, min(last, close) - 10
        bars.append(((first + hour) * 3_600_000, last, high, low, close, 5.0))
        last = close
    return bars


def feed(web: Web, name: str) -> Answer:
    """`STORIES` stories over the weeks; those of `pages` have a page behind each, one of them missing."""
    items = []
    for number in range(STORIES):
        at = NOW - dt.timedelta(hours=number * 29 + len(name))
        title = TITLES[(number * number + len(name)) % len(TITLES)]
        items.append(
            f"<item><title>{title}, part {number}</title><link>{web.url}/{name}/{number}</link>"
            f"<pubDate>{at:%Y-%m-%dT%H:%M:%SZ}</pubDate>"
            f"<description>{title}, traders told us. {QUOTED}</description></item>"
        )
        text = f"<p>{title}, traders told our reporter in the {number}. week of a long and tiring season.</p>"
        web.answers[f"/{name}/{number}"] = Answer(
            200, f"<!doctype html><html><body><article>{text * 2}</article>".encode()
        )
    web.answers[f"/{name}/3"] = Answer(410)
    return Answer(200, f"<rss><channel>{''.join(items)}</channel></rss>".encode())


@pytest.fixture(scope="module")
def settings() -> Iterator[str]:
    """A settings file's text that names the two running servers."""
    venue = SimulatedVenue("coinbase", hourly_bars(), now=NOW)
    with serve({}) as web, ExchangeServer(venue.reply) as exchange:
        web.answers["/pages.xml"], web.answers["/plain.xml"] = feed(web, "pages"), feed(web, "plain")
        yield SETTINGS.format(web=web.url, exchange=exchange.url, days=DAYS)


def start(folder: Path) -> subprocess.Popen[str]:
    # PYTHONUNBUFFERED: the end of a stage is seen when it comes
    variables = environment(NEWSCANDLE_CLOCK="2024-05-10T12:00:00Z", PYTHONUNBUFFERED="1")
    return subprocess.Popen(
        command("run"), cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(process: subprocess.Popen[str], job: str) -> float:
    """Read what the process says until this job's line comes (or the end); the moment it came. Nothing may fail."""
    assert process.stdout is not None
    for line in process.stdout:
        assert "failed: " not in line
        if line.startswith(f"{job}: "):
            break
    return time.monotonic()


def run_through(folder: Path) -> dict[str, float]:
    """Run undisturbed to the end; how long each stage took, the start of Python with the first."""
    process = start(folder)
    before, took = time.monotonic(), {}
    for job in STAGES:
        after = wait_for(process, job)
        took[job], before = after - before, after
    output, errors = process.communicate(timeout=60)
    assert "failed: " not in output
    assert errors == ""
    return took


def kill_during(folder: Path, stage: str, moment: float) -> bool:
    """Start a run and kill it `moment` seconds into a stage; whether the kill, and not its end, ended it."""
    process = start(folder)
    place = STAGES.index(stage)
    if place:
        wait_for(process, STAGES[place - 1])
    time.sleep(moment)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def contents(folder: Path) -> tuple[dict[str, str], dict[str, bytes], str]:
    """The store's digests, the report files' bytes by name, and SQLite's own opinion of its file."""
    house = furnish(read_settings(folder / "newscandle.toml", {}), Hands())
    found = digest_of(house)
    with database.read(house.engine) as connection:
        sound = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
    house.engine.dispose()
    return found, {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}, sound


def new_folder(parent: Path, name: str, settings: str) -> Path:
    folder = parent / name
    folder.mkdir()
    (folder / "newscandle.toml").write_text(settings, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody disturbed: its folder, how long each stage took, and what it ended with."""

    folder: Path
    took: dict[str, float]
    expected: tuple[dict[str, str], dict[str, bytes], str]


@pytest.fixture(scope="module")
def undisturbed(settings: str) -> Iterator[Undisturbed]:
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as parent:
        folder = new_folder(Path(parent), "undisturbed", settings)
        took = run_through(folder)
        yield Undisturbed(folder, took, contents(folder))


@pytest.mark.slow
def test_the_undisturbed_run_does_all_there_is_to_do(undisturbed: Undisturbed) -> None:
    """What disturbed runs are compared with is not empty: every table that a run fills, every file, a sound store."""
    digests, files, sound = undisturbed.expected
    nothing = hashlib.sha256().hexdigest()
    assert {name for name, digest in digests.items() if digest == nothing} <= {
        "gap",
        "opinion",
        "quarantined_candle",
        "returned",
    }
    assert {"html", "json", "md", "csv", "parquet", "zip"} <= {path.rpartition(".")[2] for path in files}
    assert sound == "ok"


@pytest.mark.slow
def test_killed_at_random_moments_of_every_stage(memory_path: Path, settings: str, undisturbed: Undisturbed) -> None:
    """Every stage killed in, several kills a store; store and reports end equal to the undisturbed ones."""
    chance = random.Random(20240110)
    plan = [STAGES[number % len(STAGES)] for number in range(KILLS)]
    kills: list[str] = []
    trial = 0
    while plan:
        folder = new_folder(memory_path, f"trial{trial}", settings)
        for stage in plan[:KILLS_A_STORE]:
            if kill_during(folder, stage, chance.uniform(0.05, 0.9) * undisturbed.took[stage]):
                kills.append(stage)
                plan.remove(stage)
        run_through(folder)
        assert contents(folder) == undisturbed.expected
        trial += 1
        assert trial < 2 * KILLS, kills
    assert len(kills) == KILLS
    assert set(kills) == set(STAGES)


@pytest.mark.slow
def test_a_run_that_finds_nothing_new_is_a_good_run(undisturbed: Undisturbed) -> None:
    """Exit code 0 although nothing was left to score, and everything as it was."""
    process = start(undisturbed.folder)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, ""), output
    assert contents(undisturbed.folder) == undisturbed.expected
