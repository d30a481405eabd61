"""Venues side by side: the newest statement of each, as known by an instant, one symbol only."""

import sqlalchemy as sa

from service.instants import Interval, Window, to_millis
from storage import candles, database
from storage.venues import load_venues
from tests.storage.builders import a_candle, at

HOUR = Interval.H1.millis


def test_each_venue_says_its_newest_and_when_it_could_be_known(engine: sa.Engine) -> None:
    stated = [
        a_candle(0, venue="kraken", close=10.0, fetched_at=at(1)),
        a_candle(0, venue="bitstamp", close=10.5, fetched_at=at(5)),
        a_candle(0, venue="bitstamp", close=11.0, fetched_at=at(9)),
        a_candle(2, venue="bitstamp", close=11.5, fetched_at=at(9)),
        a_candle(0, venue="bitvavo", symbol="BTC/EUR"),
    ]
    with database.begin(engine) as connection:
        candles.save(connection, stated)

    def load(as_of: float | None = None) -> dict[str, tuple[list[int], list[float], list[int]]]:
        with database.read(engine) as connection:
            found = load_venues(
                connection,
                symbol="BTC/USD",
                interval=Interval.H1,
                window=Window(at(0), at(3)),
                as_of=None if as_of is None else at(as_of),
            )
        return {one.venue: (one.open_at.tolist(), one.close.tolist(), one.available_at.tolist()) for one in found}

    opened = [to_millis(at(0)), to_millis(at(2))]
    assert load() == {
        "bitstamp": (opened, [11.0, 11.5], [to_millis(at(9))] * 2),
        "kraken": (opened[:1], [10.0], [opened[0] + HOUR]),
    }
    assert list(load()) == ["bitstamp", "kraken"]
    assert load(as_of=6)["bitstamp"] == (opened[:1], [10.5], [to_millis(at(5))])
    assert load(as_of=2)["bitstamp"] == ([], [], [])
