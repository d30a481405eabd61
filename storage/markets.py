"""The markets held: a venue, a symbol and an interval, known by one row id to candles, gaps and quarantine."""

from collections.abc import Iterable

import sqlalchemy as sa

from service.instants import Interval
from storage.schema import market
from storage.upsert import insert_new

Market = tuple[str, str, Interval]


THE_MARKET = (
    sa.select(market.c.id)
    .where(
        market.c.venue == sa.bindparam("venue"),
        market.c.symbol == sa.bindparam("symbol"),
        market.c.interval == sa.bindparam("interval"),
    )
    .scalar_subquery()
)
"""The row id of the market `name_market` names, null where nothing was ever stored of it: for use in a statement."""


def name_market(venue: str, symbol: str, interval: Interval) -> dict[str, object]:
    """What to send along with a statement that speaks of `THE_MARKET`."""
    return {"venue": venue, "symbol": symbol, "interval": interval.value}


def find_market(connection: sa.Connection, venue: str, symbol: str, interval: Interval) -> int | None:
    """The row id of a market; None where nothing was ever stored of it."""
    return connection.scalar(
        sa.select(market.c.id).where(
            market.c.venue == venue, market.c.symbol == symbol, market.c.interval == interval.value
        )
    )


def find_or_add_markets(connection: sa.Connection, markets: Iterable[Market]) -> dict[Market, int]:
    """The row ids of these markets, each added where it is not there."""
    found: dict[Market, int] = {}
    for venue, symbol, interval in sorted(set(markets), key=lambda one: (one[0], one[1], one[2].value)):
        market_id = find_market(connection, venue, symbol, interval)
        if market_id is None:
            insert_new(connection, market, ("venue", "symbol", "interval"), [(venue, symbol, interval.value)])
            market_id = find_market(connection, venue, symbol, interval)
        assert market_id is not None
        found[(venue, symbol, interval)] = market_id
    return found
