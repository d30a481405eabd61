"""Open a database, begin and end transactions on it, and bring its schema to this release.

Every function of this room takes a `Connection`; where a transaction begins and ends is the caller's to say:

    engine = database.open_engine("sqlite:///newscandle.db")
    database.migrate(engine)
    with database.begin(engine) as connection:      # one commit at the end, nothing if anything was raised
        articles.save(connection, found, recorded_at=now)

On both databases there is one writer at a time (SQLite: `BEGIN IMMEDIATE`; PostgreSQL: an advisory lock that ends with
the transaction), so what a save reads before it writes still holds when it writes, and two saves cannot deadlock.
A writer waits for another for a while, then raises `StoreFailed("locked")`. Readers see one state throughout, and
neither wait nor are waited for.
"""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from service.errors import BadInput, StoreFailed
from storage import still
from storage.address import FIELD, describe, read_address
from storage.failures import find_reason, translated
from storage.locks import MIGRATION_PATIENCE_SECONDS, alone_among_migrators, change_briefly, wait_for_writers
from storage.schema import RELEASE, VIEWS_DIGEST, VIEWS_MARK
from storage.stalls import notice_stalls
from storage.upsert import encode_json

PATIENCE_SECONDS = 10
"""How long a writer waits for another."""
_GUARD: Final = "newscandle_guard"
_WAL_ATTEMPTS: Final = 100
_WAL_PAUSE_SECONDS: Final = 0.1


