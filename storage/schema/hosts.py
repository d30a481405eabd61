"""The tables of how hosts want to be asked, kept current in place: host_state, robots_file."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

host_state = sa.Table(
    "host_state",
    metadata,
    sa.Column("host", column.Words, primary_key=True, comment="name of a host that was asked"),
    column.instant("free_at", "not to be asked before"),
    column.count("failures_in_row", "how often in a row it was not to be reached or asked for rest"),
    sqlite_with_rowid=False,
    info={"about": "Which hosts are left alone, and until when."},
)

robots_file = sa.Table(
    "robots_file",
    metadata,
    sa.Column("origin", column.Words, primary_key=True, comment="scheme, host and port"),
    sa.Column("text", column.Words, nullable=True, comment="what it allows and forbids; null where it failed"),
    column.instant("read_at", "when it was asked for"),
    sqlite_with_rowid=False,
    info={"about": "What each host's robots.txt said, kept for a day."},
)
