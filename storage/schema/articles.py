"""The tables of what was published: article ─< revision ─< passage, revision ─< returned."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

article = sa.Table(
    "article",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits: the article's identity over its revisions", unique=True),
    column.words("url", "canonical address, or text:<hash>"),
    column.words("source", doc="which feed, page or archive brought it first"),
    column.words("guid", doc="the feed's own id, empty where it gave none"),
    column.instant("first_seen_at", doc="when newscandle first saw the article"),
    column.instant("recorded_at", doc="when newscandle came to know this row"),
    info={"about": "What was published under one address, over all its revisions."},
)

revision = sa.Table(
    "revision",
    metadata,
    column.row_id(),
    column.reference("article_id", "article.id"),
    column.count("number", "1 for the text first seen, then one more for each edit and each return to an earlier text"),
    column.words("content_hash", "32 hex digits of title and text"),
    column.words("title", doc="as published, without markup"),
    column.words("text", "whole plain text, title first; passages index it by code point"),
    column.words("language", "ISO 639-1, or und"),
    column.figure("language_confidence", "0–1"),
    column.instant("published_at", nullable=True, doc="as the source says, UTC"),
    column.words(
        "published_origin", doc="where the date was read: feed, page, archive, header, clock, stated, unknown"
    ),
    column.words("published_raw", doc="the text it was read from"),
    column.flag("published_zone_assumed", doc="the text named no zone, and UTC was taken"),
    column.words("published_reason", "why there is no published_at"),
    column.instant("modified_at", nullable=True, doc="as the source says, UTC"),
    column.words("modified_origin", doc="where it was read, as published_origin"),
    column.words("modified_raw", doc="the text it was read from"),
    column.flag("modified_zone_assumed", doc="the text named no zone, and UTC was taken"),
    column.words("modified_reason", "why there is no modified_at"),
    column.instant("available_at", "when this text could have been known: the one instant series are joined on"),
    column.flag("is_assumed", "available_at is publication plus a stated delay (imported archives)"),
    column.json("authors", doc="list of names"),
    column.json("tags", doc="list of the source's own tags"),
    column.instant("first_seen_at", doc="when newscandle first saw this text"),
    column.instant("recorded_at", doc="when newscandle came to know this row"),
    sa.UniqueConstraint("article_id", "content_hash"),
    sa.UniqueConstraint("article_id", "number"),
    sa.Index(None, "available_at"),
    sa.Index(None, "content_hash"),
    info={"about": "One text of an article, as it was read once. An edit is a further row.", "month": "available_at"},
)

passage = sa.Table(
    "passage",
    metadata,
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the revision it belongs to"
    ),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    column.words(
        "kind",
        doc="title, body, promo, affiliate, sponsor, newsletter, disclaimer, bio, counter, share, related, caption or "
        "comments",
    ),
    column.count("start_offset", "first code point of revision.text"),
    column.count("end_offset", "one past the last code point"),
    column.words("rule", "what labelled it"),
    column.figure(
        "confidence", "0-1: share of this rule's lines that a reader labels so; null where not known", nullable=True
    ),
    sa.Column(
        "rules", column.Words, comment="16 hex digits of the set of rules that cut the text; null where not known"
    ),
    sqlite_with_rowid=False,
    info={"about": "A labelled stretch of a revision's text; only titles and bodies are scored."},
)

returned = sa.Table(
    "returned",
    metadata,
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the text it went back to"
    ),
    sa.Column(
        "number", sa.Integer(), primary_key=True, comment="counted with revision.number: of one article highest counts"
    ),
    column.instant("available_at", doc="when it could be known that the article reads so again"),
    column.instant("first_seen_at", doc="when newscandle saw it"),
    column.instant("recorded_at", doc="when newscandle came to know this row"),
    sqlite_with_rowid=False,
    info={"about": "That a source went back to a text of its article that it had changed: this text stands again."},
)
