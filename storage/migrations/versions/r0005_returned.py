"""Room for articles whose source goes back to an earlier text, and a word more on how the texts are numbered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z
NUMBER = "1 for the text first seen, then one more for each edit"
NUMBER_NOW = f"{NUMBER} and each return to an earlier text"


def upgrade() -> None:
    op.create_table(
        "returned",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="counted with revision.number: of one article highest counts",
        ),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_returned_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "number", name="pk_returned"),
        sqlite_with_rowid=False,
    )
    _explain_number(NUMBER_NOW)


def _explain_number(comment: str) -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments, and would remake the table
        op.alter_column("revision", "number", comment=comment)


def downgrade() -> None:
    _explain_number(NUMBER)
    op.drop_table("returned")
