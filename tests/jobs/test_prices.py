"""The price job where a fetch fails: what it left open stands in the gap ledger until it is filled."""

import datetime as dt
from pathlib import Path

import pytest

from jobs.prices import fetch_prices
from jobs.record import Outcome
from jobs.settings import Prices
from service.instants import format_instant
from tests.exchange_server import ExchangeServer, Reply, SimulatedVenue, json_reply
from tests.jobs.houses import Hands, a_house, idle, rows
from tests.jobs.test_exchange import HOUR, START, made

HOLES = """SELECT market.venue, gap.start_at, gap.end_at, gap.reason, gap.noticed_at, gap.filled_at
    FROM gap JOIN market ON market.id = gap.market_id ORDER BY gap.recorded_at, gap.start_at"""


def micros(hour: float) -> int:
    return int((START + hour * HOUR - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 1_000_000


class Venues:
    """Coinbase and Kraken behind one address; `down` is what Coinbase answers instead of candles."""

    def __init__(self, clock: Hands) -> None:
        self.clock = clock
        self.down: Reply | None = None
        self.kraken_is_up = True

    def reply(self, path: str, query: dict[str, str]) -> Reply:
        is_kraken = path.startswith("/0/")
        if is_kraken and not self.kraken_is_up:
            return Reply(b"", 403)
        if not is_kraken and self.down is not None and "candles" in path:
            return self.down
        name = "kraken" if is_kraken else "coinbase"
        return SimulatedVenue(name, made(60), self.clock()).reply(path, query)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(Reply(b"", 403), "fetch_failed"), (json_reply({"message": "under maintenance"}, status=503), "maintenance")],
)
def test_a_failed_fetch_is_a_hole_until_the_bars_come(tmp_path: Path, answer: Reply, reason: str) -> None:
    """First noticed when the fetch failed, kept through a second failure, filled late by the third run."""
    clock = Hands(START + 10.5 * HOUR)
    venues = Venues(clock)
    with ExchangeServer(venues.reply) as server:
        prices = Prices(venues=("coinbase",), base_url=server.url, attempts=1)
        with a_house(tmp_path, clock=clock, prices=prices) as house:
            fetch_prices(house, format_instant(START), None, idle)
            assert rows(house, HOLES) == []
            venues.down = answer
            told = []
            for hour in (14.5, 20.5):
                clock.now = START + hour * HOUR
                told.append(fetch_prices(house, None, None, idle).counts["missing_bars"])
            assert told == [4, 6]
            first, second, *more = rows(house, HOLES)
            assert first == ("coinbase", micros(10), micros(14), reason, micros(14.5), micros(20.5))
            assert second == ("coinbase", micros(10), micros(20), reason, micros(14.5), None)
            assert more == []
            venues.down = None
            clock.now = START + 21.5 * HOUR
            assert fetch_prices(house, None, None, idle).counts["new"] == 11
            assert rows(house, HOLES)[1][-1] == micros(21.5)
            assert rows(house, "SELECT count(*) FROM candle") == [(21,)]


def test_a_series_that_another_venue_does_not_continue_says_so(tmp_path: Path) -> None:
    """Kraken steps in; the hole in Coinbase's own series is Coinbase's still."""
    clock = Hands(START + 10.5 * HOUR)
    venues = Venues(clock)
    with ExchangeServer(venues.reply) as server:
        prices = Prices(venues=("coinbase", "kraken"), base_url=server.url, attempts=1)
        with a_house(tmp_path, clock=clock, prices=prices) as house:
            fetch_prices(house, format_instant(START), None, idle)
            venues.down = Reply(b"", 403)
            clock.now = START + 14.5 * HOUR
            outcome: Outcome = fetch_prices(house, None, None, idle)
            assert outcome.counts["new"] == 7, "Kraken's bars from hour 7 to 13"
            held = ("coinbase", micros(10), micros(14), "fetch_failed", micros(14.5), None)
            assert rows(house, HOLES) == [held]


def test_pages_before_a_failure_are_counted_and_the_rest_is_a_hole(tmp_path: Path) -> None:
    """Two pages of Coinbase: the first is kept and counted, the second refused."""
    clock = Hands(START + 400.5 * HOUR)
    asked: list[str] = []

    def reply(path: str, query: dict[str, str]) -> Reply:
        asked.append(path)
        if len(asked) > 2:  # the list of markets, one page, then no more
            return Reply(b"", 403)
        return SimulatedVenue("coinbase", made(500), clock()).reply(path, query)

    with ExchangeServer(reply) as server:
        prices = Prices(venues=("coinbase",), base_url=server.url, attempts=1)
        with a_house(tmp_path, clock=clock, prices=prices) as house:
            outcome = fetch_prices(house, format_instant(START), None, idle)
            assert (outcome.counts["new"], outcome.counts["missing_bars"]) == (300, 100)
            assert rows(house, HOLES) == [("coinbase", micros(300), micros(400), "fetch_failed", micros(400.5), None)]


def test_a_venue_that_asks_for_rest_is_left_alone_for_as_long(tmp_path: Path) -> None:
    """429 with an hour of Retry-After: not asked within it, by a process that begins anew either; then it is."""
    clock = Hands(START + 10.5 * HOUR)
    venues = Venues(clock)
    with ExchangeServer(venues.reply) as server:
        prices = Prices(venues=("coinbase",), base_url=server.url, attempts=3)
        venues.down = Reply(b"{}", 429, {"Retry-After": "3600"})
        with a_house(tmp_path, clock=clock, prices=prices) as house:
            assert "rate_limited" in fetch_prices(house, format_instant(START), None, idle).failures[0]
        asked = len(server.asked)
        with a_house(tmp_path, clock=clock, prices=prices) as house:
            for minutes in (10, 40, 59):
                clock.now = START + 10.5 * HOUR + minutes * HOUR / 60
                [told] = fetch_prices(house, format_instant(START), None, idle).failures
                assert "resting" in told
            assert len(server.asked) == asked
            venues.down = None
            clock.now = START + 11.6 * HOUR
            assert fetch_prices(house, format_instant(START), None, idle).counts["new"] == 11
