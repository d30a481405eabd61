"""What feeds last said of their entries, so that an entry seen before costs nothing.

An entry belongs to the source that brought it first; another source's word on it changes nothing.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from storage.instant_column import to_micros
from storage.schema import entry
from storage.upsert import among, insert_new


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """Whose an entry is, and the fingerprint of what that source last said of it."""

    source: str
    fingerprint: str


def load_fingerprints(connection: sa.Connection, keys: Collection[str]) -> dict[str, SeenEntry]:
    """Of these entries, those seen before."""
    chosen = sa.select(entry.c.key, entry.c.source, entry.c.fingerprint).where(among(connection, entry.c.key, keys))
    return {key: SeenEntry(source, fingerprint) for key, source, fingerprint in connection.execute(chosen)}


def save_fingerprints(
    connection: sa.Connection, fingerprints: Mapping[str, str], *, source: str, recorded_at: dt.datetime
) -> None:
    """Remember what `source` now says of its entries (key → fingerprint); entries of other sources stay as they are."""
    stamped = to_micros(recorded_at, "recorded_at")
    seen = load_fingerprints(connection, fingerprints.keys())
    rows = [(key, source, said, stamped) for key, said in fingerprints.items() if key not in seen]
    insert_new(connection, entry, ("key", "source", "fingerprint", "recorded_at"), rows)
    edited = [
        {"the_key": key, "said": said}
        for key, said in fingerprints.items()
        if key in seen and seen[key].source == source and seen[key].fingerprint != said
    ]
    if edited:
        connection.execute(
            sa.update(entry)
            .where(entry.c.key == sa.bindparam("the_key"))
            .values(fingerprint=sa.bindparam("said"), recorded_at=recorded_at),
            edited,
        )
