"""The files reports were written to: what each held when it was last written."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from storage.schema import report_file
from storage.upsert import insert_into


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the report folder as it was last written; `sha256` in hex, `size` in bytes."""

    name: str
    report_key: str
    sha256: str
    size: int


def save(connection: sa.Connection, files: Mapping[str, bytes], *, report_key: str, written_at: dt.datetime) -> None:
    """Note what these files, by name, were just written with."""
    if not files:
        return
    rows = [
        {"name": name, "report_key": report_key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        | {"written_at": written_at}
        for name, data in files.items()
    ]
    insert = insert_into(connection, report_file)
    told = {name: insert.excluded[name] for name in ("report_key", "sha256", "size", "written_at")}
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=told), rows)


def forget(connection: sa.Connection, before: dt.datetime) -> None:
    """Know nothing more of files last written before then: they were taken away."""
    connection.execute(sa.delete(report_file).where(report_file.c.written_at < before))


def load_all(connection: sa.Connection) -> list[WrittenFile]:
    """Every file noted, by name."""
    chosen = sa.select(report_file.c.name, report_file.c.report_key, report_file.c.sha256, report_file.c.size)
    return [WrittenFile(*row) for row in connection.execute(chosen.order_by(report_file.c.name))]
