"""The real ccxt against simulated venues in their own wire formats: what is stored is what the venue holds."""

import datetime as dt
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from jobs.exchange import FirstAnswer, Manners, fetch_candles, fetch_from_first
from service.errors import BadInput, VenueFailed
from service.instants import Interval, Window, to_millis
from service.market.candle import Candle
from service.market.paging import Page
from service.market.venues import CATALOGUE
from tests.exchange_server import Bar, ExchangeServer, Reply, SimulatedVenue, json_reply

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
BRISK = Manners(pause=0, attempts=3, wait_initial=0.001, wait_max=2.0)
REACHING_BACK = sorted(name for name, venue in CATALOGUE.items() if venue.history_bars is None)


def made(count: int, missing: frozenset[int] = frozenset(), step: dt.timedelta = HOUR) -> list[Bar]:
    """Bars from START on: a waving price with cents, so that no column can stand for another."""
    found = []
    for number in range(count):
        first, last = (round(40_000 + 500 * math.sin(n / 5), 2) for n in (number, number + 1))
        high, low = round(max(first, last) + 11.25, 2), round(min(first, last) - 7.5, 2)
        found.append((to_millis(START + number * step), first, high, low, last, 1.5 + number % 9))
    return [bar for number, bar in enumerate(found) if number not in missing]


def fetch(
    name: str, bars: Sequence[Bar], window: Window, now: dt.datetime,
    rewrite: Callable[[list[Any]], list[Any]] = lambda rows: rows, interval: Interval = Interval.H1,
) -> tuple[list[Page], ExchangeServer]:  # fmt: skip
    venue = SimulatedVenue(name, bars, now, rewrite)
    with ExchangeServer(venue.reply) as server:
        pages = fetch_candles(
            name, CATALOGUE[name].symbol, interval, window, now=now, base_url=server.url, manners=BRISK
        )
        return list(pages), server


def taken(pages: Sequence[Page]) -> list[Bar]:
    return [
        (to_millis(c.open_at), c.open, c.high, c.low, c.close, c.volume) for page in pages for c in page.candles
    ]  # fmt: skip


