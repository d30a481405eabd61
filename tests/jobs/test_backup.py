"""Backups by real processes: beside writers that never pause, killed at any moment, on a full disk, by schedule."""

import datetime as dt
import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jobs.backup import Wanted, describe_settings, make_backup, scheduled
from jobs.care_settings import Backup
from jobs.restore import Asked, check_backup, restore_backup
from jobs.schedule import plan_jobs
from jobs.settings import Daemon, Settings, Source, Store
from service.errors import BadInput, StoreFailed, WorkFailed
from storage import articles, database, digest
from tests.databases import IN_MEMORY, PostgresServer
from tests.jobs.care_victim import a_settings, back_up, idle, open_as_house, replace_store, write_without_pause
from tests.jobs.houses import Hands, a_house
from tests.storage.builders import an_article, at
from tests.storage.processes import PROCESSES
from tests.storage.test_survival import a_small_disk, fill
from tests.storage.victim import digest_of, work

KILLS = int(os.environ.get("NEWSCANDLE_TEST_KILLS", "1"))


@pytest.fixture(scope="module")
def original() -> Iterator[tuple[str, Path]]:
    """A SQLite store with rows in every table of content, and a backup of it."""
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        work(url)
        house = open_as_house(url, Path(folder))
        make_backup(house, Wanted(Path(folder) / "made.zip"), idle)
        house.engine.dispose()
        yield url, Path(folder) / "made.zip"


def test_beside_two_writers_it_is_one_committed_instant(
    database_url: str, memory_path: Path, postgres_server: PostgresServer
) -> None:
    """What comes back is what one of the writers' commits left: every row of it, and none of a later one."""
    log, stopping = memory_path / "log", PROCESSES.Event()
    started = [PROCESSES.Event() for _ in "ab"]
    log.touch()
    writers = [
        PROCESSES.Process(target=write_without_pause, args=(database_url, log, name, event, stopping))
        for name, event in zip("ab", started, strict=True)
    ]
    for writer in writers:
        writer.start()
    try:
        for event in started:
            assert event.wait(60)
        house = open_as_house(database_url, memory_path)
        before = len(log.read_text().splitlines())
        make_backup(house, Wanted(memory_path / "one.zip", verify=True), idle)
        house.engine.dispose()
        during = len(log.read_text().splitlines())
        time.sleep(0.2)
    finally:
        stopping.set()
        for writer in writers:
            writer.join(30)
    assert [writer.exitcode for writer in writers] == [0, 0]
    told = dict(line.split() for line in log.read_text().splitlines())
    other = f"sqlite:///{memory_path / 'restored.db'}"
    restore_backup(a_settings(other, memory_path), Asked(memory_path / "one.zip"))
    engine = database.open_engine(other)
    with database.read(engine) as connection:
        numbers = list(connection.scalars(sa.text("SELECT id FROM run ORDER BY id")))
        held = digest.total(connection)
    engine.dispose()
    assert numbers == list(range(1, len(numbers) + 1))
    assert before - 1 <= len(numbers) <= during
    assert held == told[str(len(numbers))]
    assert len(told) > during, "the writers went on"


def kill_after_start(target: Callable[..., None], arguments: tuple[Any, ...], seconds: float) -> bool:
    """Let a process begin, kill it so many seconds later; whether the kill ended it."""
    ready = PROCESSES.Event()
    process = PROCESSES.Process(target=target, args=(*arguments, ready))
    process.start()
    assert ready.wait(60)
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


def time_it(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_a_backup_that_is_killed_leaves_nothing_with_a_good_name(original: tuple[str, Path], memory_path: Path) -> None:
    """Each file that is there afterwards is whole; what lies about is taken away by the next."""
    chance, folder = random.Random(20240110), memory_path / "backups"
    house = open_as_house(original[0], memory_path)
    took = time_it(lambda: make_backup(house, Wanted(folder, keep=2), idle))
    kills = trials = partials = 0
    while kills < KILLS or not partials:
        kills += kill_after_start(back_up, (original[0], memory_path), chance.uniform(0, took))
        trials += 1
        assert trials < 5 * KILLS + 20
        partials += sum(one.name.endswith(".part") for one in folder.iterdir())
        whole = [one for one in folder.iterdir() if not one.name.endswith(".part")]
        assert 1 <= len(whole) <= 3
        for one in whole:
            check_backup(one)
    make_backup(house, Wanted(folder, keep=1), idle)
    house.engine.dispose()
    (left,) = folder.iterdir()
    check_backup(left)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if "NEWSCANDLE_TEST_KILLS" in os.environ else ["sqlite"])
