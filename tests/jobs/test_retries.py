"""Older holes are asked for again through the real ccxt: filled late, counted, bounded, and given up with a reason."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.house import House
from jobs.prices import fetch_prices
from jobs.record import Outcome
from jobs.settings import Align, Prices
from jobs.status import describe
from service.instants import format_instant
from service.market.retries import PAGES_PER_RUN
from tests.exchange_server import Bar, ExchangeServer, Reply, SimulatedVenue
from tests.jobs.houses import Hands, a_house, idle, rows
from tests.jobs.test_exchange import HOUR, START, made
from tests.jobs.test_prices import micros

OPEN = """SELECT market.venue, start_at, end_at, reason, retried, last_retried_at
    FROM gap JOIN market ON market.id = market_id WHERE filled_at IS NULL ORDER BY market.venue, start_at"""
DAILY = {"granularity": "86400", "interval": "1d"}
"""How Coinbase and Binance are asked for days."""


class Venue:
    """One venue behind an address: its hours and days, which a test may change between runs."""

    def __init__(self, name: str, clock: Hands, hours: list[Bar]) -> None:
        self.name, self.clock, self.hours = name, clock, hours
        self.days: list[Bar] = []
        self.down_after: int | None = None  # requests for candles it still answers

    def reply(self, path: str, query: dict[str, str]) -> Reply:
        is_for_days = any(query.get(name) == value for name, value in DAILY.items())
        if any(word in path for word in ("candles", "OHLC", "klines")) and self.down_after is not None:
            if self.down_after == 0:
                return Reply(b"", 403)
            self.down_after -= 1
        return SimulatedVenue(self.name, self.days if is_for_days else self.hours, self.clock()).reply(path, query)


class Bench:
    """A house that asks one venue, or several told apart by their paths, and a clock moved by hand."""

    def __init__(self, house: House, clock: Hands, server: ExchangeServer) -> None:
        self.house, self.clock, self.server = house, clock, server

    def run(self, hour: float, start: str | None = None) -> Outcome:
        self.clock.now = START + hour * HOUR
        self.server.asked.clear()
        return fetch_prices(self.house, start, None, idle)

    def holes(self) -> list[tuple[object, ...]]:
        return rows(self.house, OPEN)


@contextmanager
def a_bench(
    folder: Path, clock: Hands, reply: Callable[[str, dict[str, str]], Reply], *venues: str, align: str = ""
) -> Iterator[Bench]:
    with ExchangeServer(reply) as server:
        prices = Prices(venues=venues, base_url=server.url, attempts=1)
        with a_house(folder, clock=clock, prices=prices, align=Align(venue=align)) as house:
            yield Bench(house, clock, server)


@pytest.fixture
def clock() -> Hands:
    return Hands(START)


def test_a_hole_the_venue_fills_late_is_closed_by_the_next_run(tmp_path: Path, clock: Hands) -> None:
    """Hours 5 and 6 are missing at first, far from the newest bars; the run after has them, and says when."""
    venue = Venue("coinbase", clock, made(60, missing=frozenset({5, 6})))
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(20.5, format_instant(START))
        assert bench.holes() == [("coinbase", micros(5), micros(7), "no_trade", None, None)]
        venue.hours = made(60)
        outcome = bench.run(21.5)
        assert (outcome.counts["asked_again"], outcome.counts["filled_late"], outcome.counts["new"]) == (1, 2, 3)
        assert bench.holes() == []
        assert rows(bench.house, "SELECT noticed_at, filled_at FROM gap") == [(micros(20.5), micros(21.5))]
        assert rows(bench.house, "SELECT count(*) FROM candle") == [(21,)]


def test_a_hole_that_stays_is_asked_for_less_and_less_and_the_ledger_says_when(tmp_path: Path, clock: Hands) -> None:
    venue = Venue("coinbase", clock, made(60, missing=frozenset({5})))
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(20.5, format_instant(START))
        asked = {}
        for hour in (21.0, 21.5, 22.5, 23.0, 28.0, 29.0):
            outcome = bench.run(hour)
            asked[hour] = (outcome.counts["asked_again"], len(bench.server.candle_requests))
        assert asked == {21.0: (1, 2), 21.5: (0, 1), 22.5: (1, 2), 23.0: (0, 1), 28.0: (0, 1), 29.0: (1, 2)}
        assert bench.holes() == [("coinbase", micros(5), micros(6), "no_trade", 3, micros(29))]
        assert rows(bench.house, "SELECT count(*) FROM gap") == [(1,)]
        (market,) = json.loads(describe(bench.house, as_json=True))["candles"]
        assert (market["bars"], market["expected"], market["missing"]) == (28, 29, {"no_trade": 1})
        assert "96.5 % of 29, missing: 1 no_trade" in describe(bench.house, as_json=False)


def test_a_window_that_was_named_is_all_that_is_asked_for(tmp_path: Path, clock: Hands) -> None:
    venue = Venue("coinbase", clock, made(60, missing=frozenset({5})))
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(20.5, format_instant(START))
        outcome = bench.run(30.5, format_instant(START + 18 * HOUR))
        assert ("asked_again" in outcome.counts, len(bench.server.candle_requests)) == (False, 1)


def test_a_venue_that_fails_is_not_asked_for_holes_and_one_that_fails_then_is_counted(
    tmp_path: Path, clock: Hands
) -> None:
    """Down for the newest bars: left alone. Down afterwards: the newest bars stay, the ask counts, the run says so."""
    venue = Venue("coinbase", clock, made(60, missing=frozenset({5})))
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(20.5, format_instant(START))
        venue.down_after = 0
        bench.run(21.5)
        assert bench.holes()[0] == ("coinbase", micros(5), micros(6), "no_trade", None, None)
        venue.down_after = 1
        outcome = bench.run(22.5)
        assert outcome.counts["new"] == 2
        assert [line.split(":")[0] for line in outcome.failures] == ["coinbase"]
        assert bench.holes() == [("coinbase", micros(5), micros(6), "no_trade", 1, micros(22.5))]


def test_however_many_holes_there_are_a_run_asks_a_bounded_number(tmp_path: Path, clock: Hands) -> None:
    """Twenty holes a page apart: the newest bars first, then twelve; the next run takes the rest."""
    missing = frozenset(range(100, 100 + 20 * 400, 400))
    venue = Venue("coinbase", clock, made(8200, missing=missing))
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(8100.5, format_instant(START))
        venue.hours = made(8200)
        outcome = bench.run(8101.5)
        assert outcome.counts["filled_late"] == PAGES_PER_RUN == len(bench.server.candle_requests) - 1
        assert outcome.counts["new"] == PAGES_PER_RUN + 1, "the newest bar is there all the same"
        assert bench.run(8101.6).counts["filled_late"] == 20 - PAGES_PER_RUN
        assert bench.holes() == []


def days(first: int, last: int) -> list[Bar]:
    return [
        (int((START + number * dt.timedelta(days=1)).timestamp() * 1000), 40.0, 42.0, 39.0, 41.0, 5.0)
        for number in range(first, last)
    ]


@pytest.mark.parametrize("name", ["coinbase", "binance"])
def test_before_its_first_bar_a_venue_is_asked_and_the_hole_says_it_had_not_begun(
    tmp_path: Path, clock: Hands, name: str
) -> None:
    """It prints no day before the hole either: proven, and never asked for again. Coinbase looks back 300 days only."""
    venue = Venue(name, clock, made(200)[60:])
    venue.days = days(2, 8)
    with a_bench(tmp_path, clock, venue.reply, name) as bench:
        bench.run(150.5, format_instant(START))
        ((_, start, end, reason, *_),) = bench.holes()
        assert (start, end, reason) == (micros(0), micros(60), "no_trade" if name == "coinbase" else "outage")
        bench.run(151.5)
        assert bench.holes() == [(name, micros(0), micros(60), "not_listed_yet", 1, micros(151.5))]
        assert "100.0 % of 91, missing: 60 not_listed_yet" in describe(bench.house, as_json=False)
        assert bench.run(190.5).counts["asked_again"] == 0


def test_a_venue_that_had_begun_before_the_hole_was_only_silent(tmp_path: Path, clock: Hands) -> None:
    venue = Venue("coinbase", clock, made(200)[60:])
    venue.days = days(-40, 8)
    with a_bench(tmp_path, clock, venue.reply, "coinbase") as bench:
        bench.run(150.5, format_instant(START))
        bench.run(151.5)
        assert bench.holes() == [("coinbase", micros(0), micros(60), "no_trade", 1, micros(151.5))]


def test_what_a_venue_no_longer_serves_is_told_and_not_asked_for_again(tmp_path: Path, clock: Hands) -> None:
    """Kraken's 720 newest bars: the rest is out of reach at once, and costs no further request."""
    venue = Venue("kraken", clock, made(1100))
    with a_bench(tmp_path, clock, venue.reply, "kraken") as bench:
        bench.run(1000.5, format_instant(START))
        assert bench.holes() == [("kraken", micros(0), micros(281), "out_of_reach", None, None)]
        assert bench.run(1001.5).counts["asked_again"] == 0
        assert len(bench.server.candle_requests) == 1


