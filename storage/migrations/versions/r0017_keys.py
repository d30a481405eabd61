"""Room for the keys of the HTTP API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("key_id", WORDS, nullable=False, comment="12 hex digits, the part of a key that is no secret"),
        sa.Column("name", WORDS, nullable=False, comment="whose it is"),
        sa.Column(
            "digest",
            WORDS,
            nullable=False,
            comment="64 hex digits of sha256 of the whole key, which has 256 random bits",
        ),
        sa.Column("requests_per_minute", sa.Integer(), nullable=False, comment="so many at most"),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True, comment="from when on it is refused, null while it holds"),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_key"),
        sa.UniqueConstraint("name", name="uq_api_key_name"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("api_key")
