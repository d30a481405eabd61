"""How views show instants, in words for people, in microseconds for indexes, and how they are asked of the past."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

Shown = Callable[[sa.Column[Any]], sa.ColumnElement[Any]]
"""Turns a column of instants into words, under the same name."""


KnownBy = sa.ColumnElement[Any] | None
"""The instant by which newscandle must have known a row; None: whatever it knows now."""


def by(known_by: KnownBy, *stamps: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
    """That each of these instants had passed by `known_by`; nothing where it is not asked."""
    return [] if known_by is None else [stamp <= known_by for stamp in stamps]


def micros(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as it is held: microseconds since 1970-01-01T00:00Z."""
    return sa.type_coerce(column, sa.BigInteger)


def _split(column: sa.Column[Any]) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """Whole seconds since 1970 and the microseconds after them, 0…999999, before 1970 too."""
    million = sa.literal_column("1000000", sa.BigInteger)
    fraction = (micros(column) % million + million) % million
    return (micros(column) - fraction) // million, fraction


def show_on_postgresql(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """An instant as a `timestamptz`."""
    seconds, fraction = _split(column)  # one division into a double would be a microsecond off from the year 2243 on
    return (sa.func.to_timestamp(seconds) + fraction * sa.literal_column("INTERVAL '1 microsecond'")).label(column.name)


def show_on_sqlite(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """An instant as text in UTC, such as `2024-01-10T21:00:00.000000Z`."""
    seconds, fraction = _split(column)
    to_the_second = sa.func.strftime("%Y-%m-%dT%H:%M:%S", seconds, "unixepoch")
    return to_the_second.concat(sa.func.printf(".%06dZ", fraction)).label(column.name)
