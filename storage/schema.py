"""The tables: what newscandle remembers, as the current release sees it. Migrations bring a database here.

    article ─< revision ─< passage        market ─< candle        series ─< series_point
                  └─< tone ─< score          ├─< gap              report ─< trial
              scoring ─┘                     └─< quarantined_candle
    skipped, entry, source_state, run

Rules that hold for every table of content:

* Nothing is overwritten. An edited article is a further `revision`, a candle the venue restated a further `number`, a
  recomputed point of a series likewise; the first stays. `recorded_at` (for candles `fetched_at`, for tones
  `scored_at`) says when newscandle came to know a row, so that the past can be read as it was.
* The unique key of each table is natural (the words of the trade, not a row id), and writing the same twice leaves one.
* `no_mention` is not stored: an article one scoring read has a `tone` row, and a target without a `score` row beside
  that tone is `no_mention`. `unsupported_language` is the state of the tone, and holds for all targets of that article.
* Instants are integers, microseconds since 1970 (`instant_column.py`). Text sorts by code point on both databases.
* `source_state`, `entry.fingerprint`, `run.finished_at` … and `skipped.count` are bookkeeping, kept current in place.
"""

import sqlalchemy as sa

from storage import column
from storage.column import metadata
from storage.instant_column import UtcDateTime

RELEASE = "0002"
"""The schema revision this release of newscandle reads and writes: the head of `migrations/versions`."""

article = sa.Table(
    "article",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits: the article's identity over its revisions", unique=True),
    column.words("url", "canonical address, or text:<hash>"),
    column.words("source"),
    column.words("guid"),
    column.instant("first_seen_at"),
    column.instant("recorded_at"),
)

revision = sa.Table(
    "revision",
    metadata,
    column.row_id(),
    column.reference("article_id", "article.id"),
    column.count("number", "1 for the text first seen, then one more for each edit"),
    column.words("content_hash", "32 hex digits of title and text"),
    column.words("title"),
    column.words("text", "whole plain text, title first; passages index it by code point"),
    column.words("language", "ISO 639-1, or und"),
    column.figure("language_confidence", "0–1"),
    column.instant("published_at", nullable=True),
    column.words("published_origin"),
    column.words("published_raw"),
    column.flag("published_zone_assumed"),
    column.words("published_reason", "why there is no published_at"),
    column.instant("modified_at", nullable=True),
    column.words("modified_origin"),
    column.words("modified_raw"),
    column.flag("modified_zone_assumed"),
    column.words("modified_reason", "why there is no modified_at"),
    column.instant("available_at", "when this text could have been known: the one instant series are joined on"),
    column.flag("is_assumed", "available_at is publication plus a stated delay (imported archives)"),
    column.json("authors"),
    column.json("tags"),
    column.instant("first_seen_at"),
    column.instant("recorded_at"),
    sa.UniqueConstraint("article_id", "content_hash"),
    sa.UniqueConstraint("article_id", "number"),
    sa.Index(None, "available_at"),
    sa.Index(None, "content_hash"),
)

