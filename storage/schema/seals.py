"""The tables of what was written, told a second time: seal, report_file."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

seal = sa.Table(
    "seal",
    metadata,
    sa.Column("number", column.RowId, primary_key=True, autoincrement=False, comment="1, 2 … without a hole"),
    column.words("part", "what is sealed, as `seal_parts.PARTS` names it"),
    sa.Column("lower", sa.BigInteger(), nullable=False, comment="first row id or instant (µs) of the range"),
    sa.Column("upper", sa.BigInteger(), nullable=False, comment="one past the last"),
    column.count("rows", "how many rows the range holds, those that belong to them counted in"),
    column.words("digest", "64 hex digits of those rows, in whatever order"),
    column.words("reason", "why the range was sealed again; empty the first time"),
    column.instant("sealed_at", "when the seal was set"),
    column.words("chain", "64 hex digits of this seal and the chain up to the one before it"),
    sa.Index(None, "part", "lower"),
    sqlite_with_rowid=False,
    info={"about": "What a range of rows held once it was closed; of seals of one range the highest number counts."},
)

report_file = sa.Table(
    "report_file",
    metadata,
    sa.Column("name", column.Words, primary_key=True, comment="name of a file of the report folder"),
    column.words("report_key", "report.key of the report it tells, as last written"),
    column.words("sha256", "64 hex digits of its bytes"),
    sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
    column.instant("written_at", "when it was last written"),
    sqlite_with_rowid=False,
    info={"about": "The files reports were written to, kept current in place: what is read there is what was written."},
)
