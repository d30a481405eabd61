"""Room for how far archives were read, and for what others say of articles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z


def upgrade() -> None:
    op.create_table(
        "imported",
        sa.Column("key", WORDS, nullable=False, comment="32 hex digits of the file's bytes and how it is read"),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("form", WORDS, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False, comment="byte of the file, or row of a table, to go on at"),
        sa.Column("inside", sa.BigInteger(), nullable=False, comment="unpacked bytes to pass over from there"),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False, comment="what came of it so far, by name"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_imported"),
        sqlite_with_rowid=False,
    )
    told = "32 hex digits, as article.key; the article need not be held"
    tone = "−100…100: percent of positive words less percent of negative ones"
    op.create_table(
        "opinion",
        sa.Column("source", WORDS, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("article_key", WORDS, nullable=False, comment=told),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("tone", sa.Double(), nullable=False, comment=tone),
        sa.Column("positive", sa.Double(), nullable=False),
        sa.Column("negative", sa.Double(), nullable=False),
        sa.Column("polarity", sa.Double(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("organisations", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "record", name="pk_opinion"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_opinion_article_key", "opinion", ["article_key"])
    op.create_index("ix_opinion_available_at", "opinion", ["available_at"])


def downgrade() -> None:
    op.drop_table("opinion")
    op.drop_table("imported")
