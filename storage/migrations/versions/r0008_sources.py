"""Room for the names articles go by, and for what each source yields.

Articles that are held get their names when their feeds tell them next; until then their address alone is known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z


def _words(name: str, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, WORDS, nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "article_alias",
        _words("key", "32 hex digits of kind and value, a GUID's of source too"),
        sa.Column("article_id", ROW_ID, nullable=False),
        _words("kind", "url or guid"),
        _words("value"),
        _words("source"),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_article_alias_article_id"),
        sa.PrimaryKeyConstraint("key", "article_id", name="pk_article_alias"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_alias_source_first_seen_at", "article_alias", ["source", "first_seen_at"])
    op.create_index("ix_article_alias_article_id", "article_alias", ["article_id"])
    op.create_table(
        "source_yield",
        _words("source"),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False, comment="entries the feed told"),
        sa.Column("new", sa.Integer(), nullable=False, comment="articles not held before"),
        sa.Column("revised", sa.Integer(), nullable=False, comment="edits of articles held"),
        sa.Column("refused", sa.Integer(), nullable=False, comment="entries not taken in, with a reason in skipped"),
        sa.Column("with_body", sa.Integer(), nullable=False, comment="of the new, those with a text beside the title"),
        sa.Column("dated", sa.Integer(), nullable=False, comment="of the new, those whose publication could be read"),
        sa.Column("words", sa.Integer(), nullable=False, comment="of the new, all together"),
        sa.Column("median_words", sa.Double(), nullable=False, comment="of the new, each without its title"),
        sa.PrimaryKeyConstraint("source", "read_at", name="pk_source_yield"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("source_yield")
    op.drop_table("article_alias")
