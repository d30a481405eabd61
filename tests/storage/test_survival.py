"""A store whose disk is full or whose server falls silent: what can go on does, and what cannot says why, in time."""

import contextlib
import os
import select
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.errors import StoreFailed
from storage import database
from storage.failures import find_reason, translated
from storage.stalls import bound, notice_stalls
from tests.databases import PostgresServer


@contextlib.contextmanager
def a_small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own of that size; skips where this user may not mount one."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
        while out.write(b"\0" * 4096):
            pass
    return ballast


def test_a_full_disk_is_named_and_still_read(tmp_path: Path, sqlite_template: Path) -> None:
    """Nobody is in the file: it is read all the same, what would write says why, and does once there is room."""
    with a_small_disk(tmp_path, 4096) as disk:
        shutil.copyfile(sqlite_template, disk / "store.db")
        ballast = fill(disk)
        engine = database.open_engine(f"sqlite:///{disk / 'store.db'}")
        assert database.migrate(engine) is None
        with pytest.raises(StoreFailed, match="make room on the disk") as caught, database.begin(engine):
            pass
        assert caught.value.reason == "disk_full"
        with database.read(engine) as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM revision")) == 0
        fresh = database.open_engine(f"sqlite:///{disk / 'new.db'}")
        began = time.monotonic()
        with pytest.raises(StoreFailed, match="make room on the disk"):
            database.migrate(fresh)
        assert time.monotonic() - began < 3, "room does not come by asking a hundred times"
        ballast.unlink()
        database.migrate(fresh)
        with database.begin(engine):
            pass
        engine.dispose()
        fresh.dispose()


def test_what_was_read_while_somebody_began_to_write_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    with a_small_disk(tmp_path, 4096) as disk:
        shutil.copyfile(sqlite_template, disk / "store.db")
        ballast = fill(disk)
        engine = database.open_engine(f"sqlite:///{disk / 'store.db'}")

        def read_slowly() -> None:
            with database.read(engine):
                ballast.unlink()
                (disk / "store.db-wal").write_bytes(b"x")

        with pytest.raises(StoreFailed, match="began to write") as caught:
            read_slowly()
        assert caught.value.reason == "locked"
        engine.dispose()


def test_an_error_past_sqlalchemy_leaves_translated_too(sqlite_url: str) -> None:
    engine = database.open_engine(sqlite_url)
    with pytest.raises(StoreFailed, match="newscandle"), translated(engine), sqlite3.connect(":memory:") as raw:
        raw.execute("SELECT 1 FROM nothing")
    raw.close()


def test_reasons_of_a_server_that_has_no_room_for_us() -> None:
    import psycopg

    lost = psycopg.errors.ConnectionTimeout("connection timeout expired")
    full = psycopg.OperationalError("FATAL:  sorry, too many clients already")
    assert [find_reason(one) for one in (lost, full)] == ["unreachable", "no_connection"]
    assert find_reason(psycopg.InterfaceError("the connection is closed")) == "unreachable"
    assert find_reason(psycopg.errors.InFailedSqlTransaction("x")) == "unreachable"


def test_silence_is_counted_from_the_last_that_was_heard() -> None:
    ticks, told = iter(range(100)), []

    def answer() -> Iterator[str]:
        while not (yield "read"):
            pass
        while not (yield "read"):
            pass
        return "done"

    waiting = bound(answer(), told.append, lambda: next(ticks))  # type: ignore[arg-type]
    next(waiting)
    for ready in (0, 0, 1, 0):
        assert waiting.send(ready) == "read"
    with pytest.raises(StopIteration, match="done"):
        waiting.send(1)
    assert told == [1, 2, 1]


class Proxy:
    """Passes bytes on between 127.0.0.1 and a Unix socket, until it `is_stalled`: then it accepts, and that is all."""

    def __init__(self, target: str) -> None:
        self.is_stalled = self._is_over = False
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        ends: dict[socket.socket, socket.socket] = {}
        while not self._is_over:
            ready, _, _ = select.select([self._listening, *([] if self.is_stalled else ends)], [], [], 0.05)
            for one in ready:
                if one is self._listening:
                    client = one.accept()[0]
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(self._target)
                    ends |= {client: server, server: client}
                elif one in ends:
                    self._pass_on(one, ends)
        for one in ends:
            one.close()

    def _pass_on(self, one: socket.socket, ends: dict[socket.socket, socket.socket]) -> None:
        try:
            data = one.recv(65536)
            ends[one].sendall(data)
        except OSError:
            data = b""
        if not data:
            other = ends.pop(one)
            ends.pop(other, None)
            one.close()
            other.close()

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._listening.close()


@pytest.mark.slow
@pytest.mark.skipif("NEWSCANDLE_TEST_STALLS" not in os.environ, reason="set NEWSCANDLE_TEST_STALLS: it waits")
def test_a_server_that_falls_silent_is_told_from_one_that_works(postgres_server: PostgresServer) -> None:
    """A statement far longer than the patience is waited for; behind a proxy that passes nothing on, none is."""
    where = sa.make_url(postgres_server.url("postgres", driver="psycopg"))
    proxy = Proxy(os.path.join(str(where.query["host"]), ".s.PGSQL.5432"))  # noqa: PTH118
    there = where.set(host="127.0.0.1", port=proxy.port, query={})
    engine = sa.create_engine(there, pool_pre_ping=True, connect_args={"connect_timeout": 2})
    notice_stalls(engine, silent_seconds=0.2, probe_seconds=0.3)
    try:
        with translated(engine), engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 7 FROM pg_sleep(1)")) == 7
            proxy.is_stalled = True
            began = time.monotonic()
            with pytest.raises(sa.exc.OperationalError, match="has not answered") as caught:
                connection.scalar(sa.text("SELECT 1"))
            assert time.monotonic() - began < 8
            assert find_reason(caught.value.orig) == "unreachable"
            assert connection.invalidated
        proxy.is_stalled = False
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 8")) == 8
    finally:
        engine.dispose()
        proxy.close()
