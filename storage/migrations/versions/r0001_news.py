"""Lay the tables of news: articles, revisions, what was skipped, sources, tones and scores."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z
FIGURE: sa.Double[float] = sa.Double()


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", WORDS, nullable=False, comment="32 hex digits: the article's identity over its revisions"),
        sa.Column("url", WORDS, nullable=False, comment="canonical address, or text:<hash>"),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("guid", WORDS, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("key", name="uq_article_key"),
    )
    op.create_table(
        "entry",
        sa.Column("key", WORDS, nullable=False, comment="what a feed's entry is remembered under"),
        sa.Column(
            "source", WORDS, nullable=False, comment="the source that brought it first, the only one that may revise it"
        ),
        sa.Column("fingerprint", WORDS, nullable=False, comment="of what the feed last said"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_entry"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scoring",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("scorer", WORDS, nullable=False, comment="name/version"),
        sa.Column("catalogue", WORDS, nullable=False, comment="content hash of the target catalogue"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring"),
        sa.UniqueConstraint("scorer", "catalogue", name="uq_scoring_scorer_catalogue"),
    )
    op.create_table(
        "skipped",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", WORDS, nullable=False, comment="32 hex digits of source, stage, reason and what"),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("stage", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("what", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("first_recorded_at", INSTANT, nullable=False),
        sa.Column("last_recorded_at", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment="how often it was met"),
        sa.PrimaryKeyConstraint("id", name="pk_skipped"),
        sa.UniqueConstraint("key", name="uq_skipped_key"),
    )
    op.create_index("ix_skipped_last_recorded_at", "skipped", ["last_recorded_at"])
    op.create_table(
        "source_state",
        sa.Column("source", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("etag", WORDS, nullable=False),
        sa.Column("last_modified", WORDS, nullable=False, comment="as the server wrote it"),
        sa.Column("last_checked_at", INSTANT, nullable=True),
        sa.Column("last_success_at", INSTANT, nullable=True),
        sa.Column("last_failure_reason", WORDS, nullable=False),
        sa.Column("last_failure_detail", WORDS, nullable=False),
        sa.Column("last_failure_at", INSTANT, nullable=True),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("next_allowed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_source_state"),
    )
    op.create_table(
        "revision",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("article_id", ROW_ID, nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="1 for the text first seen, then one more for each edit"
        ),
        sa.Column("content_hash", WORDS, nullable=False, comment="32 hex digits of title and text"),
        sa.Column("title", WORDS, nullable=False),
        sa.Column(
            "text", WORDS, nullable=False, comment="whole plain text, title first; passages index it by code point"
        ),
        sa.Column("language", WORDS, nullable=False, comment="ISO 639-1, or und"),
        sa.Column("language_confidence", FIGURE, nullable=False, comment="0–1"),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("published_origin", WORDS, nullable=False),
        sa.Column("published_raw", WORDS, nullable=False),
        sa.Column("published_zone_assumed", sa.Boolean(), nullable=False),
        sa.Column("published_reason", WORDS, nullable=False, comment="why there is no published_at"),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("modified_origin", WORDS, nullable=False),
        sa.Column("modified_raw", WORDS, nullable=False),
        sa.Column("modified_zone_assumed", sa.Boolean(), nullable=False),
        sa.Column("modified_reason", WORDS, nullable=False, comment="why there is no modified_at"),
        sa.Column(
            "available_at",
            INSTANT,
            nullable=False,
            comment="when this text could have been known: the one instant series are joined on",
        ),
        sa.Column(
            "is_assumed",
            sa.Boolean(),
            nullable=False,
            comment="available_at is publication plus a stated delay (imported archives)",
        ),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_revision_article_id"),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.UniqueConstraint("article_id", "content_hash", name="uq_revision_article_id_content_hash"),
        sa.UniqueConstraint("article_id", "number", name="uq_revision_article_id_number"),
    )
    op.create_index("ix_revision_available_at", "revision", ["available_at"])
    op.create_index("ix_revision_content_hash", "revision", ["content_hash"])
    op.create_table(
        "passage",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="0, 1 … in order of the text"),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False, comment="first code point of revision.text"),
        sa.Column("end_offset", sa.Integer(), nullable=False, comment="one past the last code point"),
        sa.Column("rule", WORDS, nullable=False, comment="what labelled it"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_passage_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "position", name="pk_passage"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tone",
        sa.Column("scoring_id", ROW_ID, nullable=False),
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False, comment="scored, no_signal or unsupported_language"),
        sa.Column("tone", FIGURE, nullable=True, comment="−1…1 of the whole scored text, null unless scored"),
        sa.Column("scored_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_tone_revision_id"),
        sa.ForeignKeyConstraint(["scoring_id"], ["scoring.id"], name="fk_tone_scoring_id"),
        sa.PrimaryKeyConstraint("scoring_id", "revision_id", name="pk_tone"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "score",
        sa.Column("scoring_id", ROW_ID, nullable=False),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("state", WORDS, nullable=False, comment="scored, no_signal or unsupported_language"),
        sa.Column("score", FIGURE, nullable=True, comment="−1…1, null unless scored"),
        sa.Column(
            "label", WORDS, nullable=False, comment="negative, neutral, positive; empty for an unsupported language"
        ),
        sa.Column("relevance", sa.Integer(), nullable=False, comment="0–100"),
        sa.Column("reasons", sa.JSON(), nullable=False, comment="codes of what the relevance came from"),
        sa.Column("mention_count", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False, comment="mentions with their spans, scores and evidence"),
        sa.Column("scored_at", INSTANT, nullable=False),
        sa.CheckConstraint("(score IS NOT NULL) = (state = 'scored')", name="ck_score_score_iff_scored"),
        sa.ForeignKeyConstraint(
            ["scoring_id", "revision_id"], ["tone.scoring_id", "tone.revision_id"], name="fk_score_scoring_id"
        ),
        sa.PrimaryKeyConstraint("scoring_id", "target", "revision_id", name="pk_score"),
    )
    op.create_index("ix_score_revision_id", "score", ["revision_id"])


def downgrade() -> None:
    for table in (
        "score",
        "tone",
        "passage",
        "revision",
        "source_state",
        "skipped",
        "scoring",
        "entry",
        "article",
    ):
        op.drop_table(table)
