"""What each reading of a source brought, kept for its last 400 readings that brought something."""

import datetime as dt

import sqlalchemy as sa

from service.news.manners.health import Yield
from storage.instant_column import to_micros
from storage.schema import source_yield
from storage.upsert import insert_new

KEPT = 400
_COLUMNS = (
    *("source", "read_at", "items", "new", "revised", "refused"),
    *("with_body", "dated", "words", "median_words"),
)


def save(connection: sa.Connection, brought: Yield, *, source: str) -> None:
    """Remember this reading of `source`, and forget those before its last 400."""
    row = (
        *(source, to_micros(brought.read_at, "yield.read_at"), brought.items, brought.new, brought.revised),
        *(brought.refused, brought.with_body, brought.dated, brought.words, brought.median_words),
    )
    insert_new(connection, source_yield, _COLUMNS, [row])
    oldest = (
        sa.select(source_yield.c.read_at)
        .where(source_yield.c.source == source)
        .order_by(source_yield.c.read_at.desc())
        .offset(KEPT - 1)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(sa.delete(source_yield).where(source_yield.c.source == source, source_yield.c.read_at < oldest))


def load(connection: sa.Connection, source: str) -> list[Yield]:
    """The readings of `source` that are remembered, by time."""
    fields = [source_yield.c[name] for name in Yield.__dataclass_fields__]
    rows = connection.execute(
        sa.select(*fields).where(source_yield.c.source == source).order_by(source_yield.c.read_at)
    )
    return [Yield(*row) for row in rows]


def load_newest(connection: sa.Connection, source: str) -> dt.datetime | None:
    """When `source` last brought a new article; None where none is remembered."""
    newest: dt.datetime | None = connection.scalar(
        sa.select(sa.func.max(source_yield.c.read_at, type_=source_yield.c.read_at.type)).where(
            source_yield.c.source == source, source_yield.c.new > 0
        )
    )
    return newest
