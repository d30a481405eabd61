"""Facts of venues, names and symbols as they come from settings and files, and who is asked first."""

import datetime as dt

import pytest

from service.errors import BadInput
from service.instants import Interval, Window
from service.market.venues import CATALOGUE, find_rows, parse_venue, rank, spell_symbol, why_not
from tests.market.bars import HOUR, START


def test_a_venue_is_found_by_name() -> None:
    assert parse_venue(" Coinbase ").ccxt_id == "coinbaseexchange"
    with pytest.raises(BadInput, match="choose one of coinbase, kraken"):
        parse_venue("mtgox")


def test_euro_and_tether_are_not_dollars() -> None:
    quotes = {name: venue.quote for name, venue in CATALOGUE.items()}
    assert (quotes["bitvavo"], quotes["binance"], quotes["kraken"]) == ("EUR", "USDT", "USD")


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTC/USD", "BTC/USD"), ("BTCUSD", "BTC/USD"), ("btcusdt", "BTC/USDT"), ("XBT/USD", "BTC/USD"),
        ("BTC-EUR", "BTC/EUR"), ("btc_usdc", "BTC/USDC"), ("XXBT/ZUSD", "BTC/USD"), ("ETHBTC", "ETH/BTC"),
    ],
)  # fmt: skip
def test_symbols_are_spelled_one_way(text: str, symbol: str) -> None:
    assert spell_symbol(text) == symbol


@pytest.mark.parametrize("text", ["", "BTC", "USD", "BTC/USD/EUR", "/", "BTC/U$D", "bitcoin"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="such as BTC/USD"):
        spell_symbol(text)


def test_a_backfill_goes_to_a_venue_that_reaches_back_far_enough() -> None:
    """Kraken named first serves the last weeks; for last year's hours it is tried last, not dropped."""
    listed = [CATALOGUE["kraken"], CATALOGUE["bitstamp"]]
    now = START + 1000 * HOUR
    recent, old = Window(now - 100 * HOUR, now), Window(START, now)
    assert [venue.name for venue in rank(listed, Interval.H1, recent, now=now)] == ["kraken", "bitstamp"]
    assert [venue.name for venue in rank(listed, Interval.H1, old, now=now)] == ["bitstamp", "kraken"]


def test_kraken_reaches_exactly_720_bars_back() -> None:
    """The running bar is one of them."""
    now = START + 1000 * HOUR + dt.timedelta(minutes=5)
    oldest = now - dt.timedelta(minutes=5) - 719 * HOUR
    kraken = CATALOGUE["kraken"]
    assert why_not(kraken, Interval.H1, Window(oldest, now), now=now) is None
    assert why_not(kraken, Interval.H1, Window(oldest - HOUR, now), now=now) == "truncated"


def test_a_venue_without_the_interval_is_left_out() -> None:
    listed = [CATALOGUE["coinbase"], CATALOGUE["kraken"]]
    ranked = rank(listed, Interval.H4, Window(START, START + HOUR), now=START + HOUR)
    assert [venue.name for venue in ranked] == ["kraken"]


@pytest.mark.parametrize(
    ("name", "body", "rows"),
    [
        ("coinbase", [[1]], [[1]]), ("coinbase", {"message": "NotFound"}, None), ("coinbase", None, None),
        ("kraken", {"error": [], "result": {"XXBTZUSD": [[1]], "last": 1}}, [[1]]),
        ("kraken", {"error": [], "result": {"last": 1}}, None), ("kraken", {"error": []}, None),
        ("kraken", {"result": {"A": [], "B": []}}, None), ("kraken", [], None),
        ("bitstamp", {"data": {"pair": "BTC/USD", "ohlc": []}}, []), ("bitstamp", {"data": []}, None),
        ("okx", {"code": "0", "data": [[1]]}, [[1]]), ("okx", {"code": "0", "data": None}, None),
    ],
)  # fmt: skip
def test_rows_are_found_or_the_answer_is_not_one(name: str, body: object, rows: object) -> None:
    assert find_rows(CATALOGUE[name], body) == rows
