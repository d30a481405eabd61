"""Lay texts and scores in one partition a month, on PostgreSQL. SQLite has no partitions: nothing changes there.

What takes time is done before, in small transactions: `storage.migrations.online`.
"""

from alembic import op

from storage.migrations import dividing, joining

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        dividing.divide(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        joining.finish(op.get_bind())
