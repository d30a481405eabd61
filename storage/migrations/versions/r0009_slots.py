"""Room for the daemons' ledger: schedules, slots and the lease of the one that leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, WORDS, nullable=False, comment=comment)


def count(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, comment=comment)


def instant(name: str, comment: str | None = None, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, comment=comment)


def upgrade() -> None:
    op.create_table(
        "schedule",
        words("job"),
        words("rule", "cron expression or period, as in the settings"),
        words("zone", "whose clock the expression is read by"),
        instant("listed_until", "every slot up to here is in `slot`"),
        sa.PrimaryKeyConstraint("job", name="pk_schedule"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slot",
        sa.Column("id", ROW_ID, nullable=False),
        words("job"),
        instant("due_at", "when it was due; the last of them where the row stands for several"),
        count("slots", "how many it stands for: more than 1 only for old ones that never ran"),
        words("outcome", "waiting, running, then what became of it (docs/operations.md)"),
        instant("listed_at", "when a daemon saw that it was due: at once where one was looking"),
        words("claimed_by", "the daemon that ran it last: host:pid:random; else empty"),
        count("token", "of the lease it was claimed under; 0 before"),
        count("attempts", "how often it was begun"),
        instant("started_at", "when it was last begun", nullable=True),
        instant("finished_at", "null while it waits or runs", nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        words("reason"),
        sa.Column("run_id", ROW_ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
        sa.UniqueConstraint("job", "due_at", name="uq_slot_job_due_at"),
    )
    op.create_index("ix_slot_outcome_job_due_at", "slot", ["outcome", "job", "due_at"])
    op.create_table(
        "lease",
        words("name", "`daemon`: who leads; `presence …`: who is there"),
        words("holder", "daemon: host:pid:random; empty where nobody has it"),
        count("token", "one more with each new holder: what is written under an older one is refused"),
        instant("acquired_at"),
        instant("renewed_at"),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("lease", "slot", "schedule"):
        op.drop_table(table)
