"""The table of who may ask over the network: api_key."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("key_id", column.Words, primary_key=True, comment="12 hex digits, the part of a key that is no secret"),
    column.words("name", "whose it is", unique=True),
    column.words("digest", "64 hex digits of sha256 of the whole key, which has 256 random bits"),
    column.count("requests_per_minute", "so many at most"),
    column.instant("made_at", doc="when it was made"),
    column.instant("revoked_at", "from when on it is refused, null while it holds", nullable=True),
    sqlite_with_rowid=False,
    info={"about": "A key that opens the HTTP API to whoever has it; the key itself is kept nowhere."},
)
