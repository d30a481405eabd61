"""Reading a SQLite file that lies still, where a reader cannot lay beside it what it needs: on a disk that is full.

A reader of a file in WAL mode shares an index with those who write (`-shm`, 32 kB), and makes it where nobody is in the
file. Where there is no room for that, nobody can begin to write either: the file may be read as it lies, provided that
no log (`-wal`) lies beside it, whose pages would have to be read too.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from service.errors import StoreFailed
from storage.address import describe

NO_ROOM = frozenset({"disk_full", "io_error"})


def lies_still(engine: sa.Engine) -> bool:
    """Whether the file of this SQLite engine is there with no log beside it."""
    if engine.dialect.name != "sqlite":
        return False
    file = Path(engine.url.database or "")
    log = Path(f"{file}-wal")
    return file.is_file() and not (log.exists() and log.stat().st_size)


def open_still(engine: sa.Engine) -> sa.Engine:
    """An engine on the same file that reads it as it lies, without locks and without writing anything."""
    place = f"file:{quote(str(Path(engine.url.database or '').absolute()))}?mode=ro&immutable=1"
    return sa.create_engine(
        engine.url, creator=lambda: sqlite3.connect(place, uri=True, isolation_level=None), poolclass=NullPool
    )


def require_still(engine: sa.Engine) -> None:
    """Raise `StoreFailed` where somebody began to write meanwhile: what was read may be of two states."""
    if not lies_still(engine):
        raise StoreFailed("locked", f"{describe(engine.url)}: somebody began to write while it was read: try again")
