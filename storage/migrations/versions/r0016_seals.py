"""Room for seals of what was written, and for the digests of the files of reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z


def upgrade() -> None:
    again = "why the range was sealed again; empty the first time"
    part = "what is sealed, as `seal_parts.PARTS` names it"
    rows = "how many rows the range holds, those that belong to them counted in"
    chain = "64 hex digits of this seal and the chain up to the one before it"
    op.create_table(
        "seal",
        sa.Column("number", ROW_ID, autoincrement=False, nullable=False, comment="1, 2 … without a hole"),
        sa.Column("part", WORDS, nullable=False, comment=part),
        sa.Column("lower", sa.BigInteger(), nullable=False, comment="first row id or instant (µs) of the range"),
        sa.Column("upper", sa.BigInteger(), nullable=False, comment="one past the last"),
        sa.Column("rows", sa.Integer(), nullable=False, comment=rows),
        sa.Column("digest", WORDS, nullable=False, comment="64 hex digits of those rows, in whatever order"),
        sa.Column("reason", WORDS, nullable=False, comment=again),
        sa.Column("sealed_at", INSTANT, nullable=False, comment="when the seal was set"),
        sa.Column("chain", WORDS, nullable=False, comment=chain),
        sa.PrimaryKeyConstraint("number", name="pk_seal"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_seal_part_lower", "seal", ["part", "lower"])
    told = "report.key of the report it tells, as last written"
    op.create_table(
        "report_file",
        sa.Column("name", WORDS, nullable=False, comment="name of a file of the report folder"),
        sa.Column("report_key", WORDS, nullable=False, comment=told),
        sa.Column("sha256", WORDS, nullable=False, comment="64 hex digits of its bytes"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("written_at", INSTANT, nullable=False, comment="when it was last written"),
        sa.PrimaryKeyConstraint("name", name="pk_report_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("report_file")
    op.drop_table("seal")
