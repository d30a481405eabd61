"""What holds a ccxt client before it may speak: known hosts, GET only, no redirects, bounded answers, real JSON.

ccxt sends through `requests`, not through `jobs/egress.py`: it is the second and only other way out of newscandle. It
reads a missing or garbled body as "no candles", follows redirects anywhere and inflates whatever comes. Here every
answer is held to: a host of the venue (or the base URL given), no redirect, a size bound counted while inflating, a
time bound for the whole answer, and a body that is JSON, before an adapter sees it.
"""

import io
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from service.errors import VenueFailed
from service.market import failures

_PIECE = 65_536


class Refused(VenueFailed):
    """A failure with what the retry policy needs: whether seconds may help, and how long the venue says to wait."""

    def __init__(self, failure: failures.Failure, message: str, *, wait: float | None = None) -> None:
        self.is_passing, self.wait = failure.is_passing, wait
        super().__init__(failure.reason, message, retriable=failure.is_retriable)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`size` in bytes as inflated, `seconds` for one whole answer, `hosts` as host:port or host."""

    hosts: frozenset[str]
    size: int
    seconds: float


@dataclass(slots=True)
class Answer:
    """The last answer as it came, for telling errors apart: status, headers, beginning of the text, parsed body."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    body: object = None


def guard(client_class: Any) -> Any:
    """A subclass of a ccxt exchange class that sends only where its `bounds` allow (nowhere until they are set) and
    leaves its last `answer` to look at.

    Its `fetch_ohlcv` returns (parsed row or None, row as it came) pairs, unfiltered: ccxt would drop rows silently.
    """

    class Guarded(client_class):  # type: ignore[misc]
        answer = Answer()
        bounds = Bounds(frozenset(), 0, 0.0)

        def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            self.answer = Answer()
            if method != "GET" or urlsplit(url).netloc not in self.bounds.hosts:
                raise Refused(
                    failures.NOT_SUPPORTED, f"{self.id}: {method} {url} is not a public endpoint of the venue"
                )
            self.answer.body = super().fetch(url, method, headers, body)
            return self.answer.body

        def on_rest_response(
            self, code: int, reason: str, url: str, method: str, headers: Any, text: str, *rest: Any
        ) -> Any:
            self.answer = Answer(code, headers, text[:2000])
            return super().on_rest_response(code, reason, url, method, headers, text, *rest)

        def parse_json(self, text: str) -> Any:
            try:
                parsed = super().parse_json(text)
            except RecursionError as error:
                raise Refused(failures.MALFORMED, f"{self.id}: the answer is nested without end") from error
            if parsed is None and (self.answer.status or 0) < 400:
                raise Refused(failures.MALFORMED, f"{self.id}: the answer is not JSON: {text[:80]!r}")
            return parsed

        def set_markets(self, markets: Any, currencies: Any = None) -> Any:
            return super().set_markets(sorted(self.to_array(markets), key=_is_open), currencies)

        def parse_ohlcvs(self, rows: Any, market: Any = None, *_: Any, **__: Any) -> list[tuple[Any, Any]]:
            return [(_parse_row(self, row, market), row) for row in rows]

    return Guarded


def _parse_row(client: Any, row: Any, market: Any) -> Any:
    """The row as ccxt reads it, or None where it is no row of figures at all."""
    try:
        return client.parse_ohlcv(row, market)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        return None


def _is_open(market: Mapping[str, object]) -> bool:
    """Kraken has listed dark pools (id ending in .d) under the symbol of the open market; in ccxt the last one wins."""
    return not str(market["id"]).endswith(".d")


def bound_answers(session: Any, bounds: Bounds) -> None:
    """Make a `requests` session read every answer piece by piece within bounds, before anything else sees it."""

    def read(response: Any, *_: Any, **__: Any) -> Any:
        try:
            body = _read_within(response, bounds)
        except Refused:
            response.close()
            raise
        response.raw.release_conn()  # read to its end: the connection serves the next page
        return _reread(response, body)

    session.hooks["response"].append(read)


def _read_within(response: Any, bounds: Bounds) -> bytes:
    """The inflated body, or `Refused`. What has arrived is taken at once, so that a drip cannot outlast the clock."""
    from urllib3 import exceptions  # what `requests` reads with; it is there whenever ccxt is

    url, body, started = response.url, bytearray(), time.monotonic()
    if response.is_redirect:
        target = response.headers.get("location", "")[:200]
        raise Refused(failures.REDIRECTED, f"{url} points to {target!r}; venues do not move")
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > bounds.size:
                raise Refused(failures.TOO_LARGE, f"{url} answered with more than {bounds.size:,} bytes")
            if time.monotonic() - started > bounds.seconds:
                raise Refused(failures.TIMEOUT, f"{url} did not finish its answer in {bounds.seconds:g} s")
    except exceptions.DecodeError as error:
        raise Refused(failures.MALFORMED, f"{url} is not compressed as it claims") from error
    except (exceptions.ReadTimeoutError, TimeoutError) as error:
        raise Refused(failures.TIMEOUT, f"{url} fell silent within its answer") from error
    except (exceptions.HTTPError, OSError) as error:
        raise Refused(failures.UNAVAILABLE, f"{url} broke off its answer after {len(body):,} bytes") from error
    return bytes(body)


def _reread(response: Any, body: bytes) -> Any:
    """The same response with its body in memory, to be read anew."""
    copy = type(response)()
    for name in ("status_code", "reason", "headers", "url", "request", "encoding"):
        setattr(copy, name, getattr(response, name))
    copy.raw = io.BytesIO(body)
    return copy


def hosts_of(urls: Collection[str]) -> frozenset[str]:
    """host (with port, where one is written) of each URL."""
    return frozenset(urlsplit(url).netloc for url in urls)
