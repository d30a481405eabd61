"""A store that fails: statements refused as a driver refuses them, for a while or by chance, and processes that die."""

import random
import sqlite3
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from benchmarks.soak_outages import DISK_FULL, STORE_GONE, Outages
from benchmarks.soak_time import Timeline

_WRITES = ("INSERT", "UPDATE", "DELETE")
_SQLITE = {
    "unreachable": ("SQLITE_CANTOPEN", "unable to open database file"),
    "disk_full": ("SQLITE_FULL", "database or disk is full"),
    "io_error": ("SQLITE_IOERR", "disk I/O error"),
    "locked": ("SQLITE_BUSY", "database is locked"),
}


class Killed(BaseException):
    """The process of the daemon ended here, without another instruction."""


class StoreFaults:
    """What happens to statements on the engines it is attached to."""

    def __init__(self, outages: Outages, timeline: Timeline, rate: float, seed: int) -> None:
        self._outages, self._timeline, self._rate = outages, timeline, rate
        self._draw = random.Random(seed)
        self.kill_after: int | None = None
        self.before_kill: Callable[[], None] = lambda: None
        self.failed = self.killed = 0

    def attach(self, engine: sa.Engine, *, is_daemon: bool) -> sa.Engine:
        """Let the store fail on this engine; what fails by chance and what kills does so in the daemon alone."""

        def refuse(_cursor: Any, statement: str, *_: Any) -> None:
            self._refuse(engine, statement, is_daemon=is_daemon)

        for name in ("do_execute", "do_execute_no_params", "do_executemany"):
            event.listen(engine, name, refuse)
        if engine.dialect.name == "postgresql":
            tell = _tell_time_to(self._timeline)
            event.listen(engine, "begin", tell)
        return engine

    def _refuse(self, engine: sa.Engine, statement: str, *, is_daemon: bool) -> None:
        writes = statement.lstrip().upper().startswith(_WRITES)
        if self._outages.is_on(STORE_GONE):
            raise _make_error(engine, "unreachable")
        if writes and self._outages.is_on(DISK_FULL):
            raise _make_error(engine, "disk_full")
        if not is_daemon:
            return
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after <= 0:
                self.kill_after = None
                self.killed += 1
                self.before_kill()
                raise Killed
        if writes and self._draw.random() < self._rate:
            self.failed += 1
            raise _make_error(engine, self._draw.choice(("io_error", "locked", "disk_full")))


def _make_error(engine: sa.Engine, reason: str) -> Exception:
    if engine.dialect.name == "postgresql":
        from psycopg import errors

        kinds = {"disk_full": errors.DiskFull, "locked": errors.LockNotAvailable}
        return kinds.get(reason, errors.AdminShutdown)(reason)
    name, message = _SQLITE[reason]
    error = sqlite3.OperationalError(message)
    error.sqlite_errorname = name
    return error


def _tell_time_to(timeline: Timeline) -> Callable[[sa.Connection], None]:
    def tell(connection: sa.Connection) -> None:
        told = timeline.clock().isoformat()
        connection.exec_driver_sql(f"SELECT set_config('soak.now', '{told}', true)")

    return tell


def set_clock_of(engine: sa.Engine) -> None:
    """Let a PostgreSQL database show the timeline's time: it finds `clock_timestamp()` in a schema of ours first."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA soak_time")
        connection.exec_driver_sql(
            "CREATE FUNCTION soak_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS "
            "$$ SELECT current_setting('soak.now')::timestamptz $$"
        )
        name = engine.url.database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET search_path = soak_time, pg_catalog, public')
    engine.dispose()
