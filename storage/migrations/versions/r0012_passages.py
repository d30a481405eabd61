"""Room for how sure a passage's rule is and by which set of rules it was cut; of what is held neither is known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("passage", sa.Column("confidence", sa.Double(), nullable=True, comment=_SURE))
    op.add_column("passage", sa.Column("rules", WORDS, nullable=True, comment=_CUT))


def downgrade() -> None:
    op.drop_column("passage", "rules")
    op.drop_column("passage", "confidence")


_SURE = "0-1: share of this rule's lines that a reader labels so; null where not known"
_CUT = "16 hex digits of the set of rules that cut the text; null where not known"
