"""Room for what a series was tested with, so that the same study made again is not counted again.

What is held is told from the reports' own documents; where two reports are of one study, the later stays unknown and
counts as it did.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
ADDED = (
    ("settings_digest", "of the study's choices, null where not known"),
    ("data_digest", "of the series as it was read, null where not known"),
)
TRIAL = sa.table("trial", sa.column("series_key"), sa.column("report_id"), *(sa.column(name) for name, _ in ADDED))
REPORT = sa.table("report", sa.column("id"), sa.column("document"))


def upgrade() -> None:
    for name, comment in ADDED:
        op.add_column("trial", sa.Column(name, WORDS, nullable=True, comment=comment))
    _tell_what_was_tested(op.get_bind())


def _tell_what_was_tested(connection: sa.Connection) -> None:
    entered = sa.select(TRIAL.c.series_key, TRIAL.c.report_id).order_by(TRIAL.c.report_id)
    told: set[tuple[str, str, str]] = set()
    for series_key, report_id in connection.execute(entered).all():
        digests = _read_digests(connection.scalar(sa.select(REPORT.c.document).where(REPORT.c.id == report_id)))
        if digests is None or (series_key, *digests) in told:
            continue
        told.add((series_key, *digests))
        its_row = sa.and_(TRIAL.c.series_key == series_key, TRIAL.c.report_id == report_id)
        values = dict(zip(("settings_digest", "data_digest"), digests, strict=True))
        connection.execute(sa.update(TRIAL).where(its_row).values(values))


def _read_digests(document: Any) -> tuple[str, str] | None:
    read = json.loads(document) if isinstance(document, str) else document
    made = read.get("reproduction") if isinstance(read, dict) else None
    if not isinstance(made, dict):
        return None
    digests = (made.get("settings_digest"), made.get("data_digest"))
    return digests if all(isinstance(one, str) for one in digests) else None  # type: ignore[return-value]


def downgrade() -> None:
    for name, _ in ADDED:
        op.drop_column("trial", name)
