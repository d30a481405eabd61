"""Room for what pruning leaves: which texts were taken out, and counts that stand for rows that are gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    texts = "revision_key" if op.get_bind().dialect.name == "postgresql" else "revision"
    op.create_table(
        "pruned_text",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False, comment="code points the text had"),
        sa.Column("pruned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], [f"{texts}.id"], name="fk_pruned_text_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", name="pk_pruned_text"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "folded",
        sa.Column("kind", WORDS, nullable=False, comment="the table the rows were in: skipped, slot or run"),
        sa.Column("day", sa.Integer(), nullable=False, comment="UTC day, counted from 1970-01-01"),
        sa.Column("subject", WORDS, nullable=False, comment="of skipped the stage, else the job"),
        sa.Column("outcome", WORDS, nullable=False, comment="of skipped the reason, else the outcome"),
        sa.Column("count", sa.BigInteger(), nullable=False, comment="what the rows counted, all together"),
        sa.PrimaryKeyConstraint("kind", "day", "subject", "outcome", name="pk_folded"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("folded")
    op.drop_table("pruned_text")
