"""A store as an earlier release left it, laid by that release's migrations and filled without today's code.

The rows are made from the tables as the database itself describes them, so that the next migration is tested by them
without a word being changed here.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage import migrations, months

FEW = {"market", "scoring", "series", "report", "run", "source_state", "trial"}
"""Tables of which a long-lived store holds few rows, and other tables many of each."""


DIVIDED = ("revision", "score")
NOT_FILLED = {"alembic_version", "revision_key"}
"""What the migrations and the database itself keep."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What an earlier release held: its tables as they were, and a digest of each table's rows."""

    tables: tuple[sa.Table, ...]
    digests: dict[str, str]
    rows: int


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    return config


def find_previous() -> str:
    """The schema revision of the release before this one."""
    script = ScriptDirectory.from_config(_config())
    head = script.get_revision(script.get_current_head() or "")
    assert head is not None
    assert isinstance(head.down_revision, str)
    return head.down_revision


def step_to(engine: sa.Engine, release: str) -> None:
    """Lay the tables of `release` in an empty database."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, release)


def fill(engine: sa.Engine, release: str, rows: int) -> Filled:
    """Lay the tables of `release` in an empty database and put some `rows` rows into them, each unlike the others."""
    step_to(engine, release)
    described = sa.MetaData()
    described.reflect(engine)
    with engine.connect() as connection:
        parts = {name for table in DIVIDED for name in months.find_parts(connection, table)}
    tables = _order([table for table in described.tables.values() if table.name not in {*parts, *NOT_FILLED}])
    share = rows // len([table for table in tables if table.name not in FEW])
    written: dict[str, list[dict[str, Any]]] = {}
    with engine.begin() as connection:
        for name in DIVIDED:
            months.lay(connection, name, [0])
        for table in tables:
            count = 10 if table.name in FEW else share
            written[table.name] = [_make_row(table, number, written) for number in range(count)]
            connection.execute(sa.insert(table), written[table.name])
    return Filled(tables, digest(engine, tables), sum(map(len, written.values())))


def _order(tables: list[sa.Table]) -> tuple[sa.Table, ...]:
    """Each after those it refers to."""
    ordered: dict[str, sa.Table] = {}
    while len(ordered) < len(tables):
        for table in tables:
            if {_find_referred(one) for one in table.foreign_key_constraints} <= ordered.keys() | {table.name}:
                ordered.setdefault(table.name, table)
    return tuple(ordered.values())


def _find_referred(reference: sa.ForeignKeyConstraint) -> str:
    """The name of the table it leads to: a text where it leads to the key of one."""
    name = reference.referred_table.name
    return "revision" if name == "revision_key" else name


def _make_row(table: sa.Table, number: int, written: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Every column filled where it may be; where it refers to a row, to one that is there."""
    row = {column.name: _make_value(column, number) for column in table.columns}
    for reference in table.foreign_key_constraints:
        parents = written[_find_referred(reference)]
        parent = parents[number % len(parents)]
        row |= {element.parent.name: parent[element.column.name] for element in reference.elements}
    return row


def _make_value(column: sa.Column[Any], number: int) -> object:
    if isinstance(column.type, sa.JSON):
        return {"number": number}
    if column.name == "state":  # a figure stands beside it, which no other state allows
        return "scored"
    kinds = {bool: number % 2 == 0, int: number + 1, float: number / 8, str: f"{column.name} {number} é"}
    return kinds[column.type.python_type]


def digest(engine: sa.Engine, tables: tuple[sa.Table, ...]) -> dict[str, str]:
    """One hash per table of the columns it had then, in whatever order the rows lie."""
    found: dict[str, str] = {}
    with engine.connect() as connection:
        for table in tables:
            hashed = hashlib.sha256()
            for row in sorted(repr(tuple(row)) for row in connection.execute(sa.select(table))):
                hashed.update(row.encode())
            found[table.name] = hashed.hexdigest()
    return found


def find_storage(engine: sa.Engine) -> dict[str, int]:
    """Where each table and index lies: its file on PostgreSQL, its root page on SQLite. A rewritten one has moved."""
    where = (
        "SELECT relname, relfilenode FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')"
        if engine.dialect.name == "postgresql"
        else "SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"
    )
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.text(where))}
