"""Room for alerts, for the troubles that may become one, and for the messages that tell of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("key", WORDS, nullable=False, comment="natural: check, subject and since when"),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("check", WORDS, nullable=False, comment="what was looked at: a stable code"),
        sa.Column("subject", WORDS, nullable=False, comment="the one thing meant"),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("remedy", WORDS, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True, comment=_OVER),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_alert"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_recorded_at", "alert", ["recorded_at"])
    op.create_index("ix_alert_check_subject_began_at", "alert", ["check", "subject", "began_at"])
    op.create_table(
        "alert_trouble",
        sa.Column("check", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("remedy", WORDS, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("absent_since", INSTANT, nullable=True, comment=_AWAY),
        sa.Column("told_at", INSTANT, nullable=True, comment="when it was last told, null while it has not lasted"),
        sa.Column("is_acknowledged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("check", "subject", name="pk_alert_trouble"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_message",
        sa.Column("id", WORDS, nullable=False, comment="32 hex digits that the receiver sees too"),
        sa.Column("alert", WORDS, nullable=False),
        sa.Column("step", WORDS, nullable=False, comment="opened, worse, reminder or resolved"),
        sa.Column("hook", WORDS, nullable=False, comment="name in the settings"),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("send_at", INSTANT, nullable=True, comment="not before; null once it was delivered or given up"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", WORDS, nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("given_up_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alert.key"], name="fk_alert_message_alert"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_message"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_message_alert", "alert_message", ["alert"])
    op.create_index("ix_alert_message_send_at", "alert_message", ["send_at"])


def downgrade() -> None:
    op.drop_table("alert_message")
    op.drop_table("alert_trouble")
    op.drop_table("alert")


_OVER = "when a trouble was found to be over; always null of a shock"
_AWAY = "when it was first not found any more, null while it is there"