def open_engine(url: str, *, patience_seconds: int = PATIENCE_SECONDS, keeps_connections: bool = True) -> sa.Engine:
    """An engine on `sqlite:///path` or `postgresql://…` (psycopg 3). Connects to nothing yet.

    A writer waits at most `patience_seconds` for another to end. Without `keeps_connections` a SQLite file is opened
    anew each time: one that another was put in the place of would still be read.

    Raises `BadInput`, with the remedy and without the password, where the address cannot be used.
    """
    address = read_address(url)
    if address.drivername == "sqlite+pysqlite":
        engine = sa.create_engine(
            address,
            connect_args={"timeout": patience_seconds},
            hide_parameters=True,
            json_serializer=encode_json,
            poolclass=None if keeps_connections else sa.NullPool,
        )
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{patience_seconds}s",
        # a writer that was stopped in mid-transaction must not hold up the others for ever
        "idle_in_transaction_session_timeout": "60s",
    }
    try:
        engine = sa.create_engine(
            address,
            connect_args={
                "application_name": "newscandle",
                "connect_timeout": PATIENCE_SECONDS,
                # a server that is gone without a word is noticed in half a minute, not in two hours
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 25_000,
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            },
            hide_parameters=True,
            json_serializer=encode_json,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise BadInput(FIELD, describe(address), "install the driver first: newscandle[postgres]") from error
    notice_stalls(engine)
    return engine


def _configure_sqlite(dbapi_connection: object, _record: object) -> None:
    # The driver would begin by itself, late and without IMMEDIATE: switch that off, `_begin_sqlite` does it.
    dbapi_connection.isolation_level = None  # type: ignore[attr-defined]
    dbapi_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[attr-defined]
    dbapi_connection.execute("PRAGMA synchronous = FULL")  # type: ignore[attr-defined]


def _begin_sqlite(connection: sa.Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def begin(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: committed at the end, rolled back whole if anything is raised.

    Raises `StoreFailed` where the database refuses or another writer holds it for longer than the engine's patience,
    and what the guard of a `guarded` engine raises.
    """
    with translated(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            wait_for_writers(connection)
        guard: Callable[[sa.Connection], None] | None = engine.get_execution_options().get(_GUARD)
        if guard is not None:
            guard(connection)
        yield connection


def guarded(engine: sa.Engine, guard: Callable[[sa.Connection], None]) -> sa.Engine:
    """The same engine, on which `guard` is called in each transaction that writes, before anything is written.

    What it raises ends the transaction. What it reads holds until the commit, for it comes after the writers' lock.
    """
    return engine.execution_options(**{_GUARD: guard})


def reading_only(engine: sa.Engine) -> sa.Engine:
    """The same engine, on which the database itself refuses to write, in whatever transaction."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(reads_only=True)


def name_sessions(engine: sa.Engine, name: str) -> None:
    """Let PostgreSQL show this process's sessions under a name of its own (63 bytes at most); nothing on SQLite."""
    if engine.dialect.name != "postgresql":
        return

    def set_name(dbapi_connection: Any, _record: object) -> None:
        with dbapi_connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", (name,))
        dbapi_connection.commit()

    event.listen(engine, "connect", set_name)
    engine.dispose()  # those open already bear the old name


@contextlib.contextmanager
def brief(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes one row and waits for no other writer, where the database can tell them apart."""
    with translated(engine), engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def read(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads, and sees one state of the database from beginning to end.

    A SQLite file on a full disk is read as it lies where nobody is in it.
    """
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(_reading(engine, engine))
        except StoreFailed as failure:
            if failure.reason not in still.NO_ROOM or not still.lies_still(engine):
                raise
            connection = stack.enter_context(_reading(engine, still.open_still(engine)))
            stack.callback(still.require_still, engine)
        yield connection


@contextlib.contextmanager
def _reading(engine: sa.Engine, opened: sa.Engine) -> Iterator[sa.Connection]:
    options = (
        {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if engine.dialect.name == "postgresql"
        else {"reads_only": True}
    )
    with translated(engine), opened.connect() as plain:
        connection = plain.execution_options(**options)
        with connection.begin():
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA schema_version")  # what cannot be read fails here, not half-way
            yield connection


def find_release(engine: sa.Engine) -> str | None:
    """The schema revision the database is at; None where newscandle never laid its tables."""
    try:
        with read(engine) as connection:
            found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return found
    except StoreFailed as failure:
        if failure.reason == "schema_missing":
            return None
        raise


def check(engine: sa.Engine) -> None:
    """Raise `StoreFailed` unless the schema is exactly this release's."""
    found = find_release(engine)
    if found == RELEASE:
        return
    where = describe(engine.url)
    if found is None:
        raise StoreFailed("schema_missing", f"{where}: holds no newscandle tables: run newscandle init first")
    raise StoreFailed(
        "schema_differs",
        f"{where}: its schema is of release {found}, this newscandle needs {RELEASE}: "
        "run the newscandle that belongs to it, or let this one migrate an older one",
    )


def migrate(engine: sa.Engine) -> StoreFailed | None:
    """Bring the schema and its views to this release; does nothing, quickly, where they already are.

    Any number of processes may do this at once: one migrates, the others wait and find it done. On SQLite the whole
    change is one transaction; on PostgreSQL what takes time comes before it, while others read and write, and is taken
    up again where it was killed. Raises `StoreFailed` where the database belongs to a newer release. Where only the
    views are another release's and may not be laid anew by now, says why and leaves them: nothing here reads them.
    """
    if find_release(engine) != RELEASE:
        move(engine, "head")
    elif _find_views(engine) != VIEWS_DIGEST:
        from storage import views  # composing them takes a while, and is seldom needed

        try:
            with begin(engine) as connection:
                views.lay(connection)
        except StoreFailed as failure:
            if failure.reason not in _LET_THE_VIEWS_BE:
                raise
            return failure
    return None


_LET_THE_VIEWS_BE = frozenset({"locked", "read_only", "no_right", "depended_on"})


def _find_views(engine: sa.Engine) -> str | None:
    """The digest of the views the database has; None where they tell none."""
    try:
        with read(engine) as connection:
            found: str | None = connection.scalar(sa.text(f"SELECT digest FROM {VIEWS_MARK}"))  # noqa: S608 - our own
            return found
    except StoreFailed as failure:
        if failure.reason == "schema_missing":
            return None
        raise


def remake(engine: sa.Engine, change: Callable[[sa.Connection], None]) -> None:
    """Let `change` lay the tables anew and fill them, in one transaction beside which nobody writes: all or nothing.

    On PostgreSQL `change` is called again where a table is in use at first: see `locks.change_briefly`.
    """
    with translated(engine):
        if engine.dialect.name == "postgresql":
            with alone_among_migrators(engine):
                change_briefly(engine, change)
            return
        with _alone_on_sqlite(engine) as connection:
            connection.exec_driver_sql(f"PRAGMA cache_size = -{_REMAKING_KILOBYTES}")
            change(connection)


_REMAKING_KILOBYTES: Final = 65_536
"""What SQLite may hold of the indexes while a whole store is written."""


def move(engine: sa.Engine, release: str) -> None:
    """Step the schema up to `head`, or down to an older release or `base` (which drops everything)."""
    from storage.migrations import online, step  # alembic is heavy, and seldom needed

    with translated(engine):
        if engine.dialect.name == "postgresql":
            online.move(engine, release)
            return
        with _alone_on_sqlite(engine) as connection:
            step(connection, release, is_up=release == "head")


@contextlib.contextmanager
def _alone_on_sqlite(engine: sa.Engine) -> Iterator[sa.Connection]:
    # Turning a new file to WAL fails at once, whatever the patience, if another process does the same: hence the lock.
    parent = Path(engine.url.database or "").absolute().parent
    try:
        folder = os.open(parent, os.O_RDONLY)
    except OSError as error:
        said = f"{describe(engine.url)}: {parent} cannot be opened: {error.strerror}"
        raise StoreFailed("unreachable", f"{said}: let this user read that folder") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute(f"PRAGMA busy_timeout = {MIGRATION_PATIENCE_SECONDS * 1000}")
            _write_ahead(driver)
            driver.execute("PRAGMA foreign_keys = OFF")  # altering a table drops and remakes it
            try:
                with connection.begin():
                    before = _find_laid(connection)
                    yield connection
                    is_remade = not before <= _find_laid(connection)  # else the check would hold up writers for nothing
                    if is_remade and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise StoreFailed("corrupt", f"{describe(engine.url)}: a reference would lead nowhere")
            finally:
                driver.execute("PRAGMA foreign_keys = ON")
                driver.execute(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}")
    finally:
        os.close(folder)


def _write_ahead(driver: Any) -> None:
    """Turn the file to WAL where it is not. SQLite refuses that at once, whatever the patience, while another is in."""
    for attempt in range(_WAL_ATTEMPTS):
        try:
            if driver.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                driver.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if find_reason(error) != "locked" or attempt == _WAL_ATTEMPTS - 1:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


def _find_laid(connection: sa.Connection) -> set[tuple[str, str, int]]:
    """The tables of a SQLite database: name, definition, and where it begins."""
    asked = "SELECT name, sql, rootpage FROM sqlite_master WHERE type = 'table'"
    return {tuple(row) for row in connection.exec_driver_sql(asked)}
