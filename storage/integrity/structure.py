"""Whether the database is laid as this release lays it, and sound in itself: it is asked, and never written to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from storage import database, months, views
from storage.column import metadata
from storage.instant_column import UtcDateTime
from storage.integrity.rule import Broken, micros, tell_rows
from storage.schema import VIEWS_DIGEST, VIEWS_MARK, revision

_FEW = 20


def open_leniently(url: str) -> sa.Engine:
    """An engine that gives text which is no UTF-8 with signs in its place, so that a broken row can be told of."""
    engine = database.open_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _read_leniently)
    return engine


def _read_leniently(driver: Any, _record: object) -> None:
    driver.text_factory = _decode


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def find_unsound(connection: sa.Connection) -> list[str]:
    """What the database says of itself: broken pages, indexes that do not fit their tables; at most 20 lines.

    On PostgreSQL only where its extension `amcheck` is installed in this database.
    """
    if connection.dialect.name == "sqlite":
        told = connection.exec_driver_sql(f"PRAGMA integrity_check({_FEW})").scalars()
        return [line for line in told if line != "ok"]
    names = "SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    names += " JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace"
    names += " WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND n.nspname = current_schema()"
    found: list[str] = []
    if not has_amcheck(connection):
        return found
    for name in list(connection.exec_driver_sql(names).scalars()):
        try:
            with connection.begin_nested():
                connection.execute(sa.text("SELECT bt_index_check(CAST(:name AS regclass), true)"), {"name": name})
        except sa.exc.DBAPIError as error:
            found.append(next(iter(str(error.orig).splitlines()), name))
    return found[:_FEW]


def has_amcheck(connection: sa.Connection) -> bool:
    """Whether PostgreSQL can check its indexes here; SQLite always can."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")))


def find_dangling(connection: sa.Connection) -> Broken | None:
    """Rows that refer to a row that is not there. PostgreSQL sees to that itself, unless somebody switched it off."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1_000)
        return tell_rows([{"table": row[0], "refers to": row[2]} for row in rows])
    found: list[dict[str, Any]] = []
    for table in metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            other = reference.referred_table.alias("referred")
            same = [other.c[one.column.name] == one.parent for one in reference.elements]
            there = [one.parent.is_not(None) for one in reference.elements]
            lost = sa.select(sa.func.count()).select_from(table).where(*there, ~sa.exists().where(*same))
            if count := connection.scalar(lost):
                found.append({"table": table.name, "refers to": reference.referred_table.name, "rows": count})
    return tell_rows(found)


def find_missing(connection: sa.Connection) -> list[str]:
    """Tables, columns, keys and indexes of this release that the database lacks."""
    inspector = sa.inspect(connection)
    held = set(inspector.get_table_names())
    divided = {name for name in ("revision", "score") if months.find_parts(connection, name)}
    missing = []
    for table in metadata.sorted_tables:
        if table.name not in held:
            missing.append(f"table {table.name}")
            continue
        missing += _find_missing(inspector, table, is_divided=table.name in divided)
    return missing


def _find_missing(inspector: sa.Inspector, table: sa.Table, *, is_divided: bool) -> Iterator[str]:
    columns = {one["name"] for one in inspector.get_columns(table.name)}
    yield from (f"column {table.name}.{one.name}" for one in table.c if one.name not in columns)
    if is_divided:
        return  # its keys lie on each month and in revision_key
    indexed = {tuple(one["column_names"]) for one in inspector.get_indexes(table.name)}
    unique = {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table.name)}
    for index in table.indexes:
        if tuple(column.name for column in index.columns) not in indexed:
            yield f"index {index.name}"
    if set(inspector.get_pk_constraint(table.name)["constrained_columns"]) != {one.name for one in table.primary_key}:
        yield f"primary key of {table.name}"
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            names = tuple(column.name for column in constraint.columns)
            if names not in unique | indexed:
                yield f"unique {table.name} ({', '.join(names)})"
    told = {tuple(one["constrained_columns"]) for one in inspector.get_foreign_keys(table.name)}
    for reference in table.foreign_key_constraints:
        names = tuple(reference.column_keys)
        if names not in told and not any(set(names) <= set(one) for one in told):
            yield f"reference {table.name} ({', '.join(names)})"


def find_bad_views(connection: sa.Connection) -> list[str]:
    """Views that are missing, and the mark where it is another release's."""
    held = set(sa.inspect(connection).get_view_names())
    missing = [name for name in (VIEWS_MARK, *views.NAMES) if name not in held]
    if VIEWS_MARK in held:
        digest = connection.scalar(sa.select(sa.column("digest", sa.Text)).select_from(sa.table(VIEWS_MARK)))
        if digest != VIEWS_DIGEST:
            missing.append(f"{VIEWS_MARK} (of another release)")
    return missing


def find_unlike_keys(connection: sa.Connection) -> Broken | None:
    """On a divided store: texts whose row in `revision_key` is missing, differs or leads nowhere."""
    if not months.find_parts(connection, "revision"):
        return None
    key, r = months.revision_key, revision.c
    same = sa.and_(
        *(key.c[name] == r[name] for name in ("id", "article_id", "number", "content_hash")),
        micros(key.c.available_at) == micros(r.available_at),
    )
    lost = sa.select(r.id).where(~sa.exists().where(same))
    over = sa.select(key.c.id).where(~sa.exists().where(same))
    return tell_rows([{"revision": row[0]} for row in connection.execute(lost.union(over).limit(1_000))])


def find_untyped(connection: sa.Connection) -> Broken | None:
    """On SQLite, which takes anything anywhere: values of another kind than their column, and JSON that is none."""
    if connection.dialect.name != "sqlite":
        return None
    found: list[dict[str, Any]] = []
    for table in metadata.sorted_tables:
        odd = sa.select(*(sa.func.sum(_is_odd(column)).label(column.name) for column in table.c))
        row = connection.execute(odd).one()
        found += [
            {"table": table.name, "column": name, "rows": count}
            for name, count in row._mapping.items()  # noqa: SLF001 - the public way to a Row's names
            if count
        ]
    return tell_rows(found)


def _is_odd(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    kind = sa.func.typeof(column)
    if isinstance(column.type, sa.JSON):
        is_right = sa.and_(kind == "text", sa.func.json_valid(sa.cast(column, sa.Text)) == 1)
    elif isinstance(column.type, sa.Float):
        is_right = kind == "real"
    elif isinstance(column.type, (sa.Integer, sa.Boolean, UtcDateTime)):
        is_right = kind == "integer"
    else:
        is_right = kind == "text"
    if isinstance(column.type, sa.Boolean):
        is_right = sa.and_(is_right, sa.cast(column, sa.Integer).in_((0, 1)))
    return sa.case((sa.or_(is_right, kind == "null" if column.nullable else sa.false()), 0), else_=1)


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of the store, and of what of it is free to be used again (told by SQLite)."""

    total: int
    free: int


def measure(connection: sa.Connection) -> Size:
    """How large the store is."""
    if connection.dialect.name == "sqlite":
        page, pages, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_size", "page_count", "freelist_count")
        )
        return Size(page * pages, page * free)
    return Size(int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0), 0)
