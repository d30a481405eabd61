"""Room for what each day of a series was computed from, so that only days whose inputs changed are computed again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "series_input",
        sa.Column("series_id", ROW_ID, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, comment="UTC day, counted from 1970-01-01"),
        sa.Column(
            "inputs",
            WORDS,
            nullable=False,
            comment="method, length of the candles, and numbers of bars, articles and candle statements read",
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_series_input_series_id"),
        sa.PrimaryKeyConstraint("series_id", "day", name="pk_series_input"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("series_input")
