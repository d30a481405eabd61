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
from sqlalchemy.dialects import postgresql

from storage.instant_column import UtcDateTime

RELEASE = "0001"
"""The schema revision this release of newscandle reads and writes: the head of `migrations/versions`."""

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _words(name: str, comment: str | None = None, *, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, Words, nullable=False, unique=unique, comment=comment)


def _instant(name: str, comment: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), nullable=nullable, comment=comment)


def _count(name: str, comment: str | None = None, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, comment=comment)


def _figure(name: str, comment: str | None = None, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable, comment=comment)


def _flag(name: str, comment: str | None = None) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, comment=comment)


def _json(name: str, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, comment=comment)


def _row_id() -> sa.Column[int]:
    return sa.Column("id", RowId, primary_key=True)


def _reference(name: str, target: str) -> sa.Column[int]:
    return sa.Column(name, RowId, sa.ForeignKey(target), nullable=False)


article = sa.Table(
    "article",
    metadata,
    _row_id(),
    _words("key", "32 hex digits: the article's identity over its revisions", unique=True),
    _words("url", "canonical address, or text:<hash>"),
    _words("source"),
    _words("guid"),
    _instant("first_seen_at"),
    _instant("recorded_at"),
)

revision = sa.Table(
    "revision",
    metadata,
    _row_id(),
    _reference("article_id", "article.id"),
    _count("number", "1 for the text first seen, then one more for each edit"),
    _words("content_hash", "32 hex digits of title and text"),
    _words("title"),
    _words("text", "whole plain text, title first; passages index it by code point"),
    _words("language", "ISO 639-1, or und"),
    _figure("language_confidence", "0–1"),
    _instant("published_at", nullable=True),
    _words("published_origin"),
    _words("published_raw"),
    _flag("published_zone_assumed"),
    _words("published_reason", "why there is no published_at"),
    _instant("modified_at", nullable=True),
    _words("modified_origin"),
    _words("modified_raw"),
    _flag("modified_zone_assumed"),
    _words("modified_reason", "why there is no modified_at"),
    _instant("available_at", "when this text could have been known: the one instant series are joined on"),
    _flag("is_assumed", "available_at is publication plus a stated delay (imported archives)"),
    _json("authors"),
    _json("tags"),
    _instant("first_seen_at"),
    _instant("recorded_at"),
    sa.UniqueConstraint("article_id", "content_hash"),
    sa.UniqueConstraint("article_id", "number"),
    sa.Index(None, "available_at"),
    sa.Index(None, "content_hash"),
)