passage = sa.Table(
    "passage",
    metadata,
    sa.Column("revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    column.words("kind"),
    column.count("start_offset", "first code point of revision.text"),
    column.count("end_offset", "one past the last code point"),
    column.words("rule", "what labelled it"),
    sqlite_with_rowid=False,
)

skipped = sa.Table(
    "skipped",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of source, stage, reason and what", unique=True),
    column.words("source"),
    column.words("stage"),
    column.words("reason"),
    column.words("what"),
    column.words("detail"),
    column.instant("first_recorded_at"),
    column.instant("last_recorded_at"),
    column.count("count", "how often it was met"),
    sa.Index(None, "last_recorded_at"),
)

source_state = sa.Table(
    "source_state",
    metadata,
    sa.Column("source", column.Words, primary_key=True),
    column.words("url"),
    column.words("etag"),
    column.words("last_modified", "as the server wrote it"),
    column.instant("last_checked_at", nullable=True),
    column.instant("last_success_at", nullable=True),
    column.words("last_failure_reason"),
    column.words("last_failure_detail"),
    column.instant("last_failure_at", nullable=True),
    column.count("failures_in_row"),
    column.instant("next_allowed_at", nullable=True),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("key", column.Words, primary_key=True, comment="what a feed's entry is remembered under"),
    column.words("source", "the source that brought it first, the only one that may revise it"),
    column.words("fingerprint", "of what the feed last said"),
    column.instant("recorded_at"),
    sqlite_with_rowid=False,
)

scoring = sa.Table(
    "scoring",
    metadata,
    column.row_id(),
    column.words("scorer", "name/version"),
    column.words("catalogue", "content hash of the target catalogue"),
    column.instant("recorded_at"),
    sa.UniqueConstraint("scorer", "catalogue"),
)

tone = sa.Table(
    "tone",
    metadata,
    sa.Column("scoring_id", column.RowId, sa.ForeignKey("scoring.id"), primary_key=True),
    sa.Column("revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True),
    column.words("language"),
    column.words("state", "scored, no_signal or unsupported_language"),
    column.figure("tone", "−1…1 of the whole scored text, null unless scored", nullable=True),
    column.instant("scored_at"),
    sqlite_with_rowid=False,
)

score = sa.Table(
    "score",
    metadata,
    sa.Column("scoring_id", column.RowId, primary_key=True),
    sa.Column("target", column.Words, primary_key=True),
    sa.Column("revision_id", column.RowId, primary_key=True),
    column.words("state", "scored, no_signal or unsupported_language"),
    column.figure("score", "−1…1, null unless scored", nullable=True),
    column.words("label", "negative, neutral, positive; empty for an unsupported language"),
    column.count("relevance", "0–100"),
    column.json("reasons", "codes of what the relevance came from"),
    column.count("mention_count"),
    column.json("explanation", "mentions with their spans, scores and evidence"),
    column.instant("scored_at"),
    sa.ForeignKeyConstraint(["scoring_id", "revision_id"], ["tone.scoring_id", "tone.revision_id"]),
    sa.CheckConstraint("(score IS NOT NULL) = (state = 'scored')", name="score_iff_scored"),
    sa.Index(None, "revision_id"),
)

market = sa.Table(
    "market",
    metadata,
    column.row_id(),
    column.words("venue", "ccxt id"),
    column.words("symbol", "unified, as BTC/USD"),
    column.words("interval", "1m 5m 15m 1h 4h 1d"),
    sa.UniqueConstraint("venue", "symbol", "interval"),
)

candle = sa.Table(
    "candle",
    metadata,
    sa.Column("market_id", column.RowId, sa.ForeignKey("market.id"), primary_key=True),
    sa.Column("open_at", UtcDateTime(), primary_key=True),
    sa.Column(
        "number", sa.Integer(), primary_key=True, comment="1, then one more for each restatement; highest counts"
    ),
    column.figure("open"),
    column.figure("high"),
    column.figure("low"),
    column.figure("close"),
    column.figure("volume", "in base currency"),
    column.instant("fetched_at", "when newscandle came to know it"),
    sqlite_with_rowid=False,
)

quarantined_candle = sa.Table(
    "quarantined_candle",
    metadata,
    column.row_id(),
    column.reference("market_id", "market.id"),
    column.words("key", "32 hex digits of reason, open_at and row"),
    column.words("reason"),
    column.instant("open_at", nullable=True),
    column.words("row", "as it came"),
    column.words("detail"),
    column.instant("noticed_at"),
    sa.UniqueConstraint("market_id", "key"),
)

gap = sa.Table(
    "gap",
    metadata,
    column.row_id(),
    column.reference("market_id", "market.id"),
    column.instant("start_at"),
    column.instant("end_at", "first instant after the hole"),
    column.words("reason"),
    column.instant("noticed_at", "when the hole was first noticed, whatever its borders were then"),
    column.instant("recorded_at", "when this row, with these borders and this reason, was written"),
    column.instant("filled_at", "when it was found filled, or replaced by a row with other borders", nullable=True),
    sa.UniqueConstraint("market_id", "start_at", "end_at", "reason", "recorded_at"),
)

series = sa.Table(
    "series",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of target, scorer, catalogue, venue, symbol and aggregation", unique=True),
    column.words("target"),
    column.words("scorer"),
    column.words("catalogue"),
    column.words("venue"),
    column.words("symbol"),
    column.words("aggregation", "16 hex digits of the declaration"),
    column.json("declaration", "how articles become one value per bar"),
    column.instant("recorded_at"),
)

series_point = sa.Table(
    "series_point",
    metadata,
    sa.Column("series_id", column.RowId, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("open_at", UtcDateTime(), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True, comment="1, then one more whenever it changed; highest counts"),
    column.instant("available_at"),
    column.figure("sentiment", "−1…1", nullable=True),
    column.count("scored"),
    column.count("no_signal"),
    column.count("no_mention"),
    column.count("unsupported"),
    column.figure("close", nullable=True),
    column.figure("log_return", nullable=True),
    column.figure("realised_volatility", nullable=True),
    column.figure("volume", nullable=True),
    column.instant("recorded_at"),
    sqlite_with_rowid=False,
)

run = sa.Table(
    "run",
    metadata,
    column.row_id(),
    column.words("job"),
    column.instant("started_at"),
    column.instant("finished_at", "null while it runs, and for ever if it was killed", nullable=True),
    column.words("outcome", "running, then what it ended in"),
    column.json("counts"),
    column.words("reason"),
    sa.Index(None, "job", "started_at"),
)

report = sa.Table(
    "report",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of target, window, settings digest and document", unique=True),
    column.words("target"),
    column.instant("window_start"),
    column.instant("window_end"),
    column.words("settings_digest"),
    column.json("document", "the whole report"),
    column.words("html_name", "where its HTML lies"),
    column.json("verdicts"),
    column.instant("made_at"),
    sa.Index(None, "made_at"),
)

trial = sa.Table(
    "trial",
    metadata,
    sa.Column("series_key", column.Words, primary_key=True),
    sa.Column("report_id", column.RowId, sa.ForeignKey("report.id"), primary_key=True),
    column.count("tests", "p-values computed on this series for this report"),
    sqlite_with_rowid=False,
)
