"""Answers recorded from real venues, market lists included, played to the real ccxt: they come out as the venue meant.

Expected figures are those ccxt's own response tests state, or read off the recorded rows by hand.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from jobs.exchange import Manners, fetch_candles
from service.instants import Interval, Window, from_millis, to_millis
from service.market.candle import Candle
from service.market.paging import Page
from tests.exchange_server import MARKETS, ExchangeServer, Reply, json_reply

pytestmark = pytest.mark.data

BRISK = Manners(pause=0, attempts=1)


@pytest.fixture(scope="module")
def exchanges(shared_data: Path) -> Path:
    return shared_data / "exchanges"


def market_list(exchanges: Path, venue: str) -> bytes:
    """The body in a line `URL -> epoch: JSON` of a recorded session; other requests of the session are passed over."""
    marker = {"KRAKEN": "AssetPairs ->", "COINBASE": "/products ->", "GEMINI": "/v1/symbols ->",
              "BINANCE": "exchangeInfo ->", "OKX": "instType=SPOT ->"}[venue]  # fmt: skip
    for line in (exchanges / "cryptofeed" / f"{venue}.0").read_text().splitlines():
        address, _, answer = line.partition(marker)
        if answer and address.startswith("http"):
            return answer.partition(": ")[2].encode()
    raise AssertionError(f"no list of markets recorded for {venue}")


def play(
    venue: str,
    candles: Any,
    *,
    symbol: str,
    window: Window,
    now: dt.datetime,
    interval: Interval,
    markets: bytes | None,
) -> list[Page]:
    """The venue answers the first question with the recorded rows and later ones with an empty list of its kind."""
    path, own_list = MARKETS[venue]
    said: list[Any] = [candles]

    def reply(asked: str, query: dict[str, str]) -> Reply:
        if asked == path:
            return Reply(markets) if markets is not None else json_reply(own_list)
        return json_reply(said.pop() if said else _emptied(candles))

    with ExchangeServer(reply) as server:
        return list(fetch_candles(venue, symbol, interval, window, now=now, base_url=server.url, manners=BRISK))


def _emptied(body: Any) -> Any:
    if isinstance(body, list):
        return []
    return {key: _emptied(value) if isinstance(value, list | dict) else value for key, value in body.items()}


def taken(pages: list[Page]) -> list[Candle]:
    return [candle for page in pages for candle in page.candles]


def figures(candle: Candle) -> list[float]:
    return [to_millis(candle.open_at), candle.open, candle.high, candle.low, candle.close, candle.volume]


@pytest.mark.parametrize(
    ("venue", "file", "symbol"),
    [
        ("coinbase", "coinbaseexchange", "BTC/USD"),
        ("bitstamp", "bitstamp", "BTC/USD"),
        ("bitfinex", "bitfinex2", "BTC/USD"),
        ("gemini", "gemini", "BTC/USD"),
        ("bitvavo", "bitvavo", "BTC/EUR"),
    ],
)
def test_rows_come_out_as_ccxt_itself_states(exchanges: Path, venue: str, file: str, symbol: str) -> None:
    """low,high,open,close · strings in objects · open,close,high,low · newest first: all become one order."""
    recorded = json.loads((exchanges / "ccxt_static" / f"{file}_fetchOHLCV.json").read_text())
    expected = recorded["parsedResponse"]
    interval = Interval.parse(recorded["input"][1])
    first, last = from_millis(expected[0][0]), from_millis(expected[-1][0])
    window = Window(first, last + interval.duration)
    listed = {"coinbase": "COINBASE", "gemini": "GEMINI"}.get(venue)
    markets = market_list(exchanges, listed) if listed else None
    rows, now = recorded["httpResponse"], window.end
    pages = play(venue, rows, symbol=symbol, window=window, now=now, interval=interval, markets=markets)
    assert [figures(candle) for candle in taken(pages)] == expected
    assert all(not page.quarantined for page in pages)


def test_coinbase_minutes_of_2018_come_oldest_first(exchanges: Path) -> None:
    rows = json.loads((exchanges / "xchange" / "coinbasepro_example-historical-candles.json").read_text())
    start = dt.datetime(2018, 2, 1, tzinfo=dt.UTC)
    window = Window(start, start + dt.timedelta(minutes=10))
    pages = play(
        "coinbase", rows, symbol="BTC/USD", window=window, now=window.end, interval=Interval.M1,
        markets=market_list(exchanges, "COINBASE"),
    )  # fmt: skip
    found = taken(pages)
    assert [candle.open_at for candle in found] == [start + dt.timedelta(minutes=n) for n in range(10)]
    assert figures(found[-1])[1:] == [10106.01, 10120.21, 10106, 10120.21, 2.85107455]
    assert [gap for page in pages for gap in page.gaps] == []


@pytest.mark.parametrize(
    ("file", "symbol", "count"),
    [
        ("xchange/kraken_example-ohlc-data.json", "BTC/USD", 720),
        ("nautilus/kraken_http_ohlc.json", "BTC/USDT", 721),
    ],
)
def test_krakens_window_is_told_from_an_answer(exchanges: Path, file: str, symbol: str, count: int) -> None:
    """Asked for a day more than it serves: its minutes whole but for the running one, and the day as a gap."""
    body = json.loads((exchanges / file).read_text())
    rows = next(value for key, value in body["result"].items() if key != "last")
    assert len(rows) == count
    first, last = (dt.datetime.fromtimestamp(rows[end][0], dt.UTC) for end in (0, -1))
    now = last + dt.timedelta(seconds=30)
    pages = play(
        "kraken", body, symbol=symbol, window=Window(first - dt.timedelta(days=1), now), now=now, interval=Interval.M1,
        markets=market_list(exchanges, "KRAKEN"),
    )  # fmt: skip
    found = taken(pages)
    assert len(found) == count - 1
    assert (found[0].open_at, found[-1].close_at) == (first, last)
    assert [(gap.reason, gap.bars) for page in pages for gap in page.gaps] == [("out_of_reach", 1440)]
    assert any(candle.volume == 0 for candle in found), "Kraken prints the minutes in which nothing traded"
    assert all(not page.quarantined for page in pages)


def test_bitfinexs_oldest_row_is_not_taken_for_the_asked_one(exchanges: Path) -> None:
    """The recording answered a question of 2024 with its first candle of 2019: nothing is taken, the hole is named."""
    recorded = json.loads((exchanges / "ccxt_static" / "bitfinex2_fetchOHLCV.json").read_text())
    start = dt.datetime(2024, 3, 13, tzinfo=dt.UTC)
    window = Window(start, start + dt.timedelta(hours=5))
    pages = play(
        "bitfinex", recorded["httpResponse"], symbol="BTC/USD", window=window, now=window.end, interval=Interval.H1,
        markets=None,
    )  # fmt: skip
    assert taken(pages) == []
    assert [(gap.reason, gap.bars) for page in pages for gap in page.gaps] == [("truncated", 5)]


@pytest.mark.parametrize(("venue", "listed", "row"), [
    ("binance", "BINANCE", [1704067200000, "42283.58", "42554.57", "42261.02", "42475.23", "1271.68108",
                            1704070799999, "53957248.97", 47134, "682.57581", "28957416.81", "0"]),
    ("okx", "OKX", ["1704067200000", "42265.1", "42518.3", "42262.4", "42452.1", "231.2", "9.8e6", "9.8e6", "1"]),
])  # fmt: skip
def test_large_market_lists_are_read(exchanges: Path, venue: str, listed: str, row: list[Any]) -> None:
    """Megabytes of real instruments, of which one is asked for; the rows are made, in the venues' documented form."""
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    window = Window(start, start + dt.timedelta(hours=1))
    body = [row] if venue == "binance" else {"code": "0", "msg": "", "data": [row]}
    pages = play(
        venue, body, symbol="BTC/USDT", window=window, now=window.end, interval=Interval.H1,
        markets=market_list(exchanges, listed),
    )  # fmt: skip
    (candle,) = taken(pages)
    assert figures(candle) == [to_millis(start), *map(float, row[1:6])]
