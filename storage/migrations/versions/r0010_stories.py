"""Room for stories: which texts tell the same, how new each is, and the keys under which they are found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SIMILARITY = (
    "0–1: of a copy the share of the shorter text's runs of three words in the other, of a translation the share of "
    "shared facts"
)


def upgrade() -> None:
    texts = "revision_key" if op.get_bind().dialect.name == "postgresql" else "revision"
    op.create_table(
        "story_member",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("story", WORDS, nullable=False, comment="key of the article that told the story first"),
        sa.Column("kind", WORDS, nullable=False, comment="first, revision, copy or translation"),
        sa.Column(
            "parent",
            WORDS,
            nullable=False,
            comment="key of the article of the earlier text it is nearest to, empty for the first",
        ),
        sa.Column(
            "parent_number",
            sa.Integer(),
            nullable=False,
            comment="which revision of that article, 0 for the first",
        ),
        sa.Column("similarity", sa.Double(), nullable=False, comment=SIMILARITY),
        sa.Column(
            "place",
            sa.Integer(),
            nullable=False,
            comment="1 for the first text of the story, then one more for each that came before this one",
        ),
        sa.Column("novelty", sa.Integer(), nullable=False, comment="0–100: what it adds to the texts before it"),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], [f"{texts}.id"], name="fk_story_member_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", name="pk_story_member"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_member_story", "story_member", ["story"])
    op.create_table(
        "story_key",
        sa.Column(
            "key",
            sa.BigInteger(),
            nullable=False,
            comment="40 bits that texts of one story likely share, above them the number of the 72 hours they lie in",
        ),
        sa.Column("text_id", ROW_ID, nullable=False, comment="row id of the revision found under it"),
        sa.PrimaryKeyConstraint("key", "text_id", name="pk_story_key"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("story_key")
    op.drop_table("story_member")