passage = sa.Table(
    "passage",
    metadata,
    sa.Column("revision_id", RowId, sa.ForeignKey("revision.id"), primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    _words("kind"),
    _count("start_offset", "first code point of revision.text"),
    _count("end_offset", "one past the last code point"),
    _words("rule", "what labelled it"),
    sqlite_with_rowid=False,
)

skipped = sa.Table(
    "skipped",
    metadata,
    _row_id(),
    _words("key", "32 hex digits of source, stage, reason and what", unique=True),
    _words("source"),
    _words("stage"),
    _words("reason"),
    _words("what"),
    _words("detail"),
    _instant("first_recorded_at"),
    _instant("last_recorded_at"),
    _count("count", "how often it was met"),
    sa.Index(None, "last_recorded_at"),
)

source_state = sa.Table(
    "source_state",
    metadata,
    sa.Column("source", Words, primary_key=True),
    _words("url"),
    _words("etag"),
    _words("last_modified", "as the server wrote it"),
    _instant("last_checked_at", nullable=True),
    _instant("last_success_at", nullable=True),
    _words("last_failure_reason"),
    _words("last_failure_detail"),
    _instant("last_failure_at", nullable=True),
    _count("failures_in_row"),
    _instant("next_allowed_at", nullable=True),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("key", Words, primary_key=True, comment="what a feed's entry is remembered under"),
    _words("source", "the source that brought it first, the only one that may revise it"),
    _words("fingerprint", "of what the feed last said"),
    _instant("recorded_at"),
    sqlite_with_rowid=False,
)

scoring = sa.Table(
    "scoring",
    metadata,
    _row_id(),
    _words("scorer", "name/version"),
    _words("catalogue", "content hash of the target catalogue"),
    _instant("recorded_at"),
    sa.UniqueConstraint("scorer", "catalogue"),
)

tone = sa.Table(
    "tone",
    metadata,
    sa.Column("scoring_id", RowId, sa.ForeignKey("scoring.id"), primary_key=True),
    sa.Column("revision_id", RowId, sa.ForeignKey("revision.id"), primary_key=True),
    _words("language"),
    _words("state", "scored, no_signal or unsupported_language"),
    _figure("tone", "−1…1 of the whole scored text, null unless scored", nullable=True),
    _instant("scored_at"),
    sqlite_with_rowid=False,
)

score = sa.Table(
    "score",
    metadata,
    sa.Column("scoring_id", RowId, primary_key=True),
    sa.Column("target", Words, primary_key=True),
    sa.Column("revision_id", RowId, primary_key=True),
    _words("state", "scored, no_signal or unsupported_language"),
    _figure("score", "−1…1, null unless scored", nullable=True),
    _words("label", "negative, neutral, positive; empty for an unsupported language"),
    _count("relevance", "0–100"),
    _json("reasons", "codes of what the relevance came from"),
    _count("mention_count"),
    _json("explanation", "mentions with their spans, scores and evidence"),
    _instant("scored_at"),
    sa.ForeignKeyConstraint(["scoring_id", "revision_id"], ["tone.scoring_id", "tone.revision_id"]),
    sa.CheckConstraint("(score IS NOT NULL) = (state = 'scored')", name="score_iff_scored"),
    sa.Index(None, "revision_id"),
)

market = sa.Table(
    "market",
    metadata,
    _row_id(),
    _words("venue", "ccxt id"),
    _words("symbol", "unified, as BTC/USD"),
    _words("interval", "1m 5m 15m 1h 4h 1d"),
    sa.UniqueConstraint("venue", "symbol", "interval"),
)

candle = sa.Table(
    "candle",
    metadata,
    sa.Column("market_id", RowId, sa.ForeignKey("market.id"), primary_key=True),
    sa.Column("open_at", UtcDateTime(), primary_key=True),
    sa.Column(
        "number", sa.Integer(), primary_key=True, comment="1, then one more for each restatement; highest counts"
    ),
    _figure("open"),
    _figure("high"),
    _figure("low"),
    _figure("close"),
    _figure("volume", "in base currency"),
    _instant("fetched_at", "when newscandle came to know it"),
    sqlite_with_rowid=False,
)

quarantined_candle = sa.Table(
    "quarantined_candle",
    metadata,
    _row_id(),
    _reference("market_id", "market.id"),
    _words("key", "32 hex digits of reason, open_at and row"),
    _words("reason"),
    _instant("open_at", nullable=True),
    _words("row", "as it came"),
    _words("detail"),
    _instant("noticed_at"),
    sa.UniqueConstraint("market_id", "key"),
)

gap = sa.Table(
    "gap",
    metadata,
    _row_id(),
    _reference("market_id", "market.id"),
    _instant("start_at"),
    _instant("end_at", "first instant after the hole"),
    _words("reason"),
    _instant("noticed_at", "when the hole was first noticed, whatever its borders were then"),
    _instant("recorded_at", "when this row, with these borders and this reason, was written"),
    _instant("filled_at", "when it was found filled, or replaced by a row with other borders", nullable=True),
    sa.UniqueConstraint("market_id", "start_at", "end_at", "reason", "recorded_at"),
)

series = sa.Table(
    "series",
    metadata,
    _row_id(),
    _words("key", "32 hex digits of target, scorer, catalogue, venue, symbol and aggregation", unique=True),
    _words("target"),
    _words("scorer"),
    _words("catalogue"),
    _words("venue"),
    _words("symbol"),
    _words("aggregation", "16 hex digits of the declaration"),
    _json("declaration", "how articles become one value per bar"),
    _instant("recorded_at"),
)

series_point = sa.Table(
    "series_point",
    metadata,
    sa.Column("series_id", RowId, sa.ForeignKey("series.id"), primary_key=True),
    sa.Column("open_at", UtcDateTime(), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True, comment="1, then one more whenever it changed; highest counts"),
    _instant("available_at"),
    _figure("sentiment", "−1…1", nullable=True),
    _count("scored"),
    _count("no_signal"),
    _count("no_mention"),
    _count("unsupported"),
    _figure("close", nullable=True),
    _figure("log_return", nullable=True),
    _figure("realised_volatility", nullable=True),
    _figure("volume", nullable=True),
    _instant("recorded_at"),
    sqlite_with_rowid=False,
)

run = sa.Table(
    "run",
    metadata,
    _row_id(),
    _words("job"),
    _instant("started_at"),
    _instant("finished_at", "null while it runs, and for ever if it was killed", nullable=True),
    _words("outcome", "running, then what it ended in"),
    _json("counts"),
    _words("reason"),
    sa.Index(None, "job", "started_at"),
)

report = sa.Table(
    "report",
    metadata,
    _row_id(),
    _words("key", "32 hex digits of target, window, settings digest and document", unique=True),
    _words("target"),
    _instant("window_start"),
    _instant("window_end"),
    _words("settings_digest"),
    _json("document", "the whole report"),
    _words("html_name", "where its HTML lies"),
    _json("verdicts"),
    _instant("made_at"),
    sa.Index(None, "made_at"),
)

trial = sa.Table(
    "trial",
    metadata,
    sa.Column("series_key", Words, primary_key=True),
    sa.Column("report_id", RowId, sa.ForeignKey("report.id"), primary_key=True),
    _count("tests", "p-values computed on this series for this report"),
    sqlite_with_rowid=False,
)
