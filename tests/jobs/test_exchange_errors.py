"""Every way a venue can fail, through the real ccxt: one reason each, repeated only where that helps, never a guess."""

import datetime as dt
import gzip
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from jobs.exchange import Exchange, Manners, fetch_candles
from service.errors import VenueFailed
from service.instants import Interval, Window
from service.market.candle import Candle
from service.market.venues import CATALOGUE
from tests.exchange_server import ExchangeServer, Reply, SimulatedVenue, json_reply
from tests.jobs.test_exchange import BRISK, HOUR, START, made, taken

NOW = START + 20.5 * HOUR
WINDOW = Window(START, NOW)


def ask(
    name: str, *faults: Reply, manners: Manners = BRISK, symbol: str | None = None
) -> tuple[list[Any], ExchangeServer]:
    """The pages of a simulated venue that answers first with `faults`."""
    with ExchangeServer(SimulatedVenue(name, made(30), NOW).reply) as server:
        server.faults.extend(faults)
        symbol = CATALOGUE[name].symbol if symbol is None else symbol
        pages = list(fetch_candles(name, symbol, Interval.H1, WINDOW, now=NOW, base_url=server.url, manners=manners))
    return pages, server


def fail(name: str, *faults: Reply, manners: Manners = BRISK, symbol: str | None = None) -> VenueFailed:
    with pytest.raises(VenueFailed) as caught:
        ask(name, *faults, manners=manners, symbol=symbol)
    assert "\n" not in str(caught.value)
    return caught.value


HTML = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"

NAMED = [
    ("coinbase", Reply(b'{"message":"Rate limit exceeded"}', 429), "rate_limited", True),
    ("coinbase", Reply(b'{"message":"NotFound"}', 404), "not_supported", False),
    ("coinbase", Reply(b'{"message":"under maintenance"}', 503), "maintenance", True),
    ("coinbase", Reply(HTML, 403), "banned", True),
    ("coinbase", Reply(HTML, 503), "unavailable", True),
    ("kraken", json_reply({"error": ["EGeneral:Too many requests"]}), "rate_limited", True),
    ("kraken", json_reply({"error": ["EAPI:Rate limit exceeded"]}), "rate_limited", True),
    ("kraken", json_reply({"error": ["EGeneral:Temporary lockout"]}), "banned", True),
    ("kraken", json_reply({"error": ["EQuery:Unknown asset pair"]}), "bad_symbol", False),
    ("kraken", json_reply({"error": ["EService:Unavailable"]}), "unavailable", True),
    ("kraken", json_reply({"error": ["EGeneral:Invalid arguments"]}), "not_supported", False),
    ("kraken", Reply(HTML, 520), "unavailable", True),
    ("bitstamp", json_reply({"error": "Bitstamp.net is under scheduled maintenance. We'll be back soon."}, status=503),
     "maintenance", True),
    ("bitstamp", json_reply({"code": "invalid", "errors": []}, status=400), "not_supported", False),
    ("bitfinex", Reply(b'["error",10100,"apikey: invalid"]', 500), "not_supported", False),
    ("bitfinex", Reply(b'["error",10020,"limit: invalid"]', 500), "not_supported", False),
    ("bitfinex", Reply(b'["error",11010,"ratelimit: error"]', 429), "rate_limited", True),
    ("bitfinex", Reply(b'["error",20060,"maintenance"]', 500), "maintenance", True),
    ("bitfinex", Reply(b'["error",10020,"symbol: invalid"]', 500), "bad_symbol", False),
    ("bitfinex", Reply(HTML, 500), "unavailable", True),
    ("binance", json_reply({"code": -1121, "msg": "Invalid symbol."}, status=400), "bad_symbol", False),
    ("binance", json_reply({"code": -1003, "msg": "Too much request weight used"}, status=429), "rate_limited", True),
    ("binance", json_reply({"code": -1003, "msg": "IP banned until 1700000000000"}, status=418), "banned", True),
    ("binance", json_reply({"code": 0, "msg": "Service unavailable from a restricted location"}, status=451),
     "geo_blocked", False),
    ("bitvavo", json_reply({"errorCode": 105, "error": "Rate limit exceeded."}, status=403), "banned", True),
    ("bitvavo", json_reply({"errorCode": 205, "error": "symbol parameter is invalid."}, status=400),
     "bad_symbol", False),
    ("bitvavo", json_reply({"errorCode": 107, "error": "The matching engine is overloaded."}, status=503),
     "unavailable", True),
    ("gemini", json_reply({"result": "error", "reason": "RateLimit", "message": "slow down"}, status=429),
     "rate_limited", True),
    ("gemini", json_reply({"result": "error", "reason": "InvalidSymbol", "message": "no"}, status=400),
     "bad_symbol", False),
    ("gemini", json_reply({"result": "error", "reason": "Maintenance", "message": "later"}, status=503),
     "maintenance", True),
    ("okx", json_reply({"code": "50011", "msg": "Too Many Requests", "data": []}, status=429), "rate_limited", True),
    ("okx", json_reply({"code": "51001", "msg": "Instrument ID does not exist", "data": []}), "bad_symbol", False),
    ("okx", json_reply({"code": "50001", "msg": "Service temporarily unavailable", "data": []}, status=503),
     "maintenance", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "reply", "reason", "is_retriable"), NAMED, ids=[f"{n}-{r.status}-{w}" for n, r, w, _ in NAMED]
)
def test_each_dialect_has_one_reason(name: str, reply: Reply, reason: str, is_retriable: bool) -> None:
    """Given on every attempt, so that what is repeated fails in the end with the same reason."""
    error = fail(name, reply, reply, reply)
    assert (error.reason, error.retriable) == (reason, is_retriable)


