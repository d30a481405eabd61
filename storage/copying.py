"""A throwaway copy of a whole store, for work that spoils what it touches. The store itself is only read.

SQLite: a file of its own, by the backup API, consistent though a daemon writes meanwhile. PostgreSQL: a schema of its
own in the same database, filled in one snapshot; the copy's connections see that schema alone, so that a statement
meant for the copy can never reach the store. Every copy holds the table `audit_copy`: what spoils a store looks for it
first.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
import sqlalchemy.exc
from sqlalchemy import event

from service.errors import StoreFailed
from storage import database
from storage.address import describe
from storage.column import metadata
from storage.failures import translated

MARK = sa.Table("audit_copy", sa.MetaData(), sa.Column("is_copy", sa.Boolean(), nullable=False))
_NO_RIGHT = "42501"


@contextlib.contextmanager
def copied(engine: sa.Engine, folder: Path, name: str) -> Iterator[sa.Engine]:
    """An engine on a copy of the store of `engine`, gone at the end. Of this release's schema, with all rows.

    On SQLite the copy is a file `name`.db in `folder`, on PostgreSQL the schema `name` (lower-case letters, digits and
    underscores). Raises `StoreFailed`: `no_right_to_copy` where PostgreSQL lets this user make no schema.
    """
    making = (
        _on_sqlite(engine, folder / f"{name}.db") if engine.dialect.name == "sqlite" else _on_postgresql(engine, name)
    )
    with making as copy:
        with translated(copy), copy.begin() as connection:
            MARK.create(connection)
            connection.execute(sa.insert(MARK).values(is_copy=True))
            connection.exec_driver_sql("ANALYZE")
        yield copy


def ensure_copy(connection: sa.Connection) -> None:
    """Raise unless this is a copy: nothing of a real store may be spoilt."""
    if not connection.scalar(sa.select(MARK.c.is_copy)):
        raise StoreFailed("not_a_copy", "only a copy of a store may be scrambled")


@contextlib.contextmanager
def _on_sqlite(engine: sa.Engine, path: Path) -> Iterator[sa.Engine]:
    with translated(engine), engine.connect() as connection, contextlib.closing(sqlite3.connect(path)) as target:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(target)
        target.execute("PRAGMA journal_mode = MEMORY")
    copy = database.open_engine(f"sqlite:///{path}")
    event.listen(copy, "connect", _forget_durability)
    try:
        yield copy
    finally:
        copy.dispose()
        path.unlink(missing_ok=True)


def _forget_durability(dbapi_connection: sqlite3.Connection, _record: object) -> None:
    dbapi_connection.execute("PRAGMA synchronous = OFF")


@contextlib.contextmanager
def _on_postgresql(engine: sa.Engine, name: str) -> Iterator[sa.Engine]:
    with translated(engine), engine.connect() as connection:
        source = connection.scalar(
            sa.text("SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'article'::regclass")
        )
        try:
            connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
        except sqlalchemy.exc.ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
                raise
            right = f"GRANT CREATE ON DATABASE {engine.url.database} TO {engine.url.username or 'the user'}"
            raise StoreFailed(
                "no_right_to_copy",
                f"{describe(engine.url)}: this user may make no schema to copy the store into: "
                f"{right}, or restore a dump elsewhere and name that in store.url",
            ) from None
        connection.commit()
    copy = database.open_engine(engine.url.render_as_string(hide_password=False))

    def see_the_copy_alone(dbapi_connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute(f'SET search_path TO "{name}"')
        cursor.close()
        dbapi_connection.commit()

    event.listen(copy, "connect", see_the_copy_alone)
    try:
        with translated(copy), copy.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                _fill(connection, str(source))
        yield copy
    finally:
        copy.dispose()
        with translated(engine), engine.begin() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')


def _fill(connection: sa.Connection, source: str) -> None:
    metadata.create_all(connection)
    for table in metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        connection.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM {source}."{table.name}"'  # noqa: S608 - our own names
        )
        if table.autoincrement_column is not None:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), coalesce(max(id), 1)) "  # noqa: S608
                f'FROM "{table.name}"'
            )
