"""How each source stands: validators for conditional requests, the last success and failure, and when to ask again.

One row per source, kept current in place: it is bookkeeping, not content.
"""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.schema import source_state
from storage.upsert import insert_new, storable


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of one source. `etag` and `last_modified` are as the server of `url` wrote them."""

    source: str
    url: str
    etag: str = ""
    last_modified: str = ""
    last_checked_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    last_failure_reason: str = ""
    last_failure_detail: str = ""
    last_failure_at: dt.datetime | None = None
    failures_in_row: int = 0
    next_allowed_at: dt.datetime | None = None


def load(connection: sa.Connection, source: str) -> SourceState | None:
    """The state of one source; None where it was never asked."""
    row = connection.execute(sa.select(source_state).where(source_state.c.source == source)).first()
    return None if row is None else _read(row)


def load_all(connection: sa.Connection) -> list[SourceState]:
    """The state of every source, by name."""
    return [_read(row) for row in connection.execute(sa.select(source_state).order_by(source_state.c.source))]


def save(connection: sa.Connection, state: SourceState) -> None:
    """Remember this state in place of the one before."""
    fields = {
        name: storable(value) if isinstance(value, str) else value for name, value in dataclasses.asdict(state).items()
    }
    insert_new(
        connection,
        source_state,
        ("source", "url", "etag", "last_modified", "last_failure_reason", "last_failure_detail", "failures_in_row"),
        [(fields["source"], fields["url"], "", "", "", "", 0)],
    )
    connection.execute(sa.update(source_state).where(source_state.c.source == fields["source"]).values(fields))


def _read(row: sa.Row[Any]) -> SourceState:
    return SourceState(**row._mapping)  # noqa: SLF001 - the public way to read a Row by name
