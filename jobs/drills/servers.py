"""Servers on this machine that a drill asks instead of the world: one of pages, and one that speaks as Coinbase does.

A door: the only file that listens for a drill, at 127.0.0.0/8 and nowhere else.
"""

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Bar = tuple[int, float, float, float, float, float]
"""Open instant in ms since 1970, open, high, low, close, volume."""
_PRODUCT = {
    "id": "BTC-USD",
    "base_currency": "BTC",
    "quote_currency": "USD",
    "quote_increment": "0.01",
    "base_increment": "0.00000001",
    "min_market_funds": "1",
    "status": "online",
    "trading_disabled": False,
}
_MOST_BARS = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `declared` is the Content-Length that is claimed (None: the true one); then the line is cut."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: int | None = None


Answer = Callable[[str], Reply]
"""From the path with its query to the reply."""


@contextmanager
def serve(answer: Answer, host: str = "127.0.0.1") -> Iterator[str]:
    """Answer requests at `host` on a free port for the time of the block; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            reply = answer(self.path)
            self.send_response_only(reply.status)
            length = len(reply.body) if reply.declared is None else reply.declared
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = reply.declared is not None

        def log_message(self, *_: object) -> None:
            """Say nothing: what was asked is the drill's to keep."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was killed hangs up."""

    server = Server((host, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer_as_coinbase(path: str, bars: Sequence[Bar]) -> Reply:
    """What Coinbase answers that has these bars: newest first, both edges in, 300 at most."""
    parts = urlsplit(path)
    if parts.path == "/products":
        return reply_json([_PRODUCT])
    query = dict(parse_qsl(parts.query))
    start, end = (dt.datetime.fromisoformat(query[edge]).timestamp() * 1000 for edge in ("start", "end"))
    if (end - start) / 1000 / int(query["granularity"]) > _MOST_BARS:
        return reply_json({"message": "granularity too small for the requested time range"}, status=400)
    rows = [[t // 1000, low, high, first, last, v] for t, first, high, low, last, v in bars if start <= t <= end]
    return reply_json(rows[::-1])


def reply_json(body: object, status: int = 200) -> Reply:
    """A body of JSON."""
    return Reply(json.dumps(body).encode(), status, {"Content-Type": "application/json"})
