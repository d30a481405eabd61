"""The tables of what extractors found told in revisions: extraction ─< extracted ─< quote, event ─< their targets."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata


def _key(name: str, doc: str) -> sa.Column[int]:
    return sa.Column(name, column.RowId, primary_key=True, doc=doc)


extraction = sa.Table(
    "extraction",
    metadata,
    column.row_id(),
    column.words("extractor", "quotes or events"),
    column.words("version", "changes whenever what the extractor finds could"),
    column.words("catalogue", "content hash of the target catalogue"),
    column.instant("recorded_at", doc="when it was first used"),
    sa.UniqueConstraint("extractor", "version", "catalogue"),
    info={"about": "A version of an extractor with a catalogue of targets: what it found is kept together."},
)

extracted = sa.Table(
    "extracted",
    metadata,
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the revision it belongs to"
    ),
    sa.Column(
        "extraction_id", column.RowId, sa.ForeignKey("extraction.id"), primary_key=True, doc="the extraction that read"
    ),
    column.flag(
        "is_language_read", "false: the extractor does not know the revision's language, and looked no further"
    ),
    column.instant("extracted_at", doc="when it was read: what it tells is known from here on"),
    sqlite_with_rowid=False,
    info={"about": "That an extraction read a revision, whether it found anything or not."},
)

quote = sa.Table(
    "quote",
    metadata,
    _key("revision_id", "the revision it stands in"),
    _key("extraction_id", "the extraction that found it"),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    column.words("speaker", "key of the catalogue, else the name as it stands in the text"),
    column.flag("is_target", doc="the speaker is a target of the catalogue"),
    column.words("verb", "what introduces the words: said, warned, volgens …"),
    column.count("start_offset", "first code point of revision.text, marks left out"),
    column.count("end_offset", "one past the last code point"),
    column.flag("is_direct", "the words stand between marks"),
    sa.ForeignKeyConstraint(["revision_id", "extraction_id"], ["extracted.revision_id", "extracted.extraction_id"]),
    sa.Index(None, "speaker"),
    sqlite_with_rowid=False,
    info={"about": "Words that a revision reports of a speaker."},
)

quote_target = sa.Table(
    "quote_target",
    metadata,
    _key("revision_id", "the revision it stands in"),
    _key("extraction_id", "the extraction that found it"),
    sa.Column("position", sa.Integer(), primary_key=True, doc="which quote of the revision"),
    sa.Column("target", column.Words, primary_key=True, doc="key of the catalogue"),
    column.count("place", "0, 1 … in order of the words"),
    sa.ForeignKeyConstraint(
        ["revision_id", "extraction_id", "position"], ["quote.revision_id", "quote.extraction_id", "quote.position"]
    ),
    sa.Index(None, "target"),
    sqlite_with_rowid=False,
    info={"about": "Of whom the words of a quote speak, each target once."},
)

event = sa.Table(
    "event",
    metadata,
    _key("revision_id", "the revision it stands in"),
    _key("extraction_id", "the extraction that found it"),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    column.words("kind", "law, ban, etf, hack, reserve, lawsuit, rate …"),
    column.count("start_offset", "first code point of revision.text that tells it"),
    column.count("end_offset", "one past the last code point"),
    column.words("rule", "which rule of events.toml saw it"),
    sa.ForeignKeyConstraint(["revision_id", "extraction_id"], ["extracted.revision_id", "extracted.extraction_id"]),
    sa.Index(None, "kind"),
    sqlite_with_rowid=False,
    info={"about": "What a revision says happened, is planned or is undone."},
)

event_target = sa.Table(
    "event_target",
    metadata,
    _key("revision_id", "the revision it stands in"),
    _key("extraction_id", "the extraction that found it"),
    sa.Column("position", sa.Integer(), primary_key=True, doc="which event of the revision"),
    sa.Column("target", column.Words, primary_key=True, doc="key of the catalogue"),
    column.count("place", "0, 1 … in order of the sentence"),
    sa.ForeignKeyConstraint(
        ["revision_id", "extraction_id", "position"], ["event.revision_id", "event.extraction_id", "event.position"]
    ),
    sa.Index(None, "target"),
    sqlite_with_rowid=False,
    info={"about": "Who is named in the sentence that tells an event, each target once."},
)
