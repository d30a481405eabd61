"""A backup put into a store: laid as the backup's release had it, filled, read back, and committed once.

    take away what is there ─▶ lay the release's tables ─▶ rows, table by table ─▶ read back, compare ─▶ COMMIT

All of it is one transaction, on SQLite as on PostgreSQL: killed at any instruction, or stopped by a full disk, the
store is what it was before. The backup may be of the other database.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa
import sqlalchemy.exc

from service.errors import BadInput, StoreFailed
from storage import database, lease, months, views
from storage.address import describe
from storage.backup_file import Reader, TableTold
from storage.backup_rows import Tally, read_lines
from storage.column import metadata
from storage.migrations import step
from storage.schema import RELEASE

_BATCH_BYTES: Final = 4 * 2**20
_BATCH_ROWS: Final = 5_000
_MONTH_OF: Final = {"revision": "available_at", "score": "scored_at"}
_VERSION: Final = "alembic_version"

Advance = Callable[[int], None]


def restore(engine: sa.Engine, reader: Reader, *, replace: bool, advance: Advance) -> None:
    """Make the store hold what the backup holds, then bring it to this release. `advance` is told of rows.

    Raises `BadInput` where the store is not empty and is not to be replaced, or where the backup is damaged or of a
    newer release; `StoreFailed` where the database refuses. Nothing is changed then.
    """
    release = reader.manifest.release
    if not release.isdigit() or release > RELEASE:
        remedy = f"is of schema {release[:20]}, this newscandle knows up to {RELEASE}: restore it with the one it is of"
        raise BadInput("backup", str(reader.path), remedy)

    def change(connection: sa.Connection) -> None:
        held = _find_held(connection)
        if not replace:
            _require_empty(connection, held)
        token = _find_token(connection, held)
        _take_away(connection, held)
        step(connection, release, is_up=True)
        _require_same_columns(connection, reader)
        for told in reader.manifest.tables:
            _fill(connection, reader, told, advance)
        for told in reader.manifest.tables:
            _compare(connection, reader, told)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise reader.damaged("a reference leads nowhere")
        _end_leases(connection, reader, token)

    database.remake(engine, change)
    database.migrate(engine)


def _find_held(connection: sa.Connection) -> set[str]:
    """The tables of newscandle's there are. Raises `StoreFailed` where they are a newer release's."""
    found = set(sa.inspect(connection).get_table_names())
    if _VERSION in found:
        held = connection.scalar(sa.text(f"SELECT version_num FROM {_VERSION}"))  # noqa: S608 - our own name
        if held is not None and str(held) > RELEASE:
            message = f"{describe(connection.engine.url)}: holds a store of a newer newscandle: use that one"
            raise StoreFailed("schema_differs", message)
    return found & {*metadata.tables, "revision_key", _VERSION}


def _require_empty(connection: sa.Connection, held: set[str]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    for name in sorted(held - {_VERSION}):
        if connection.exec_driver_sql(f"SELECT 1 FROM {quote(name)} LIMIT 1").first():  # noqa: S608 - our own name
            remedy = "holds a store already: name an empty database, or say --replace with the database's name"
            raise BadInput("store.url", describe(connection.engine.url), remedy)


def _find_token(connection: sa.Connection, held: set[str]) -> int:
    """The token of the lease in the store that is replaced: no daemon that still runs may hold a higher one after."""
    if "lease" not in held:
        return 0
    found = connection.scalar(sa.text("SELECT max(token) FROM lease"))
    return int(found or 0)


def _take_away(connection: sa.Connection, held: set[str]) -> None:
    if not held:
        return
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "postgresql":
        listed = ", ".join(map(quote, sorted(held)))
        connection.exec_driver_sql(f"LOCK TABLE {listed} IN ACCESS EXCLUSIVE MODE")
        views.drop(connection)
        connection.exec_driver_sql(f"DROP TABLE {listed}")
        return
    views.drop(connection)
    for name in held:
        connection.exec_driver_sql(f"DROP TABLE {quote(name)}")


def _require_same_columns(connection: sa.Connection, reader: Reader) -> None:
    """Raise unless the tables just laid have the columns the backup names: what it says goes into statements."""
    inspector = sa.inspect(connection)
    laid = {name: {column["name"] for column in inspector.get_columns(name)} for name in _list_laid(inspector)}
    told = {one.shape.table: set(one.shape.names) for one in reader.manifest.tables}
    if laid != told:
        raise reader.damaged(f"its tables are not those of release {reader.manifest.release}")


def _list_laid(inspector: sa.Inspector) -> list[str]:
    return [name for name in inspector.get_table_names() if name in metadata.tables]


def _fill(connection: sa.Connection, reader: Reader, told: TableTold, advance: Advance) -> None:
    for rows in _batch(reader.read_rows(told)):
        if (column := _MONTH_OF.get(told.shape.table)) is not None:
            place = told.shape.names.index(column)
            months.lay(connection, told.shape.table, (row[place] for row in rows))
        try:
            _insert(connection, told, rows)
        except (sqlalchemy.exc.IntegrityError, sqlalchemy.exc.DataError, OverflowError) as error:
            raise reader.damaged(f"{told.shape.table} holds rows that cannot be") from error
        advance(len(rows))
    if connection.dialect.name == "postgresql" and ("id", "number") in told.shape.columns:
        quoted = connection.dialect.identifier_preparer.quote(told.shape.table)
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{quoted}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) "  # noqa: S608
            f"FROM {quoted}"
        )


def _batch(rows: Iterator[tuple[list[Any], int]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in lists that take a few megabytes at most, a larger row apart."""
    held: list[tuple[Any, ...]] = []
    size = 0
    for row, length in rows:
        held.append(tuple(row))
        size += length
        if size >= _BATCH_BYTES or len(held) >= _BATCH_ROWS:
            yield held
            held, size = [], 0
    if held:
        yield held


def _insert(connection: sa.Connection, told: TableTold, rows: list[tuple[Any, ...]]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    table, names = quote(told.shape.table), ", ".join(map(quote, told.shape.names))
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(told.shape.columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608
        return
    import psycopg

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    copied = f"COPY {table} ({names}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(copied.encode()) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sqlalchemy.exc.DBAPIError.instance(
            copied, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def _compare(connection: sa.Connection, reader: Reader, told: TableTold) -> None:
    """Raise unless the store gives back, row by row, what was put into it."""
    tally = Tally()
    for line in read_lines(connection, told.shape):
        tally.take(line)
    if not told.agrees(tally):
        raise reader.damaged(f"{told.shape.table} does not come back as it was written")


def _end_leases(connection: sa.Connection, reader: Reader, token: int) -> None:
    """Let no daemon of before go on: whoever leads next does so under a token nobody ever had."""
    if "lease" not in {one.shape.table for one in reader.manifest.tables}:
        return
    connection.execute(sa.text("DELETE FROM lease WHERE name <> :leader"), {"leader": lease.LEADER})
    highest = max(token, int(connection.scalar(sa.text("SELECT max(token) FROM lease")) or 0)) + 1
    ended = "UPDATE lease SET token = :token, holder = '', expires_at = renewed_at WHERE name = :leader"
    if not connection.execute(sa.text(ended), {"token": highest, "leader": lease.LEADER}).rowcount and token:
        begun = (
            "INSERT INTO lease (name, holder, token, acquired_at, renewed_at, expires_at) VALUES (:n, '', :t, 0, 0, 0)"
        )
        connection.execute(sa.text(begun), {"n": lease.LEADER, "t": highest})
