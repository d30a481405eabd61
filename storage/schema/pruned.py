"""The tables of what pruning left: revision ─< pruned_text, and daily counts of rows that are gone."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

pruned_text = sa.Table(
    "pruned_text",
    metadata,
    sa.Column(
        "revision_id",
        column.RowId,
        sa.ForeignKey("revision.id"),
        primary_key=True,
        doc="the revision it was taken from",
    ),
    column.count("characters", "code points the text had"),
    column.instant("pruned_at", doc="when it was taken out"),
    sqlite_with_rowid=False,
    info={"about": "That a revision's text and passages were taken out by `newscandle prune`; all else of it stays."},
)

folded = sa.Table(
    "folded",
    metadata,
    sa.Column("kind", column.Words, primary_key=True, comment="the table the rows were in: skipped, slot or run"),
    sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False, comment="UTC day, counted from 1970-01-01"),
    sa.Column("subject", column.Words, primary_key=True, comment="of skipped the stage, else the job"),
    sa.Column("outcome", column.Words, primary_key=True, comment="of skipped the reason, else the outcome"),
    sa.Column("count", sa.BigInteger(), nullable=False, comment="what the rows counted, all together"),
    sqlite_with_rowid=False,
    info={"about": "What rows counted that `newscandle prune` took away, by day: totals do not go back."},
)
