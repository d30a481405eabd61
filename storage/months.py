"""Months: on PostgreSQL texts (`revision`) and scores (`score`) lie in one partition a month, on SQLite in one table.

    revision ─┬─ revision_before      every month before the store was divided
              ├─ revision_2027_01     LIKE revision_before, with its keys and indexes
              └─ …
    revision_key                      one row per text, undivided: what must be unique over all months, and what
                                      passages, tones and extractions refer to; kept by a trigger

The month of a text is that of `available_at`, of a score that of `scored_at`: neither ever changes. A score's is also
that of its tone, which a foreign key sees to, so that one tone cannot have its scores twice in two months.

Whoever writes lays the months needed first, in the same transaction. That waits for nobody and nobody waits for it,
because there is no default partition: see docs/decisions/months.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from storage import column
from storage.locks import run
from storage.schema import revision

BEFORE = "before"
"""The partition of the rows that were there when the store was divided: `revision_before`, `score_before`."""

revision_key = sa.Table(
    "revision_key",
    sa.MetaData(),
    sa.Column("id", column.RowId, primary_key=True),
    sa.Column("article_id", column.RowId, nullable=False),
    column.count("number"),
    column.words("content_hash"),
    column.instant("available_at"),
)
"""What tells texts apart, over all months; only where the store is divided."""

_HELD = sa.text(
    "SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) FROM pg_inherits "
    "JOIN pg_class child ON child.oid = inhrelid AND child.relispartition "
    "WHERE inhparent = to_regclass(:parent)"
)
_UPPER = re.compile(r"TO \('?(-?\d+)'?\)")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in UTC, counted from January 1970."""

    number: int

    @property
    def start(self) -> int:
        """Its first instant, in microseconds since 1970-01-01T00:00Z."""
        return int(np.datetime64(self.number, "M").astype("datetime64[us]").astype(np.int64))

    @property
    def name(self) -> str:
        """As partitions are named after it: 2027_01."""
        return f"{1970 + self.number // 12:04d}_{self.number % 12 + 1:02d}"

    def later(self, months: int) -> "Month":
        """The month so many after it."""
        return Month(self.number + months)


def find_months(instants: Iterable[int]) -> list[Month]:
    """The months of instants in microseconds since 1970-01-01T00:00Z, each once, by time."""
    micros = np.fromiter(instants, dtype=np.int64).astype("datetime64[us]")
    return [Month(number) for number in np.unique(micros.astype("datetime64[M]").astype(np.int64)).tolist()]


def find_parts(connection: sa.Connection, table: str) -> dict[str, int]:
    """The partitions of `table` by name, each with the instant it ends at (µs); empty where it is not divided."""
    if connection.dialect.name != "postgresql":
        return {}
    bounds = ((name, _UPPER.search(bound)) for name, bound in connection.execute(_HELD, {"parent": table}))
    return {name: int(upper[1]) for name, upper in bounds if upper}


def lay(connection: sa.Connection, table: str, instants: Iterable[int]) -> None:
    """Lay the months of these instants (µs) that `table` lacks; nothing where it is not divided."""
    if not (held := find_parts(connection, table)):
        return
    origin = f"{table}_{BEFORE}"
    statements = []
    for month in find_months(instants):
        end = month.later(1).start
        if month.start < held[origin] or end in held.values():
            continue
        name = f"{table}_{month.name}"
        while connection.scalar(sa.select(sa.func.to_regclass(name))):  # detached, and kept under its name
            name += "_again"
        bounds = f"FROM ('{month.start}') TO ('{end}')"
        statements.append(f"CREATE TABLE {name} (LIKE {origin} INCLUDING ALL)")
        statements.append(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}")
    run(connection, *statements)


@dataclass(frozen=True, slots=True)
class Texts:
    """Where a text is found by its article or its words: by the columns of `key`, in `whole`."""

    key: sa.Table
    whole: sa.FromClause


def find_texts(connection: sa.Connection) -> Texts:
    """Texts so that no month is asked that does not hold them: through their keys, where the store is divided."""
    if not find_parts(connection, revision.name):
        return Texts(revision, revision)
    its_row = sa.and_(revision.c.id == revision_key.c.id, revision.c.available_at == revision_key.c.available_at)
    return Texts(revision_key, revision_key.join(revision, its_row))