GARBLED = [
    Reply(HTML, headers={"Content-Type": "text/html"}),
    Reply(b""),
    Reply(b"null"),
    Reply(b'[[1704067200,40000,40'),
    Reply(b'{"unexpected": {"shape": 1}}'),
    Reply(b"[" * 100_000),
    Reply(b'"candles"'),
    Reply(b"\xff\xfe\x00\x01"),
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(CATALOGUE))
@pytest.mark.parametrize("reply", GARBLED, ids=["html", "empty", "null", "half", "shape", "nested", "string", "bytes"])
def test_what_is_not_an_answer_fails_and_is_never_no_candles(name: str, reply: Reply) -> None:
    """An object of unknown shape is an error message to the adapters of Bitfinex and OKX; all else is malformed."""
    error = fail(name, reply, reply, reply)
    speaks = name in {"bitfinex", "okx"} and reply is GARBLED[4]
    assert (error.reason, error.retriable) == ("unavailable" if speaks else "malformed", True)


def test_rows_under_another_pairs_name_are_not_taken() -> None:
    """ccxt would read Kraken's answer for another pair as an empty one."""
    reply = json_reply(
        {"error": [], "result": {"XETHZUSD": [[1704067200, "1", "2", "1", "2", "1", "5", 3]], "last": 1}}
    )
    assert fail("kraken", reply, reply, reply).reason == "malformed"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(status: int) -> None:
    pages, server = ask("coinbase", Reply(HTML, status), Reply(HTML, status))
    assert taken(pages) == made(20)
    assert len(server.candle_requests) == 3


@pytest.mark.parametrize("status", [403, 418, 451, 404])
def test_a_refusal_is_not_hammered(status: int) -> None:
    with ExchangeServer(SimulatedVenue("binance", made(30), NOW).reply) as server:
        server.faults.append(Reply(HTML, status))
        pages = fetch_candles("binance", "BTC/USDT", Interval.H1, WINDOW, now=NOW, base_url=server.url, manners=BRISK)
        with pytest.raises(VenueFailed):
            next(pages)
        assert len(server.candle_requests) == 1


@pytest.mark.parametrize(("status", "reason"), [(429, "rate_limited"), (503, "unavailable"), (418, "banned")])
def test_a_short_retry_after_is_waited_out(status: int, reason: str) -> None:
    """For 503 and bans too, not only for 429; the next request comes no sooner."""
    started = time.monotonic()
    pages, server = ask("coinbase", Reply(HTML, status, {"Retry-After": "1"}))
    assert time.monotonic() - started >= 1.0
    assert taken(pages) == made(20)
    assert len(server.candle_requests) == 2


def test_a_long_retry_after_ends_the_call_at_once() -> None:
    started = time.monotonic()
    error = fail("coinbase", Reply(HTML, 429, {"Retry-After": "600"}))
    assert time.monotonic() - started < 2.0
    assert (error.reason, error.retriable) == ("rate_limited", True)


def test_attempts_are_bounded() -> None:
    replies = [Reply(HTML, 500)] * 10
    with ExchangeServer(SimulatedVenue("coinbase", made(30), NOW).reply) as server:
        server.faults.extend(replies)
        with pytest.raises(VenueFailed):
            list(fetch_candles("coinbase", "BTC/USD", Interval.H1, WINDOW, now=NOW, base_url=server.url, manners=BRISK))
        assert len(server.candle_requests) == BRISK.attempts


def test_pages_before_a_failure_are_given_and_the_next_run_does_the_rest() -> None:
    now = START + 700.5 * HOUR
    window = Window(START, now)
    kept: list[Any] = []
    with ExchangeServer(SimulatedVenue("coinbase", made(800), now).reply) as server:
        pages = fetch_candles("coinbase", "BTC/USD", Interval.H1, window, now=now, base_url=server.url, manners=BRISK)
        kept.append(next(pages))
        server.faults.append(Reply(HTML, 451))
        with pytest.raises(VenueFailed, match="geo_blocked"):
            next(pages)
        rest = Window(kept[0].resume_at, now)
        kept += fetch_candles("coinbase", "BTC/USD", Interval.H1, rest, now=now, base_url=server.url, manners=BRISK)
    assert taken(kept) == made(700)


def test_silence_is_a_timeout() -> None:
    reply = Reply(b"[]", delay=0.4)
    error = fail("coinbase", reply, reply, reply, manners=replace(BRISK, timeout=0.1))
    assert (error.reason, error.retriable) == ("timeout", True)


