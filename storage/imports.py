"""How far archives were read. Saved in the transaction that saves the rows: a killed import goes on where it was."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from storage.instant_column import to_micros
from storage.schema import article, imported
from storage.upsert import among, encode_json, insert_new, storable

_COLUMNS = ("key", "name", "form", "place", "inside", "is_complete", "counts", "recorded_at")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file was read, and what came of it. `key`: of its bytes and how they are read."""

    key: str
    name: str
    form: str
    place: int
    inside: int
    is_complete: bool
    counts: Mapping[str, int]
    recorded_at: dt.datetime


def load(connection: sa.Connection, key: str) -> Progress | None:
    """How far the file of this key was read; None where it never was."""
    row = connection.execute(sa.select(imported).where(imported.c.key == key)).first()
    return None if row is None else Progress(**row._mapping)  # noqa: SLF001 - the public way to read a Row by name


def save(connection: sa.Connection, progress: Progress) -> None:
    """Remember this in place of what was known of the file."""
    row = (
        *(progress.key, storable(progress.name), progress.form, progress.place, progress.inside, progress.is_complete),
        *(encode_json(dict(progress.counts)), to_micros(progress.recorded_at, "recorded_at")),
    )
    connection.execute(sa.delete(imported).where(imported.c.key == progress.key))
    insert_new(connection, imported, _COLUMNS, [row])


def find_held(connection: sa.Connection, keys: Collection[str]) -> set[str]:
    """Those of these keys of articles that are held."""
    return set(connection.scalars(sa.select(article.c.key).where(among(connection, article.c.key, keys))))
