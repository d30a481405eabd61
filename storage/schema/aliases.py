"""The table of the names articles go by."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

article_alias = sa.Table(
    "article_alias",
    metadata,
    sa.Column("key", column.Words, primary_key=True, comment="32 hex digits of kind and value, a GUID's of source too"),
    sa.Column(
        "article_id", column.RowId, sa.ForeignKey("article.id"), primary_key=True, doc="the article it belongs to"
    ),
    column.words("kind", "url or guid"),
    column.words("value", doc="canonical address, or the feed's own id"),
    column.words("source", doc="which source called it so first"),
    column.instant("first_seen_at", doc="when newscandle first saw it called so"),
    column.instant("recorded_at", doc="when newscandle came to know this row"),
    sa.Index(None, "source", "first_seen_at"),
    sa.Index(None, "article_id"),
    sqlite_with_rowid=False,
    info={"about": "A name under which a feed told an article: its addresses and GUIDs, moved and changed ones too."},
)