def test_a_restore_that_is_killed_leaves_the_old_store_or_the_new(
    kind: str, original: tuple[str, Path], memory_path: Path, request: pytest.FixtureRequest
) -> None:
    """Never anything between, and the next one ends well."""
    url = str(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))
    name, chance = url.rpartition("/")[2].partition("?")[0], random.Random(3)
    if kind == "postgresql":
        name = database.open_engine(url).url.database or ""

    def make_old() -> None:
        engine = database.open_engine(url)
        with database.begin(engine) as connection:
            articles.save(connection, [an_article("old", hours=3)], recorded_at=at(3))
        engine.dispose()

    make_old()
    old, new = digest_of(url), digest_of(original[0])
    took = time_it(lambda: restore_backup(a_settings(url, memory_path), Asked(original[1], name)))
    assert digest_of(url) == new
    small = memory_path / "small.zip"
    make_small(small, memory_path, old)
    kills = trials = 0
    while kills < (KILLS if kind == "sqlite" else max(1, KILLS // 4)):
        restore_backup(a_settings(url, memory_path), Asked(small, name))
        assert digest_of(url) == old
        kills += kill_after_start(replace_store, (url, original[1], name), chance.uniform(0.1, 1) * took)
        trials += 1
        assert trials < 5 * KILLS + 20
        assert digest_of(url) in (old, new)
    restore_backup(a_settings(url, memory_path), Asked(original[1], name))
    assert digest_of(url) == new


def make_small(file: Path, folder: Path, expected: dict[str, str]) -> None:
    """A backup of a store with one article."""
    url = f"sqlite:///{folder / 'small.db'}"
    engine = database.open_engine(url)
    database.migrate(engine)
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("old", hours=3)], recorded_at=at(3))
    engine.dispose()
    assert digest_of(url) == expected
    house = open_as_house(url, folder)
    make_backup(house, Wanted(file), idle)
    house.engine.dispose()


def test_on_a_full_disk_one_error_and_no_half_file(original: tuple[str, Path], tmp_path: Path) -> None:
    """Neither a backup nor a store; both do once there is room."""
    house = open_as_house(original[0], tmp_path)
    with a_small_disk(tmp_path, 6_000) as disk:
        folder = disk / "backups"
        folder.mkdir()
        ballast = fill(disk)
        with ballast.open("r+b") as file:
            file.truncate(ballast.stat().st_size - 40_960)
        with pytest.raises(WorkFailed, match="make room") as caught:
            make_backup(house, Wanted(folder), idle)
        assert caught.value.reason == "disk_full"
        assert list(folder.iterdir()) == []
        settings = a_settings(f"sqlite:///{disk / 'new.db'}", tmp_path)
        with ballast.open("r+b") as file:
            file.truncate(ballast.stat().st_size - 400_000)
        with pytest.raises(StoreFailed, match="make room"):
            restore_backup(settings, Asked(original[1]))
        assert {one.name for one in disk.iterdir()} == {"backups", "ballast"}
        ballast.unlink()
        make_backup(house, Wanted(folder, verify=True), idle)
    house.engine.dispose()


def test_the_newest_whole_ones_stay(original: tuple[str, Path], memory_path: Path) -> None:
    """A damaged one is not counted, and not what is kept; other files are left alone."""
    clock = Hands()
    with a_house(memory_path, clock=clock, backup=Backup(folder="kept", keep=2)) as house:
        folder = memory_path / "kept"
        folder.mkdir()
        for name in ("newscandle-20990101T000000Z.zip", "letter.txt", "newscandle-of-mine.zip"):
            (folder / name).write_bytes(b"not a backup")
        for _ in range(4):
            clock.now += dt.timedelta(days=1)
            made = scheduled(house, idle)
        left = sorted(one.name for one in folder.iterdir())
        assert [name for name in left if re.fullmatch(r"newscandle-2024\d{4}T\d{6}Z\.zip", name)] == [
            "newscandle-20240513T120000Z.zip",
            "newscandle-20240514T120000Z.zip",
        ]
        assert len(left) == 5
        assert made.counts["removed"] == 1
        with pytest.raises(BadInput, match="name a folder"):
            make_backup(house, Wanted(memory_path / "x.zip", keep=3), idle)
        with pytest.raises(WorkFailed, match="no backup was written"):
            make_backup(house, Wanted(folder / "letter.txt" / "x"), idle)


def test_report_files_come_back_too(memory_path: Path) -> None:
    with a_house(memory_path) as house:
        (memory_path / "reports").mkdir()
        (memory_path / "reports" / "a-1h.html").write_text("<p>é")
        (memory_path / "reports" / ".half.part").write_text("half")
        make_backup(house, Wanted(memory_path / "made.zip", with_reports=True), idle)
    other = memory_path / "other"
    other.mkdir()
    restore_backup(a_settings(f"sqlite:///{other / 'n.db'}", other), Asked(memory_path / "made.zip", with_reports=True))
    assert {one.name: one.read_text() for one in (other / "reports").iterdir()} == {"a-1h.html": "<p>é"}


def test_no_secret_of_the_settings_is_in_it() -> None:
    """The store's address is not there at all, others without user and query."""
    source = Source(name="a", url="https://canary-user:canary-word@news.example:444/feed?key=canary-key")
    told = describe_settings(
        Settings(store=Store(url=SecretStr("postgresql://u:canary-word@host/name")), source=(source,))
    )
    assert "canary" not in str(told)
    assert told["source"][0]["url"] == "https://news.example:444/feed"
    assert "store" not in told


def test_the_daemon_backs_up_only_where_it_is_told_to(memory_path: Path) -> None:
    with a_house(memory_path) as house:
        assert not {"backup", "prune"} & set(plan_jobs(house))
    with a_house(memory_path, daemon=Daemon(backup="30 3 * * *", catch_up={"backup": "none"})) as house:
        assert plan_jobs(house)["backup"].work(house, idle).word == "ok"
        assert [path.suffix for path in house.path(house.settings.backup.folder).iterdir()] == [".zip"]
