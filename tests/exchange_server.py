"""A local HTTP exchange for the real ccxt: it plays recorded bodies, or simulates a venue in that venue's wire format.

    with ExchangeServer(SimulatedVenue("kraken", bars, now=…).reply) as server:
        fetch_candles("kraken", …, base_url=server.url)

`server.faults` are replies given instead of the next candle answers, one each; `server.asked` is every request seen.
"""

import datetime as dt
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Bar = tuple[int, float, float, float, float, float]
"""open instant in ms, open, high, low, close, volume"""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `declared` replaces the true Content-Length; `delay` is waited before answering, `drip` between
    pieces of ten bytes.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    declared: int | None = None
    drip: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def is_for_candles(self) -> bool:
        return any(word in self.path for word in ("candle", "OHLC", "ohlc", "klines"))


class ExchangeServer:
    """Serves `reply(path, query)` on 127.0.0.1 from a thread until the block ends."""

    def __init__(self, reply: Callable[[str, dict[str, str]], Reply]) -> None:
        self.asked: list[Asked] = []
        self.faults: deque[Reply] = deque()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else the body waits for the headers to be acknowledged: 40 ms

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:  # the client gave up, as some tests want it to
                    self.close_connection = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers.items()))
                outer.asked.append(asked)
                use_fault = asked.is_for_candles and outer.faults
                self._send(outer.faults.popleft() if use_fault else reply(asked.path, asked.query))

            def _send(self, answer: Reply) -> None:
                time.sleep(answer.delay)
                self.send_response_only(answer.status)
                length = len(answer.body) if answer.declared is None else answer.declared
                for name, value in {
                    "Date": self.date_time_string(),
                    "Content-Type": "application/json", "Content-Length": str(length), **answer.headers
                }.items():  # fmt: skip
                    self.send_header(name, value)
                self.end_headers()
                piece = 10 if answer.drip else max(1, len(answer.body))
                for start in range(0, len(answer.body), piece):
                    self.wfile.write(answer.body[start : start + piece])
                    time.sleep(answer.drip)
                if answer.declared is not None:
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def candle_requests(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.is_for_candles]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def json_reply(body: object, **more: Any) -> Reply:
    return Reply(json.dumps(body).encode(), **more)


@dataclass(slots=True)
class SimulatedVenue:
    """A venue that holds `bars` of one market and answers as its real namesake does: limits, order, edges, running bar.

    Bars that open after `now` are not shown; the running one is. `rewrite` may spoil the rows of an answer, in wire
    format and order, before they are sent.
    """

    name: str
    bars: Iterable[Bar]
    now: dt.datetime
    rewrite: Callable[[list[Any]], list[Any]] = lambda rows: rows

    def reply(self, path: str, query: dict[str, str]) -> Reply:
        markets = MARKETS[self.name]
        if path == markets[0]:
            return json_reply(markets[1])
        shown = sorted(bar for bar in self.bars if bar[0] <= self.now.timestamp() * 1000)
        return DIALECTS[self.name](path, query, shown, self.rewrite)


