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
    column.count("number", "1 for the text first seen, then one more for each edit"),
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
    info={"about": "One text of an article, as it was read once. An edit is a further row."},
)

passage = sa.Table(
    "passage",
    metadata,
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the revision it belongs to"
    ),
    sa.Column("position", sa.Integer(), primary_key=True, comment="0, 1 … in order of the text"),
    column.words("kind", doc="title, body, promo, disclaimer, bio, counter, related or caption"),
    column.count("start_offset", "first code point of revision.text"),
    column.count("end_offset", "one past the last code point"),
    column.words("rule", "what labelled it"),
    sqlite_with_rowid=False,
    info={"about": "A labelled stretch of a revision's text; only titles and bodies are scored."},
)

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
    info={"about": "How each source stands, kept current in place."},
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
    column.count("mention_count", doc="mentions of the target in the scored passages"),
    column.json("explanation", "mentions with their spans, scores and evidence"),
    column.instant("scored_at", doc="when it was read: the score is known from here on"),
    sa.ForeignKeyConstraint(["scoring_id", "revision_id"], ["tone.scoring_id", "tone.revision_id"]),
    sa.CheckConstraint("(score IS NOT NULL) = (state = 'scored')", name="score_iff_scored"),
    sa.Index(None, "revision_id"),
    info={"about": "What a scoring read toward one target in one revision. No row beside a tone means `no_mention`."},
)

market = sa.Table(
    "market",
    metadata,
    column.row_id(),
    column.words("venue", "ccxt id"),
    column.words("symbol", "unified, as BTC/USD"),
    column.words("interval", "1m 5m 15m 1h 4h 1d"),
    sa.UniqueConstraint("venue", "symbol", "interval"),
    info={"about": "One venue, symbol and interval."},
)

candle = sa.Table(
    "candle",
    metadata,
    sa.Column("market_id", column.RowId, sa.ForeignKey("market.id"), primary_key=True, doc="the market it belongs to"),
    sa.Column("open_at", UtcDateTime(), primary_key=True, doc="first instant of the bar"),
    sa.Column(
        "number", sa.Integer(), primary_key=True, comment="1, then one more for each restatement; highest counts"
    ),
    column.figure("open", doc="in quote currency"),
    column.figure("high", doc="in quote currency"),
    column.figure("low", doc="in quote currency"),
    column.figure("close", doc="in quote currency"),
    column.figure("volume", "in base currency"),
    column.instant("fetched_at", "when newscandle came to know it"),
    sqlite_with_rowid=False,
    info={"about": "A closed bar as the venue printed it. A restatement is a further row."},
)

quarantined_candle = sa.Table(
    "quarantined_candle",
    metadata,
    column.row_id(),
    column.reference("market_id", "market.id"),
    column.words("key", "32 hex digits of reason, open_at and row"),
    column.words("reason", doc="stable code: invalid_bar, off_grid, unfinished, duplicate, suspect …"),
    column.instant("open_at", nullable=True, doc="null where the row tells no instant"),
    column.words("row", "as it came"),
    column.words("detail", doc="for people"),
    column.instant("noticed_at", doc="when it was refused"),
    sa.UniqueConstraint("market_id", "key"),
    info={"about": "A row refused at the door, whole, with the reason."},
)

gap = sa.Table(
    "gap",
    metadata,
    column.row_id(),
    column.reference("market_id", "market.id"),
    column.instant("start_at", doc="open of the first missing bar"),
    column.instant("end_at", "first instant after the hole"),
    column.words(
        "reason", doc="stable code: unfetched, no_trade, outage, truncated, quarantined, missing_in_archive, unknown"
    ),
    column.instant("noticed_at", "when the hole was first noticed, whatever its borders were then"),
    column.instant("recorded_at", "when this row, with these borders and this reason, was written"),
    column.instant("filled_at", "when it was found filled, or replaced by a row with other borders", nullable=True),
    sa.UniqueConstraint("market_id", "start_at", "end_at", "reason", "recorded_at"),
    info={"about": "A hole in the candles of a market, never filled flat."},
)

series = sa.Table(
    "series",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of target, scorer, catalogue, venue, symbol and aggregation", unique=True),
    column.words("target", doc="key of the catalogue"),
    column.words("scorer", doc="name/version"),
    column.words("catalogue", doc="content hash of the target catalogue"),
    column.words("venue", doc="ccxt id"),
    column.words("symbol", doc="unified, as BTC/USD"),
    column.words("aggregation", "16 hex digits of the declaration"),
    column.json("declaration", "how articles become one value per bar"),
    column.instant("recorded_at", doc="when it was declared"),
    info={"about": "One declared series: a target's sentiment beside a market's moves."},
)

series_point = sa.Table(
    "series_point",
    metadata,
    sa.Column("series_id", column.RowId, sa.ForeignKey("series.id"), primary_key=True, doc="the series it belongs to"),
    sa.Column("open_at", UtcDateTime(), primary_key=True, doc="first instant of the bar"),
    sa.Column("number", sa.Integer(), primary_key=True, comment="1, then one more whenever it changed; highest counts"),
    column.instant("available_at", doc="end of the bar: the point can be known from here on"),
    column.figure("sentiment", "−1…1", nullable=True),
    column.count("scored", doc="articles of the bar that were scored"),
    column.count("no_signal", doc="articles read in which nothing was found"),
    column.count("no_mention", doc="articles read that do not name the target"),
    column.count("unsupported", doc="articles in a language that is not read"),
    column.figure("close", nullable=True, doc="in quote currency"),
    column.figure("log_return", nullable=True, doc="ln(close / previous close), null unless both bars exist"),
    column.figure(
        "realised_volatility", nullable=True, doc="of the bar, from finer bars where held, else from its range"
    ),
    column.figure("volume", nullable=True, doc="in base currency"),
    column.instant("recorded_at", doc="when newscandle came to know this row"),
    sqlite_with_rowid=False,
    info={"about": "One bar of a series, as computed once. A changed one is a further row."},
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

report = sa.Table(
    "report",
    metadata,
    column.row_id(),
    column.words("key", "32 hex digits of target, window, settings digest and document", unique=True),
    column.words("target", doc="key of the catalogue"),
    column.instant("window_start", doc="first instant looked at"),
    column.instant("window_end", doc="first instant after it"),
    column.words("settings_digest", doc="of the settings it was made with"),
    column.json("document", "the whole report"),
    column.words("html_name", "where its HTML lies"),
    column.json("verdicts", doc="list of its conclusions"),
    column.instant("made_at", doc="when it was made"),
    sa.Index(None, "made_at"),
    info={"about": "A report as it was made."},
)

trial = sa.Table(
    "trial",
    metadata,
    sa.Column("series_key", column.Words, primary_key=True, doc="key of the series"),
    sa.Column(
        "report_id", column.RowId, sa.ForeignKey("report.id"), primary_key=True, doc="the report it was tested for"
    ),
    column.count("tests", "p-values computed on this series for this report"),
    sqlite_with_rowid=False,
    info={"about": "How often a series was tested, over all reports: p-values are read with it."},
)
