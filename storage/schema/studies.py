"""The tables of what is made of it all: series ─< series_point, series ─< series_input, report ─< trial."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata
from storage.instant_column import UtcDateTime

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

series_input = sa.Table(
    "series_input",
    metadata,
    sa.Column("series_id", column.RowId, sa.ForeignKey("series.id"), primary_key=True, doc="the series it belongs to"),
    sa.Column("day", sa.Integer(), primary_key=True, comment="UTC day, counted from 1970-01-01"),
    column.words("inputs", "method, length of the candles, and numbers of bars, articles and candle statements read"),
    sqlite_with_rowid=False,
    info={
        "about": "What the points of one day were computed from, as last done: a day that reads alike is left alone."
    },
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
    sa.Column("settings_digest", column.Words, comment="of the study's choices, null where not known"),
    sa.Column("data_digest", column.Words, comment="of the series as it was read, null where not known"),
    sqlite_with_rowid=False,
    info={"about": "How often a series was tested, over all reports: p-values are read with it."},
)
