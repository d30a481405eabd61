"""The tables of alerts: what was told, the troubles that may become one, and the messages that have to go out."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("key", column.Words, primary_key=True, comment="natural: check, subject and since when"),
    column.words("kind", doc="trouble, sentiment or volume"),
    column.words("check", "what was looked at: a stable code"),
    column.words("subject", "the one thing meant"),
    column.words("severity", doc="note, warning or critical"),
    column.words("title", doc="one line"),
    column.words("text", doc="a few sentences with figures"),
    column.words("remedy", doc="the next step"),
    column.instant("began_at", doc="when a trouble was first found, when the bar of a shock closed"),
    column.json("details", doc="as docs/alerts.md describes them"),
    column.instant("recorded_at", doc="when it was told first"),
    column.instant("resolved_at", "when a trouble was found to be over; always null of a shock", nullable=True),
    column.instant("acknowledged_at", doc="since when nothing more is told until it is over", nullable=True),
    sa.Index(None, "recorded_at"),
    sa.Index(None, "check", "subject", "began_at"),
    sqlite_with_rowid=False,
    info={"about": "What somebody was to be told of, once each."},
)

alert_trouble = sa.Table(
    "alert_trouble",
    metadata,
    sa.Column("check", column.Words, primary_key=True, doc="what was looked at"),
    sa.Column("subject", column.Words, primary_key=True, doc="the one thing meant"),
    column.words("severity", doc="note, warning or critical"),
    column.words("text", doc="a sentence with figures"),
    column.words("remedy", doc="the next step"),
    column.instant("since", doc="when it was first found without having been away for long"),
    column.instant("seen_at", doc="when it was last found"),
    column.instant("absent_since", "when it was first not found any more, null while it is there", nullable=True),
    column.instant("told_at", "when it was last told, null while it has not lasted", nullable=True),
    column.flag("is_acknowledged", doc="nothing is told before it is over"),
    sqlite_with_rowid=False,
    info={"about": "What is not as it should be now; it becomes an alert once it lasts."},
)

alert_message = sa.Table(
    "alert_message",
    metadata,
    sa.Column("id", column.Words, primary_key=True, comment="32 hex digits that the receiver sees too"),
    sa.Column(
        "alert",
        column.Words,
        sa.ForeignKey("alert.key"),
        nullable=False,
        doc="key of the alert it tells of",
    ),
    column.words("step", "opened, worse, reminder or resolved"),
    column.words("hook", "name in the settings"),
    column.words("severity", doc="note, warning or critical"),
    column.json("body", doc="what is told, as docs/alerts.md describes it"),
    column.instant("queued_at", doc="when it was put here, with what it tells of"),
    column.instant("send_at", "not before; null once it was delivered or given up", nullable=True),
    column.count("attempts", doc="how often it was tried"),
    column.words("last_error", doc="why it failed last, else empty"),
    column.instant("delivered_at", doc="when the receiver took it", nullable=True),
    column.instant("given_up_at", doc="when it was tried often enough", nullable=True),
    sa.Index(None, "alert"),
    sa.Index(None, "send_at"),
    sqlite_with_rowid=False,
    info={"about": "Messages that have to go out, or did: one row each, however often it was tried."},
)