def holes(pages: Sequence[Page]) -> list[tuple[int, int, str]]:
    return [((gap.start - START) // HOUR, (gap.end - START) // HOUR, gap.reason) for page in pages for gap in page.gaps]


@pytest.mark.parametrize("name", REACHING_BACK)
def test_sixty_days_of_hours_come_whole_from_each_venue(name: str) -> None:
    """Column order, strings, newest first, edges and page limits of each: the bars are the venue's, each once."""
    now = START + 1440.5 * HOUR
    pages, server = fetch(name, made(1500), Window(START, now), now)
    assert taken(pages) == made(1440)
    assert holes(pages) == []
    limit = CATALOGUE[name].page_limit
    assert len(server.candle_requests) == math.ceil(1440 / limit)
    assert len(server.asked) - len(server.candle_requests) == 1, "one request for the list of markets"


@pytest.mark.parametrize(("name", "reach"), [("kraken", 720), ("gemini", 1440)])
def test_a_short_history_is_told_and_not_passed_for_an_answer(name: str, reach: int) -> None:
    """The running bar is one of those handed out; what is older is a gap with its reason."""
    now = START + 1999.5 * HOUR
    pages, _ = fetch(name, made(2100), Window(START, now), now)
    first = 1999 - (reach - 1)
    assert taken(pages) == made(1999)[first:]
    assert holes(pages) == [(0, first, "out_of_reach")]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_only_closed_bars_are_taken(name: str) -> None:
    """One second before the close the bar is not there; at the close it is."""
    window = Window(START, START + 48 * HOUR)
    second = dt.timedelta(seconds=1)
    early, _ = fetch(name, made(60), window, START + 10 * HOUR - second)
    assert taken(early) == made(9)
    late, _ = fetch(name, made(60), window, START + 10 * HOUR)
    assert taken(late) == made(10)


@pytest.mark.parametrize("name", REACHING_BACK)
def test_holes_at_page_edges_and_across_pages_are_named(name: str) -> None:
    """Missing: the first bar, the last, one page edge, and a stretch longer than two of Coinbase's pages."""
    now = START + 1440.5 * HOUR
    missing = frozenset({0, 299, 300, *range(400, 1050), 1439})
    pages, _ = fetch(name, made(1500, missing), Window(START, now), now)
    cause = "no_trade" if CATALOGUE[name].omits_quiet_bars else "outage"
    assert taken(pages) == made(1440, missing)
    assert holes(pages) == [(0, 1, cause), (299, 301, cause), (400, 1050, cause), (1439, 1440, "unfetched")]
    assert pages[-1].resume_at == START + 1439 * HOUR


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_run_resumes_where_a_page_ended(name: str) -> None:
    """Kill after any page: starting again at its `resume_at` gives the rest, nothing twice, nothing lost."""
    now = START + 700.5 * HOUR
    whole, _ = fetch(name, made(800), Window(START, now), now)
    for number, page in enumerate(whole[:3]):
        rest, _ = fetch(name, made(800), Window(page.resume_at, now), now)
        assert taken(whole[: number + 1]) + taken(rest) == taken(whole)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_bars_that_cannot_be_true_are_kept_aside(name: str) -> None:
    """A row of another shape, a word, a repeated row and a half row among good ones: each refused with its reason."""

    def spoil(rows: list[Any]) -> list[Any]:
        return [*rows[:3], rows[2], "maintenance", [], *rows[3:]]

    now = START + 20.5 * HOUR
    pages, _ = fetch(name, made(30), Window(START, now), now, spoil)
    assert taken(pages) == made(20)
    reasons = sorted(row.reason for page in pages for row in page.quarantined)
    assert reasons == ["duplicate", "unreadable", "unreadable"]


def test_a_price_that_is_no_number_is_an_invalid_bar_with_its_instant() -> None:
    def spoil(rows: list[Any]) -> list[Any]:
        rows[4][2] = None
        rows[5][4] = "NaN"
        rows[6][3] = 10**9
        return rows

    now = START + 20.5 * HOUR
    pages, _ = fetch("bitfinex", made(30), Window(START, now), now, spoil)
    assert [(row.reason, row.open_at) for row in pages[0].quarantined][:2] == [
        ("invalid_bar", START + 4 * HOUR),
        ("invalid_bar", START + 5 * HOUR),
    ]
    assert holes(pages) == [(4, 6, "quarantined")]


@pytest.mark.parametrize("name", ["coinbase", "bitstamp", "binance", "bitfinex", "bitvavo", "okx"])
def test_overlapping_and_disordered_pages_are_straightened(name: str) -> None:
    def shuffle(rows: list[Any]) -> list[Any]:
        return [*rows[::2], *rows[1::2]]

    now = START + 700.5 * HOUR
    pages, _ = fetch(name, made(800), Window(START, now), now, shuffle)
    assert taken(pages) == made(700)


def test_minutes_and_days_are_asked_as_such() -> None:
    for interval in (Interval.M1, Interval.D1):
        step = interval.duration
        now = START + 50.5 * step
        for name in REACHING_BACK:
            pages, _ = fetch(name, made(60, step=step), Window(START, now), now, interval=interval)
            assert taken(pages) == made(50, step=step)


def test_each_bar_says_where_and_when_it_was_read() -> None:
    now = START + 3.5 * HOUR
    pages, _ = fetch("bitvavo", made(5), Window(START, now), now)
    first: Candle = pages[0].candles[0]
    assert (first.venue, first.symbol, first.interval, first.fetched_at) == ("bitvavo", "BTC/EUR", Interval.H1, now)


def test_the_clock_of_the_venue_counts_where_it_is_behind() -> None:
    """Ours says 10:00:00, the venue's Date header 09:59:00: the bar of 09:00 is not closed for both."""
    now = START + 10 * HOUR
    venue = SimulatedVenue("coinbase", made(20), now)

    def behind(path: str, query: dict[str, str]) -> Reply:
        reply = venue.reply(path, query)
        return Reply(reply.body, headers={"Date": "Mon, 01 Jan 2024 09:59:00 GMT"})

    with ExchangeServer(behind) as server:
        window = Window(START, now)
        pages = list(
            fetch_candles("coinbase", "BTC/USD", Interval.H1, window, now=now, base_url=server.url, manners=BRISK)
        )
    assert taken(pages) == made(9)
    assert holes(pages) == [(9, 10, "unfetched")]


def test_nothing_is_sent_where_no_bar_can_have_closed() -> None:
    window = Window(START, START + HOUR / 2)
    pages, server = fetch("coinbase", made(5), window, START + 5 * HOUR)
    assert (pages, server.asked) == ([], [])


def test_what_a_venue_does_not_have_is_said_before_asking() -> None:
    window = Window(START, START + 8 * HOUR)
    with pytest.raises(VenueFailed, match="no bars of 4h") as caught:
        next(fetch_candles("coinbase", "BTC/USD", Interval.H4, window, now=window.end))
    assert (caught.value.reason, caught.value.retriable) == ("not_supported", False)
    with pytest.raises(BadInput, match="choose one of"):
        next(fetch_candles("mtgox", "BTC/USD", Interval.H1, window, now=window.end))
    with pytest.raises(BadInput, match="zone"):
        next(fetch_candles("coinbase", "BTC/USD", Interval.H1, window, now=dt.datetime(2024, 1, 1)))  # noqa: DTZ001


def test_requests_say_who_asks_and_carry_no_key() -> None:
    now = START + 3.5 * HOUR
    _, server = fetch("coinbase", made(5), Window(START, now), now)
    for asked in server.asked:
        assert asked.headers["User-Agent"] == "newscandle"
        assert not any(name.lower().startswith(("authorization", "cb-", "api-")) for name in asked.headers)


def test_the_pause_between_requests_is_kept() -> None:
    """Six requests 50 ms apart take 250 ms by the server's count, less what the first connection was slower."""
    now = START + 1499.5 * HOUR
    venue = SimulatedVenue("coinbase", made(1500), now)
    arrivals: list[float] = []

    def timed(path: str, query: dict[str, str]) -> Reply:
        arrivals.append(time.monotonic())
        return venue.reply(path, query)

    with ExchangeServer(timed) as server:
        manners = Manners(pause=0.05)
        window = Window(START, now)
        list(fetch_candles("coinbase", "BTC/USD", Interval.H1, window, now=now, base_url=server.url, manners=manners))
    assert len(arrivals) == 6
    assert arrivals[-1] - arrivals[1] >= 0.19


def first_answer(
    servers: dict[str, ExchangeServer], window: Window, now: dt.datetime, order: Sequence[str]
) -> FirstAnswer:
    urls = {name: server.url for name, server in servers.items()}
    return fetch_from_first(order, Interval.H1, window, now=now, base_urls=urls, manners=BRISK)


def test_the_first_venue_that_answers_serves_and_the_failures_are_told() -> None:
    now = START + 20.5 * HOUR
    down = ExchangeServer(lambda path, query: json_reply({"message": "no"}, status=451))
    good = ExchangeServer(SimulatedVenue("bitstamp", made(30), now).reply)
    unused = ExchangeServer(SimulatedVenue("bitfinex", made(30), now).reply)
    with down, good, unused:
        servers = {"coinbase": down, "bitstamp": good, "bitfinex": unused}
        answer = first_answer(servers, Window(START, now), now, list(servers))
        pages = list(answer.pages)
        assert (answer.venue, answer.symbol) == ("bitstamp", "BTC/USD")
        assert [(name, error.reason) for name, error in answer.failures] == [("coinbase", "geo_blocked")]
        assert taken(pages) == made(20)
        assert unused.asked == []


def test_a_backfill_passes_over_the_venue_that_does_not_reach_back() -> None:
    now = START + 1000.5 * HOUR
    kraken = ExchangeServer(SimulatedVenue("kraken", made(1100), now).reply)
    bitstamp = ExchangeServer(SimulatedVenue("bitstamp", made(1100), now).reply)
    with kraken, bitstamp:
        servers = {"kraken": kraken, "bitstamp": bitstamp}
        assert first_answer(servers, Window(START, now), now, list(servers)).venue == "bitstamp"
        assert kraken.asked == []
        recent = Window(now - 24 * HOUR, now)
        assert first_answer(servers, recent, now, list(servers)).venue == "kraken"


def test_a_venue_without_a_candle_is_taken_only_if_nobody_has_more() -> None:
    now = START + 20.5 * HOUR
    silent = ExchangeServer(SimulatedVenue("coinbase", [], now).reply)
    good = ExchangeServer(SimulatedVenue("bitstamp", made(30), now).reply)
    with silent, good:
        window = Window(START, now)
        both = first_answer({"coinbase": silent, "bitstamp": good}, window, now, ["coinbase", "bitstamp"])
        assert (both.venue, both.failures) == ("bitstamp", ())
        list(both.pages)
        alone = first_answer({"coinbase": silent}, window, now, ["coinbase"])
        assert alone.venue == "coinbase"
        assert holes(list(alone.pages)) == [(0, 20, "unfetched")]


def test_when_all_fail_every_reason_is_named() -> None:
    now = START + 20.5 * HOUR
    blocked = ExchangeServer(lambda path, query: Reply(b"", status=451))
    down = ExchangeServer(lambda path, query: Reply(b"<html>", status=503))
    with blocked, down, pytest.raises(VenueFailed, match="coinbase: geo_blocked; bitstamp: unavailable") as caught:
        first_answer({"coinbase": blocked, "bitstamp": down}, Window(START, now), now, ["coinbase", "bitstamp"])
    assert (caught.value.reason, caught.value.retriable) == ("no_venue", True)
    with pytest.raises(BadInput, match="at least one"):
        fetch_from_first([], Interval.H1, Window(START, now), now=now)


def test_importing_the_door_does_not_import_ccxt() -> None:
    """It costs a third of a second and 70 MB: only a run that asks pays."""
    code = "import sys, jobs.exchange; sys.exit('ccxt' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
