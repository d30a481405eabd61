"""Lay the tables of prices and what is made of them: candles, gaps, series, runs and reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z
FIGURE: sa.Double[float] = sa.Double()


def upgrade() -> None:
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


def downgrade() -> None:
    for table in (
        "trial",
        "series_point",
        "quarantined_candle",
        "gap",
        "candle",
        "series",
        "run",
        "report",
        "market",
    ):
        op.drop_table(table)
