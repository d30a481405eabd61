"""The tables of what scorers read in revisions: scoring ─< tone ─< score."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

scoring = sa.Table(
    "scoring",
    metadata,
    column.row_id(),
    column.words("scorer", "name/version"),
    column.words("catalogue", "content hash of the target catalogue"),
    column.instant("recorded_at", doc="when it was first used"),
    sa.UniqueConstraint("scorer", "catalogue"),
    info={"about": "A scorer with a catalogue of targets: under it scores of one kind are kept together."},
)

tone = sa.Table(
    "tone",
    metadata,
    sa.Column(
        "scoring_id", column.RowId, sa.ForeignKey("scoring.id"), primary_key=True, doc="the scoring it belongs to"
    ),
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the revision it belongs to"
    ),
    column.words("language", doc="ISO 639-1, or und: what the text was read as"),
    column.words("state", "scored, no_signal or unsupported_language"),
    column.figure("tone", "−1…1 of the whole scored text, null unless scored", nullable=True),
    column.instant("scored_at", doc="when it was read: the tone is known from here on"),
    sqlite_with_rowid=False,
    info={"about": "That a scoring read a revision, and how it found the whole text."},
)

score = sa.Table(
    "score",
    metadata,
    sa.Column("scoring_id", column.RowId, primary_key=True, doc="the scoring it belongs to"),
    sa.Column("target", column.Words, primary_key=True, doc="key of the catalogue"),
    sa.Column("revision_id", column.RowId, primary_key=True, doc="the revision it was read in"),
    column.words("state", "scored, no_signal or unsupported_language"),
    column.figure("score", "−1…1, null unless scored", nullable=True),
    column.words("label", "negative, neutral, positive; empty for an unsupported language"),
    column.count("relevance", "0–100"),
    column.json("reasons", "codes of what the relevance came from"),
    column.count("mention_count", doc="mentions the score is the mean of; a sentence said again counts once"),
    column.json("explanation", "mentions with their spans, scores and evidence"),
    column.instant("scored_at", doc="when it was read: the score is known from here on"),
    column.figure("negative", "0–1, mean over the mentions, null where the scorer is not calibrated", nullable=True),
    column.figure("neutral", "0–1, mean over the mentions, null where the scorer is not calibrated", nullable=True),
    column.figure("positive", "0–1, mean over the mentions, null where the scorer is not calibrated", nullable=True),
    column.figure("low", "−1…1, lower end of the score's interval, null where not known", nullable=True),
    column.figure("high", "−1…1, upper end of the score's interval, null where not known", nullable=True),
    sa.ForeignKeyConstraint(["scoring_id", "revision_id"], ["tone.scoring_id", "tone.revision_id"]),
    sa.CheckConstraint("(score IS NOT NULL) = (state = 'scored')", name="score_iff_scored"),
    sa.Index(None, "revision_id"),
    info={
        "about": "What a scoring read toward one target in one revision. No row beside a tone means `no_mention`.",
        "month": "scored_at",
    },
)
