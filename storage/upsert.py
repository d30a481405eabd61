"""Writing rows by the thousand so that writing them again changes nothing."""

import functools
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

BATCH = 5_000
"""How many rows go to the driver at once."""

T = TypeVar("T")


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
    statement = _write_insert(connection.dialect.name, table, columns)
    for part in split(rows):
        connection.exec_driver_sql(statement, list(part))


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


def among(
    connection: sa.Connection, column: sa.ColumnElement[Any], values: Collection[int] | Collection[str]
) -> sa.ColumnElement[bool]:
    """`column IN values` for any number of values, sent as one parameter (a JSON array or a PostgreSQL array)."""
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    from sqlalchemy.dialects.postgresql import ARRAY

    return column == sa.any_(sa.bindparam(None, list(values), type_=ARRAY(column.type)))


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
