"""Rows as a backup holds them: one line of JSON each, the same line whichever database it was read from.

Instants are whole microseconds, JSON columns the text they were written as, row ids as they are. The digest of a table
is the sum (mod 2²⁵⁶) of the sha256 of its lines: no order of rows changes it, so neither database has to sort, and a
row that is lost, doubled or changed shows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from storage.column import metadata
from storage.instant_column import UtcDateTime

KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "number": (int,),
    "figure": (float,),
    "words": (str,),
    "flag": (bool,),
    "json": (str,),
}
"""What a column may hold beside null, by the name of its kind."""

_DIGEST_MASK: Final = (1 << 256) - 1
_AT_ONCE: Final = 1_000
_FEW_AT_ONCE: Final = 20
_LARGE: Final = frozenset({"report", "source_state", "robots_file"})
"""Tables a single row of which may hold megabytes."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as it is kept: its columns by name and kind (`KINDS`), in order."""

    table: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(name for name, _ in self.columns)


def list_shapes() -> list[Shape]:
    """The tables of this release, each after those it refers to."""
    return [
        Shape(table.name, tuple((one.name, _kind_of(one.type)) for one in table.c)) for table in metadata.sorted_tables
    ]


def _kind_of(kind: sa.types.TypeEngine[Any]) -> str:
    known: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
        (UtcDateTime, "number"),
        (sa.Boolean, "flag"),
        (sa.Integer, "number"),  # BigInteger is one
        (sa.Float, "figure"),  # Double is one
        (sa.JSON, "json"),
        (sa.String, "words"),  # Text is one
    )
    return next(name for one, name in known if isinstance(kind, one))


def read_lines(connection: sa.Connection, shape: Shape, *, of_held_texts: bool = False) -> Iterator[bytes]:
    """Every row of the table as a line without its end, in whatever order the database has them; few are held.

    `of_held_texts`: what belongs to a text only where that text is there.
    """
    quote = connection.dialect.identifier_preparer.quote
    asked = ", ".join(f"CAST({quote(name)} AS TEXT)" if kind == "json" else quote(name) for name, kind in shape.columns)
    is_chosen = of_held_texts and "revision_id" in shape.names
    chosen = " WHERE revision_id IN (SELECT id FROM revision)" if is_chosen else ""
    flags = [place for place, (_, kind) in enumerate(shape.columns) if kind == "flag"]
    figures = [place for place, (_, kind) in enumerate(shape.columns) if kind == "figure"]
    rows = connection.exec_driver_sql(
        f"SELECT {asked} FROM {quote(shape.table)}{chosen}",  # noqa: S608 - names of our own schema
        execution_options={"yield_per": _FEW_AT_ONCE if shape.table in _LARGE else _AT_ONCE},
    )
    for row in rows:
        values = list(row)
        for place in flags:
            if values[place] is not None:
                values[place] = bool(values[place])
        for place in figures:
            if values[place] is not None:
                values[place] += 0.0  # SQLite drops the sign of −0.0, PostgreSQL keeps it
        yield _encode(values).encode()


def read_row(line: bytes) -> list[Any]:
    """The values of a line. Raises `ValueError` where it is none."""
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, list):
        raise ValueError("not a row")  # noqa: TRY004 - damaged, as any other line that is none
    return row


@dataclass(slots=True)
class Tally:
    """What was counted of a table: rows, bytes of its lines with their ends, and the sum of their hashes."""

    rows: int = 0
    size: int = 0
    _sum: int = field(default=0, repr=False)

    def take(self, line: bytes) -> None:
        """Count one more line."""
        self.rows += 1
        self.size += len(line) + 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest())) & _DIGEST_MASK

    @property
    def digest(self) -> str:
        """64 hex digits."""
        return f"{self._sum:064x}"


@dataclass(slots=True)
class TypeCheck:
    """Whether rows hold what the columns of a shape may; each combination of types is looked at once."""

    shape: Shape
    _accepted: set[tuple[type, ...]] = field(default_factory=set)

    def require(self, row: list[Any]) -> None:
        """Raise `ValueError` where it does not."""
        types = tuple(map(type, row))
        if types in self._accepted:
            return
        allowed = [KINDS[kind] for _, kind in self.shape.columns]
        if len(types) != len(allowed):
            raise ValueError(f"{len(types)} values for {len(allowed)} columns")
        for found, some in zip(types, allowed, strict=True):
            if found is not type(None) and found not in some:
                raise ValueError(f"a {found.__name__} where none may be")
        self._accepted.add(types)