def test_an_answer_that_drips_is_a_timeout() -> None:
    """Each byte comes within the socket's time-out; the whole answer does not come within its own."""
    reply = Reply(b" " * 1000 + b"[]", drip=0.05)
    started = time.monotonic()
    error = fail("coinbase", reply, manners=replace(BRISK, timeout=1.0, answer_seconds=0.3, attempts=1))
    assert error.reason == "timeout"
    assert time.monotonic() - started < 3.0


def test_a_body_shorter_than_declared_is_not_half_read() -> None:
    body = json.dumps([[1704067200, 1, 2, 1, 2, 1]]).encode()
    reply = Reply(body, declared=len(body) + 50)
    error = fail("coinbase", reply, reply, reply)
    assert (error.reason, error.retriable) == ("unavailable", True)


def test_a_bomb_is_stopped_while_it_is_inflated() -> None:
    """60 kB that would become 60 MB."""
    reply = Reply(gzip.compress(b" " * 60_000_000), headers={"Content-Encoding": "gzip"})
    error = fail("coinbase", reply, manners=replace(BRISK, answer_bytes=1_000_000))
    assert (error.reason, error.retriable) == ("too_large", False)


def test_rubbish_that_claims_to_be_compressed_is_malformed() -> None:
    reply = Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    assert fail("coinbase", reply, reply, reply).reason == "malformed"


def test_a_redirect_is_not_followed() -> None:
    with ExchangeServer(lambda path, query: json_reply([])) as elsewhere:
        error = fail("coinbase", Reply(b"", 302, {"Location": elsewhere.url + "/products"}))
        assert elsewhere.asked == []
    assert (error.reason, error.retriable) == ("redirected", False)


def test_nobody_at_home_is_unavailable() -> None:
    with ExchangeServer(lambda path, query: Reply()) as server:
        url = server.url
    with pytest.raises(VenueFailed) as caught:
        list(fetch_candles("coinbase", "BTC/USD", Interval.H1, WINDOW, now=NOW, base_url=url, manners=BRISK))
    assert (caught.value.reason, caught.value.retriable) == ("unavailable", True)


def test_a_pair_the_venue_does_not_list_is_a_bad_symbol() -> None:
    error = fail("coinbase", symbol="BTC/GBP")
    assert (error.reason, error.retriable) == ("bad_symbol", False)


@pytest.mark.parametrize("reply", [json_reply([]), Reply(HTML), Reply(b"{}")], ids=["none", "html", "object"])
def test_a_garbled_list_of_markets_is_not_a_bad_symbol(reply: Reply) -> None:
    with ExchangeServer(lambda path, query: reply) as server, pytest.raises(VenueFailed) as caught:
        list(fetch_candles("coinbase", "BTC/USD", Interval.H1, WINDOW, now=NOW, base_url=server.url, manners=BRISK))
    assert (caught.value.reason, caught.value.retriable) == ("malformed", True)


def test_an_open_exchange_lists_its_markets_once() -> None:
    """One exchange, two intervals: two questions, one list."""
    with ExchangeServer(SimulatedVenue("bitstamp", made(30), NOW).reply) as server:
        with Exchange(CATALOGUE["bitstamp"], base_url=server.url, manners=BRISK) as exchange:
            for _ in range(2):
                pages = list(exchange.candles("BTC/USD", Interval.H1, WINDOW, now=NOW))
                assert all(isinstance(candle, Candle) for page in pages for candle in page.candles)
        assert len(server.asked) == 3


def test_requests_leave_for_the_venue_only() -> None:
    """The client's own tables point at exchanges; with a base URL not one of them is left that could be reached."""
    exchange = Exchange(CATALOGUE["binance"], base_url="http://127.0.0.1:9")
    with exchange, pytest.raises(VenueFailed, match="not a public endpoint") as caught:
        exchange._client.fetch("https://api.binance.com/api/v3/time")
    assert caught.value.reason == "not_supported"
    with Exchange(CATALOGUE["coinbase"]) as real, pytest.raises(VenueFailed, match="not a public endpoint"):
        real._client.fetch("https://api.exchange.coinbase.com.example.net/products")


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_without_a_base_url_only_the_venues_own_hosts_are_known(name: str) -> None:
    with Exchange(CATALOGUE[name]) as exchange:
        hosts = exchange._client.bounds.hosts
    home = "okx.com" if name == "okx" else f"{name}.net" if name == "bitstamp" else f"{name}.com"
    assert hosts
    assert all(host == home or host.endswith("." + home) for host in hosts)


def test_an_unclosed_hour_before_the_venues_first_is_no_error() -> None:
    """An empty list is an answer: nothing was printed."""
    pages, _ = ask("coinbase", json_reply([]), json_reply([]))
    assert taken(pages) == []
    assert [(gap.reason, gap.bars) for page in pages for gap in page.gaps] == [("unfetched", 20)]
    assert pages[-1].resume_at == dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
