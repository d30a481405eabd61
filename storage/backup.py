"""A backup: every row of one committed instant, read while others write, put into a file as it is read.

One transaction that only reads (`database.read`) gives the instant: on SQLite the write-ahead log holds what comes
after, on PostgreSQL a snapshot. Writers neither wait for it nor can keep it from ending, however long it takes. (The
online backup API of SQLite begins anew whenever another process writes; see docs/decisions/backups.md.)
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from storage import database, months
from storage.backup_file import FileTold, Manifest, Reader, TableTold, Writer
from storage.backup_rows import list_shapes, read_lines
from storage.schema import RELEASE

_PIECE = 2**20


def write(
    engine: sa.Engine,
    file: BinaryIO,
    *,
    tell_time: Any,
    made_by: str,
    settings: Mapping[str, Any],
    reports: Iterable[Path] = (),
) -> Manifest:
    """Write a backup of the store into `file`, whole only once this returns.

    `tell_time` is called as soon as the instant is fixed, and gives what stands for it (ISO 8601). Raises `StoreFailed`
    where the store cannot be read or is of another release, `OSError` where the file cannot be written.
    """
    database.check(engine)
    writer = Writer(file)
    try:
        tables = []
        with database.read(engine) as connection:
            snapshot = _fix_instant(connection)
            taken_at = tell_time()
            is_torn = _misses_texts(connection)
            for shape in list_shapes():
                tally = writer.put_table(shape.table, read_lines(connection, shape, of_held_texts=is_torn))
                tables.append(TableTold(shape, tally.rows, tally.size, tally.digest))
        kept = tuple(_put_report(writer, path) for path in reports)
        told = (RELEASE, made_by, taken_at, engine.dialect.name, snapshot)
        manifest = Manifest(*told, tables=tuple(tables), reports=kept, settings=dict(settings))
        writer.finish(manifest)
    except BaseException:
        writer.abandon()
        raise
    return manifest


def _fix_instant(connection: sa.Connection) -> str:
    """Make the transaction see the instant of now, and no later one; PostgreSQL's name of it, else empty."""
    if connection.dialect.name == "postgresql":
        return str(connection.scalar(sa.text("SELECT pg_current_snapshot()::text")))
    connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar()
    return ""


def _misses_texts(connection: sa.Connection) -> bool:
    """Whether months of texts were detached: their keys, and what belongs to them, stayed behind (docs/operations.md).

    A backup is without what belongs to texts it does not hold: nothing could refer to them where it is restored.
    """
    if not months.find_parts(connection, "revision"):
        return False
    asked = "SELECT EXISTS (SELECT FROM revision_key k WHERE NOT EXISTS (SELECT FROM revision r WHERE r.id = k.id))"
    return bool(connection.scalar(sa.text(asked)))


def _put_report(writer: Writer, path: Path) -> FileTold:
    hashed, size = hashlib.sha256(), 0

    def read() -> Iterator[bytes]:
        nonlocal size
        with path.open("rb") as file:
            for piece in iter(lambda: file.read(_PIECE), b""):
                hashed.update(piece)
                size += len(piece)
                yield piece

    writer.put_file(path.name, read())
    return FileTold(path.name, size, hashed.hexdigest())


def verify(reader: Reader) -> None:
    """Read a whole backup and compare it with its manifest. Raises `BadInput` where they differ."""
    for told in reader.manifest.tables:
        for _ in reader.read_rows(told):
            pass
    for file in reader.manifest.reports:
        hashed = hashlib.sha256()
        for piece in reader.read_file(file):
            hashed.update(piece)
        if hashed.hexdigest() != file.sha256:
            raise reader.damaged(f"{file.name} is not what was written")
