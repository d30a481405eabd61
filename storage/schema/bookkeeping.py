"""The tables of how the work went, kept current in place: skipped, source_state, source_yield, entry, run."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata
from storage.instant_column import UtcDateTime

skipped = sa.Table(
    "skipped",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of source, stage, reason and what", unique=True),
    column.words("source", doc="whose it was"),
    column.words("stage", doc="the job's step that refused it"),
    column.words("reason", doc="stable code"),
    column.words("what", doc="address, file or title"),
    column.words("detail", doc="for people"),
    column.instant("first_recorded_at", doc="when it was first met"),
    column.instant("last_recorded_at", doc="when it was last met"),
    column.count("count", "how often it was met"),
    sa.Index(None, "last_recorded_at"),
    info={"about": "What was not taken in, with the reason; the same again is counted."},
)

source_state = sa.Table(
    "source_state",
    metadata,
    sa.Column("source", column.Words, primary_key=True, doc="name in the settings"),
    column.words("url", doc="what is asked"),
    column.words("etag", doc="as the server wrote it"),
    column.words("last_modified", "as the server wrote it"),
    column.instant("last_checked_at", nullable=True, doc="when it was last asked"),
    column.instant("last_success_at", nullable=True, doc="when it last answered well"),
    column.words("last_failure_reason", doc="stable code, empty after none"),
    column.words("last_failure_detail", doc="for people"),
    column.instant("last_failure_at", nullable=True, doc="when it last failed"),
    column.count("failures_in_row", doc="0 after a success"),
    column.instant("next_allowed_at", nullable=True, doc="not to be asked before"),
    info={"about": "How each source stands, kept current in place."},
)

source_yield = sa.Table(
    "source_yield",
    metadata,
    sa.Column("source", column.Words, primary_key=True, doc="name in the settings"),
    sa.Column("read_at", UtcDateTime(), primary_key=True, doc="when its feed was read"),
    column.count("items", "entries the feed told"),
    column.count("new", "articles not held before"),
    column.count("revised", "edits of articles held"),
    column.count("refused", "entries not taken in, with a reason in skipped"),
    column.count("with_body", "of the new, those with a text beside the title"),
    column.count("dated", "of the new, those whose publication could be read"),
    column.count("words", "of the new, all together"),
    column.figure("median_words", "of the new, each without its title"),
    sqlite_with_rowid=False,
    info={"about": "What reading a source brought, where it brought something new; the last 400 readings of each."},
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("key", column.Words, primary_key=True, comment="what a feed's entry is remembered under"),
    column.words("source", "the source that brought it first, the only one that may revise it"),
    column.words("fingerprint", "of what the feed last said"),
    column.instant("recorded_at", doc="when it was first seen"),
    sqlite_with_rowid=False,
    info={"about": "Feed entries already seen, so that they are not fetched again."},
)

run = sa.Table(
    "run",
    metadata,
    column.row_id(),
    column.words("job", doc="name of the command or task"),
    column.instant("started_at", doc="when it began"),
    column.instant("finished_at", "null while it runs, and for ever if it was killed", nullable=True),
    column.words("outcome", "running, then what it ended in"),
    column.json("counts", doc="what it counted, by name"),
    column.words("reason", doc="why it failed, else empty"),
    sa.Index(None, "job", "started_at"),
    info={"about": "One run of one job."},
)
