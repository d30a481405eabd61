"""Killed at any instruction, the next run ends with the store an undisturbed run ends with."""

import random
import shutil
import signal
import time
from pathlib import Path

import sqlalchemy as sa

from storage import database
from tests.databases import PostgresServer
from tests.storage.processes import PROCESSES
from tests.storage.victim import digest_of, work


def kill_while_working(url: str, chance: random.Random, duration: float) -> bool:
    """Start the work and kill it at a random moment; whether the signal, and not the end of the work, ended it."""
    process = PROCESSES.Process(target=work, args=(url,))
    process.start()
    process.join(chance.uniform(0, duration))
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


def time_work(folder: Path) -> tuple[float, dict[str, str]]:
    """How long undisturbed work takes (the second time, once the fork server runs), and the digests it ends with."""
    for name in ("warm", "undisturbed"):
        process = PROCESSES.Process(target=work, args=(f"sqlite:///{folder / name}.db",))
        begun = time.monotonic()
        process.start()
        process.join()
        assert process.exitcode == 0
    return time.monotonic() - begun, digest_of(f"sqlite:///{folder / name}.db")


def test_sqlite_killed_twenty_times_and_more(memory_path: Path) -> None:
    """From first start to last commit: nothing lost, nothing twice, no file damaged, whatever the instant."""
    chance = random.Random(20240110)
    duration, expected = time_work(memory_path)
    kills = trials = 0
    while kills < 22:
        path = memory_path / f"trial{trials}"
        path.mkdir()
        url = f"sqlite:///{path / 'store.db'}"
        for _ in range(chance.randint(1, 3)):
            kills += kill_while_working(url, chance, duration)
        work(url)
        assert digest_of(url) == expected
        engine = database.open_engine(url)
        with database.read(engine) as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        engine.dispose()
        shutil.rmtree(path)
        trials += 1


def test_postgresql_killed_a_few_times(postgres_server: PostgresServer, memory_path: Path) -> None:
    """The same on PostgreSQL, and the content equals SQLite's."""
    chance = random.Random(20240110)
    duration, expected = time_work(memory_path)
    kills = 0
    while kills < 5:
        name = postgres_server.create()
        url = postgres_server.url(name)
        for _ in range(2):
            kills += kill_while_working(url, chance, 2 * duration)
        work(url)
        assert digest_of(url) == expected
        postgres_server.drop(name)


def test_the_harness_sees_a_lost_step(memory_path: Path) -> None:
    """A store from which one row was taken away does not pass for an undisturbed one."""
    url = f"sqlite:///{memory_path / 'store.db'}"
    work(url)
    before = digest_of(url)
    engine = database.open_engine(url)
    with database.begin(engine) as connection:
        connection.execute(sa.text("DELETE FROM candle WHERE open_at = (SELECT max(open_at) FROM candle)"))
    engine.dispose()
    after = digest_of(url)
    assert {name for name in before if before[name] != after[name]} == {"candle"}
