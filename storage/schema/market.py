"""The tables of prices: market ─< candle, quarantined_candle, gap."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata
from storage.instant_column import UtcDateTime

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
        "reason",
        doc="stable code: unfetched, fetch_failed, maintenance, no_trade, disputed, outage, truncated, quarantined, "
        "not_listed_yet, out_of_reach, missing_in_archive, unknown",
    ),
    column.instant("noticed_at", "when the hole was first noticed, whatever its borders were then"),
    column.instant("recorded_at", "when this row, with these borders and this reason, was written"),
    column.instant("filled_at", "when it was found filled, or replaced by a row with other borders", nullable=True),
    column.count("retried", "how often it was asked for again, null where never", nullable=True),
    column.instant("last_retried_at", "when it was last asked for again, null where never", nullable=True),
    sa.UniqueConstraint("market_id", "start_at", "end_at", "reason", "recorded_at"),
    info={"about": "A hole in the candles of a market, never filled flat."},
)
