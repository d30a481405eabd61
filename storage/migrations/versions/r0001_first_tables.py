"""Lay the first tables: news, scores, prices, series, runs and reports."""

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
        "market",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("venue", WORDS, nullable=False, comment="ccxt id"),
        sa.Column("symbol", WORDS, nullable=False, comment="unified, as BTC/USD"),
        sa.Column("interval", WORDS, nullable=False, comment="1m 5m 15m 1h 4h 1d"),
        sa.PrimaryKeyConstraint("id", name="pk_market"),
        sa.UniqueConstraint("venue", "symbol", "interval", name="uq_market_venue_symbol_interval"),
    )
    op.create_table(
        "report",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column(
            "key", WORDS, nullable=False, comment="32 hex digits of target, window, settings digest and document"
        ),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("window_start", INSTANT, nullable=False),
        sa.Column("window_end", INSTANT, nullable=False),
        sa.Column("settings_digest", WORDS, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False, comment="the whole report"),
        sa.Column("html_name", WORDS, nullable=False, comment="where its HTML lies"),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("key", name="uq_report_key"),
    )
    op.create_index("ix_report_made_at", "report", ["made_at"])
    op.create_table(
        "run",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("job", WORDS, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True, comment="null while it runs, and for ever if it was killed"),
        sa.Column("outcome", WORDS, nullable=False, comment="running, then what it ended in"),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_job_started_at", "run", ["job", "started_at"])
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
        "series",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column(
            "key",
            WORDS,
            nullable=False,
            comment="32 hex digits of target, scorer, catalogue, venue, symbol and aggregation",
        ),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("scorer", WORDS, nullable=False),
        sa.Column("catalogue", WORDS, nullable=False),
        sa.Column("venue", WORDS, nullable=False),
        sa.Column("symbol", WORDS, nullable=False),
        sa.Column("aggregation", WORDS, nullable=False, comment="16 hex digits of the declaration"),
        sa.Column("declaration", sa.JSON(), nullable=False, comment="how articles become one value per bar"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("key", name="uq_series_key"),
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
        "candle",
        sa.Column("market_id", ROW_ID, nullable=False),
        sa.Column("open_at", INSTANT, nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="1, then one more for each restatement; highest counts"
        ),
        sa.Column("open", FIGURE, nullable=False),
        sa.Column("high", FIGURE, nullable=False),
        sa.Column("low", FIGURE, nullable=False),
        sa.Column("close", FIGURE, nullable=False),
        sa.Column("volume", FIGURE, nullable=False, comment="in base currency"),
        sa.Column("fetched_at", INSTANT, nullable=False, comment="when newscandle came to know it"),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name="fk_candle_market_id"),
        sa.PrimaryKeyConstraint("market_id", "open_at", "number", name="pk_candle"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gap",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("market_id", ROW_ID, nullable=False),
        sa.Column("start_at", INSTANT, nullable=False),
        sa.Column("end_at", INSTANT, nullable=False, comment="first instant after the hole"),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column(
            "noticed_at",
            INSTANT,
            nullable=False,
            comment="when the hole was first noticed, whatever its borders were then",
        ),
        sa.Column(
            "recorded_at",
            INSTANT,
            nullable=False,
            comment="when this row, with these borders and this reason, was written",
        ),
        sa.Column(
            "filled_at",
            INSTANT,
            nullable=True,
            comment="when it was found filled, or replaced by a row with other borders",
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name="fk_gap_market_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gap"),
        sa.UniqueConstraint(
            "market_id",
            "start_at",
            "end_at",
            "reason",
            "recorded_at",
            name="uq_gap_market_id_start_at_end_at_reason_recorded_at",
        ),
    )
    op.create_table(
        "quarantined_candle",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("market_id", ROW_ID, nullable=False),
        sa.Column("key", WORDS, nullable=False, comment="32 hex digits of reason, open_at and row"),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("open_at", INSTANT, nullable=True),
        sa.Column("row", WORDS, nullable=False, comment="as it came"),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("noticed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name="fk_quarantined_candle_market_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantined_candle"),
        sa.UniqueConstraint("market_id", "key", name="uq_quarantined_candle_market_id_key"),
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
        "series_point",
        sa.Column("series_id", ROW_ID, nullable=False),
        sa.Column("open_at", INSTANT, nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="1, then one more whenever it changed; highest counts"
        ),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("sentiment", FIGURE, nullable=True, comment="−1…1"),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("no_signal", sa.Integer(), nullable=False),
        sa.Column("no_mention", sa.Integer(), nullable=False),
        sa.Column("unsupported", sa.Integer(), nullable=False),
        sa.Column("close", FIGURE, nullable=True),
        sa.Column("log_return", FIGURE, nullable=True),
        sa.Column("realised_volatility", FIGURE, nullable=True),
        sa.Column("volume", FIGURE, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_series_point_series_id"),
        sa.PrimaryKeyConstraint("series_id", "open_at", "number", name="pk_series_point"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trial",
        sa.Column("series_key", WORDS, nullable=False),
        sa.Column("report_id", ROW_ID, nullable=False),
        sa.Column("tests", sa.Integer(), nullable=False, comment="p-values computed on this series for this report"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_trial_report_id"),
        sa.PrimaryKeyConstraint("series_key", "report_id", name="pk_trial"),
        sqlite_with_rowid=False,
    )
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
        "trial",
        "series_point",
        "revision",
        "quarantined_candle",
        "gap",
        "candle",
        "source_state",
        "skipped",
        "series",
        "scoring",
        "run",
        "report",
        "market",
        "entry",
        "article",
    ):
        op.drop_table(table)
