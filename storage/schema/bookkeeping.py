"""The tables of how the work went, kept current in place: skipped, source_state, source_yield, entry, run …"""

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
    sa.Column("validated_url", column.Words, nullable=True, comment="the address that etag and last_modified are of"),
    sa.Column("unread_reason", column.Words, nullable=True, comment="why what they came with could not be read"),
    column.instant("stopped_at", "when it answered 410: not asked until revived", nullable=True),
    sa.Column("moves", sa.JSON(none_as_null=True), nullable=True, comment="permanent redirects met, the oldest first"),
    column.count("wish_seconds", "how often the feed itself says it is worth asking", nullable=True),
    sa.Column("owed", column.Words, nullable=True, comment="the feed last read, packed, while pages of it are owed"),
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

schedule = sa.Table(
    "schedule",
    metadata,
    sa.Column("job", column.Words, primary_key=True, doc="what is due by it"),
    column.words("rule", "cron expression or period, as in the settings"),
    column.words("zone", "whose clock the expression is read by"),
    column.instant("listed_until", "every slot up to here is in `slot`"),
    sqlite_with_rowid=False,
    info={"about": "The rules the daemons keep, and up to when their slots are on record."},
)

slot = sa.Table(
    "slot",
    metadata,
    column.row_id(),
    column.words("job", doc="what was due"),
    column.instant("due_at", "when it was due; the last of them where the row stands for several"),
    column.count("slots", "how many it stands for: more than 1 only for old ones that never ran"),
    column.words("outcome", "waiting, running, then what became of it (docs/operations.md)"),
    column.instant("listed_at", "when a daemon saw that it was due: at once where one was looking"),
    column.words("claimed_by", "the daemon that ran it last: host:pid:random; else empty"),
    column.count("token", "of the lease it was claimed under; 0 before"),
    column.count("attempts", "how often it was begun"),
    column.instant("started_at", "when it was last begun", nullable=True),
    column.instant("finished_at", "null while it waits or runs", nullable=True),
    column.json("counts", doc="what the run counted, by name"),
    column.words("reason", doc="why it did not end in done, else empty"),
    sa.Column("run_id", column.RowId, nullable=True, doc="row of `run`; null before it began"),
    sa.UniqueConstraint("job", "due_at"),
    sa.Index(None, "outcome", "job", "due_at"),
    info={"about": "The ledger of the daemons: one row for each time a job was due, whatever became of it."},
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", column.Words, primary_key=True, comment="`daemon`: who leads; `presence …`: who is there"),
    column.words("holder", "daemon: host:pid:random; empty where nobody has it"),
    column.count("token", "one more with each new holder: what is written under an older one is refused"),
    column.instant("acquired_at", doc="when this holder got it"),
    column.instant("renewed_at", doc="when this holder last said it was alive"),
    column.instant("expires_at", doc="when another may take it"),
    sqlite_with_rowid=False,
    info={"about": "Which daemon leads, and which stand by."},
)
