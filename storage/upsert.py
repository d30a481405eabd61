"""Writing rows by the thousand so that writing them again changes nothing."""

import functools
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

BATCH = 5_000
"""How many rows go to the driver at once."""

_COPY_FROM = 200
"""From so many rows on, PostgreSQL takes them faster by COPY than one INSERT each; below, the table costs more."""

T = TypeVar("T")


def insert_into(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that has `on_conflict_do_update`, in the dialect of the database."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did, in rows of the kind saved: first seen, seen before with other content, already there.

    `same_story`: the same text of the same source and date under another address (articles only; not stored again).
    """

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    same_story: int = 0

    def __add__(self, other: "Saved") -> "Saved":
        return Saved(
            self.new + other.new,
            self.revised + other.revised,
            self.unchanged + other.unchanged,
            self.same_story + other.same_story,
        )


def split(rows: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Consecutive slices of at most `size` rows."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def insert_new(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert `rows`, leaving out those whose natural key is there already.

    `columns` stand in the table's order. Values are as the driver takes them (instants by `to_micros`, JSON by
    `encode_json`, words by `storable`): rows pass beside SQLAlchemy's per-value processing, which would cost more than
    the database itself.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= _COPY_FROM:
        _copy_and_merge(connection, table, columns, rows)
        return
    statement = _write_insert(connection.dialect.name, table, columns)
    for part in split(rows):
        connection.exec_driver_sql(statement, list(part))


def _copy_and_merge(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> None:
    """COPY into a table of this transaction, then one INSERT … SELECT in the order given: the first of namesakes stays.

    An error of the driver leaves as SQLAlchemy's, as those of every other statement do.
    """
    import psycopg

    quote = connection.dialect.identifier_preparer.quote
    named = ", ".join(map(quote, columns))
    incoming = quote(f"incoming_{table.name}")
    types = _number_types(connection.dialect, table, columns)
    copied = f"COPY pg_temp.{incoming} ({named}) FROM STDIN" + (" (FORMAT BINARY)" if types else "")
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {incoming} ON COMMIT DROP AS SELECT {named} FROM {quote(table.name)} WITH NO DATA"  # noqa: S608 - names of our own schema
    )
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(copied.encode()) as copy:
            if types:  # numbers as the server holds them: it need not read their digits
                copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(
            copied, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    connection.exec_driver_sql(
        f"INSERT INTO {quote(table.name)} ({named}) SELECT {named} FROM pg_temp.{incoming} ON CONFLICT DO NOTHING"  # noqa: S608
    )
    connection.exec_driver_sql(f"DROP TABLE pg_temp.{incoming}")


_NUMBERS = {"BIGINT": "int8", "INTEGER": "int4", "DOUBLE PRECISION": "float8"}


def _number_types(dialect: sa.Dialect, table: sa.Table, columns: tuple[str, ...]) -> list[str] | None:
    """The driver's names of the columns' types, or None where one of them holds something else than numbers."""
    types = [_NUMBERS.get(table.c[name].type.compile(dialect), "") for name in columns]
    return types if all(types) else None


@functools.cache
def _write_insert(dialect_name: str, table: sa.Table, columns: tuple[str, ...]) -> str:
    # SQLAlchemy writes them in that order whatever is asked: another would put values into the wrong columns
    assert columns == tuple(column.name for column in table.c if column.name in columns), columns
    if dialect_name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite
        from sqlalchemy.dialects.sqlite.pysqlite import dialect as pysqlite

        ours = insert_sqlite(table).on_conflict_do_nothing()
        return str(ours.compile(dialect=pysqlite(), column_keys=list(columns)))
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql
    from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg

    dialect: sa.Dialect = psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
    theirs = insert_postgresql(table).on_conflict_do_nothing()
    return str(theirs.compile(dialect=dialect, column_keys=list(columns)))


class _JsonArray(sa.types.TypeDecorator[list[Any]]):
    """A list on its way into SQLite; escaped throughout, so that any string passes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: sa.Dialect) -> str:  # noqa: ARG002
        return json.dumps(value)


def among(
    connection: sa.Connection, column: sa.ColumnElement[Any], values: Collection[int] | Collection[str]
) -> sa.ColumnElement[bool]:
    """`column IN values` for any number of values, sent as one parameter (a JSON array or a PostgreSQL array)."""
    name = connection.dialect.name
    return _is_among(name, column, sa.bindparam(None, list(values), type_=_list_type(name, column)))


def among_sent(dialect_name: str, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    """The same for a statement written once and executed often: the values are sent as a list named `parameter`."""
    return _is_among(dialect_name, column, sa.bindparam(parameter, type_=_list_type(dialect_name, column)))


def _list_type(dialect_name: str, column: sa.ColumnElement[Any]) -> sa.types.TypeEngine[Any]:
    if dialect_name == "sqlite":
        return _JsonArray()
    from sqlalchemy.dialects.postgresql import ARRAY

    return ARRAY(column.type)


def _is_among(dialect_name: str, column: sa.ColumnElement[Any], sent: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    if dialect_name == "sqlite":
        return column.in_(sa.select(sa.func.json_each(sent).table_valued("value").c.value))
    return column == sa.any_(sent)


def storable(text: str) -> str:
    """`text` as both databases hold it: NUL and lone surrogates become U+FFFD, one for one, so offsets still fit."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode_json(value: object) -> str:
    """One spelling per value: keys sorted, nothing escaped that need not be. NaN raises `ValueError`: it is no JSON."""
    return _ENCODER.encode(value)
