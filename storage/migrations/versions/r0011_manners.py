"""Room for how sources and hosts want to be asked: moves, stops, rests, robots.txt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z
ADDED = (
    ("validated_url", WORDS, "the address that etag and last_modified are of"),
    ("unread_reason", WORDS, "why what they came with could not be read"),
    ("stopped_at", INSTANT, "when it answered 410: not asked until revived"),
    ("moves", sa.JSON(none_as_null=True), "permanent redirects met, the oldest first"),
    ("wish_seconds", sa.Integer(), "how often the feed itself says it is worth asking"),
    ("owed", WORDS, "the feed last read, packed, while pages of it are owed"),
)


def upgrade() -> None:
    for name, kind, comment in ADDED:
        op.add_column("source_state", sa.Column(name, kind, nullable=True, comment=comment))
    op.create_table(
        "host_state",
        sa.Column("host", WORDS, nullable=False, comment="name of a host that was asked"),
        sa.Column("free_at", INSTANT, nullable=False, comment="not to be asked before"),
        sa.Column(
            "failures_in_row",
            sa.Integer(),
            nullable=False,
            comment="how often in a row it was not to be reached or asked for rest",
        ),
        sa.PrimaryKeyConstraint("host", name="pk_host_state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "robots_file",
        sa.Column("origin", WORDS, nullable=False, comment="scheme, host and port"),
        sa.Column("text", WORDS, nullable=True, comment="what it allows and forbids; null where it failed"),
        sa.Column("read_at", INSTANT, nullable=False, comment="when it was asked for"),
        sa.PrimaryKeyConstraint("origin", name="pk_robots_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("robots_file")
    op.drop_table("host_state")
    for name, _, _ in reversed(ADDED):
        op.drop_column("source_state", name)