def _coinbase(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    start, end = (dt.datetime.fromisoformat(query[edge]).timestamp() * 1000 for edge in ("start", "end"))
    if (end - start) / 1000 / int(query["granularity"]) > 300:
        return json_reply({"message": "granularity too small for the requested time range"}, status=400)
    rows = [[t // 1000, low, high, first, last, v] for t, first, high, low, last, v in bars if start <= t <= end]
    return json_reply(rewrite(rows[::-1]))


def _kraken(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    newest = [bar for bar in bars[-720:] if bar[0] // 1000 > int(query.get("since", 0))]
    rows = [[t // 1000, f"{o}", f"{h}", f"{low}", f"{c}", f"{c}", f"{v}", 9] for t, o, h, low, c, v in newest]
    return json_reply({"error": [], "result": {"XXBTZUSD": rewrite(rows), "last": rows[-2][0] if rows[1:] else 0}})


def _bitstamp(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    start, end = int(query["start"]) * 1000, int(query["end"]) * 1000
    names = ("timestamp", "open", "high", "low", "close", "volume")
    rows = [
        dict(zip(names, map(str, (t // 1000, *rest)), strict=True)) for t, *rest in bars if start <= t <= end
    ][: int(query["limit"])]  # fmt: skip
    return json_reply({"data": {"pair": "BTC/USD", "ohlc": rewrite(rows)}})


def _bitfinex(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    assert query["sort"] == "1"
    rows = [[t, o, c, h, low, v] for t, o, h, low, c, v in bars if t >= int(query["start"])]
    return json_reply(rewrite(rows[: int(query["limit"])]))


def _binance(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    rows = [
        [t, f"{o}", f"{h}", f"{low}", f"{c}", f"{v}", t + 1, "0", 9, "0", "0", "0"]
        for t, o, h, low, c, v in bars if t >= int(query["startTime"])
    ]  # fmt: skip
    return json_reply(rewrite(rows[: int(query["limit"])]))


def _bitvavo(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    start, end = int(query["start"]), int(query["end"])
    rows = [[t, *(f"{figure}" for figure in figures)] for t, *figures in bars if start <= t <= end]
    return json_reply(rewrite(rows[::-1][: int(query["limit"])]))


def _gemini(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    return json_reply(rewrite([list(bar) for bar in bars[-1440:][::-1]]))


def _okx(path: str, query: dict[str, str], bars: list[Bar], rewrite: Callable[[list[Any]], list[Any]]) -> Reply:
    after, before = int(query["after"]), int(query["before"])
    rows = [[str(t), *map(str, figures), "0", "0", "1"] for t, *figures in bars if before < t < after]
    return json_reply({"code": "0", "msg": "", "data": rewrite(rows[::-1][: min(100, int(query["limit"]))])})


DIALECTS = {
    "coinbase": _coinbase, "kraken": _kraken, "bitstamp": _bitstamp, "bitfinex": _bitfinex,
    "binance": _binance, "bitvavo": _bitvavo, "gemini": _gemini, "okx": _okx,
}  # fmt: skip

MARKETS: dict[str, tuple[str, Any]] = {
    "coinbase": ("/products", [
        {"id": "BTC-USD", "base_currency": "BTC", "quote_currency": "USD", "quote_increment": "0.01",
         "base_increment": "0.00000001", "min_market_funds": "1", "status": "online", "trading_disabled": False},
    ]),
    "kraken": ("/0/public/AssetPairs", {"error": [], "result": {
        "XXBTZUSD": {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "pair_decimals": 1,
                     "lot_decimals": 8, "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [],
                     "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]], "ordermin": "0.00005", "status": "online"},
    }}),
    "bitstamp": ("/api/v2/markets/", [
        {"name": "BTC/USD", "market_symbol": "btcusd", "base_currency": "BTC", "base_decimals": 8,
         "counter_currency": "USD", "counter_decimals": 0, "minimum_order_value": "10", "trading": "Enabled",
         "market_type": "SPOT", "description": "Bitcoin / U.S. dollar"},
    ]),
    "bitfinex": ("/v2/conf/pub:info:pair,pub:info:pair:futures,pub:list:pair:securities,pub:list:pair:margin", [
        [["BTCUSD", [None, None, None, "0.00006", "2000.0", None, None, None, 0.3, 0.15, None, None]]],
        [], [], ["BTCUSD"],
    ]),
    "binance": ("/api/v3/exchangeInfo", {"timezone": "UTC", "serverTime": 0, "rateLimits": [], "symbols": [
        {"symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "baseAssetPrecision": 8, "quoteAsset": "USDT",
         "quotePrecision": 8, "orderTypes": ["LIMIT"], "isSpotTradingAllowed": True, "filters": [],
         "permissions": ["SPOT"]},
    ]}),
    "bitvavo": ("/v2/markets", [
        {"market": "BTC-EUR", "status": "trading", "base": "BTC", "quote": "EUR", "pricePrecision": "5",
         "minOrderInBaseAsset": "0.0001", "minOrderInQuoteAsset": "5", "orderTypes": ["market", "limit"]},
    ]),
    "gemini": ("/v1/symbols", ["btcusd", "ethusd"]),
    "okx": ("/api/v5/public/instruments", {"code": "0", "msg": "", "data": [
        {"instId": "BTC-USDT", "instType": "SPOT", "baseCcy": "BTC", "quoteCcy": "USDT", "state": "live",
         "lotSz": "1e-8", "minSz": "0.00001", "tickSz": "0.1", "category": "1", "ctVal": "", "ctMult": "",
         "ctType": "", "expTime": "", "listTime": "1548133413000", "lever": "10", "settleCcy": "", "stk": "",
         "uly": "", "alias": ""},
    ]}),
}  # fmt: skip
"""Where each venue lists its markets, and the least list its ccxt adapter reads."""