def test_a_hole_that_leaves_a_venues_reach_before_it_is_filled_is_given_up(tmp_path: Path, clock: Hands) -> None:
    """Asked while in reach it stays an outage; three weeks later Kraken begins after it."""
    venue = Venue("kraken", clock, made(1500, missing=frozenset({500})))
    with a_bench(tmp_path, clock, venue.reply, "kraken") as bench:
        bench.run(600.5, format_instant(START))
        bench.run(601.5)
        assert bench.holes() == [("kraken", micros(500), micros(501), "outage", 1, micros(601.5))]
        bench.run(1300.5)
        assert bench.holes()[0] == ("kraken", micros(500), micros(501), "out_of_reach", 2, micros(1300.5))
        assert bench.run(1450.5).counts["asked_again"] == 0


def test_a_quiet_hour_in_which_another_venue_traded_is_disputed_and_stays_so(tmp_path: Path, clock: Hands) -> None:
    """Coinbase leaves out hours 5 and 6; Kraken traded in the sixth. Asked again, both say what they said."""
    coinbase = Venue("coinbase", clock, made(60, missing=frozenset({5, 6})))
    kraken = Venue("kraken", clock, [bar if n != 5 else (*bar[:5], 0.0) for n, bar in enumerate(made(60))])

    def reply(path: str, query: dict[str, str]) -> Reply:
        return (kraken if path.startswith("/0/") else coinbase).reply(path, query)

    with a_bench(tmp_path, clock, reply, "coinbase", "kraken", align="reference") as bench:
        bench.run(20.5, format_instant(START))
        for hour in (21.5, 23.5):
            bench.run(hour)
            assert [hole[1:4] for hole in bench.holes()] == [
                (micros(5), micros(6), "no_trade"), (micros(6), micros(7), "disputed"),
            ]  # fmt: skip
        assert [hole[4] for hole in bench.holes()] == [2, 2]
