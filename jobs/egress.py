"""The one way out: every byte newscandle asks the network for (exchanges apart, see jobs/exchange.py) passes here.

Public addresses only, judged on the address connected to; http and https only; redirects followed by hand and judged
again; sizes counted after decompression; one request at a time to a host.
"""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import stamina

from jobs.addresses import BlockedAddress, is_public
from jobs.manners import Pace, Robots, Rulebook, read_retry_after
from service.errors import BadInput, FetchFailed

MAX_REDIRECTS = 5
LONGEST_WAIT_SECONDS = 60.0  # a longer Retry-After ends the attempt; the source is left alone until then
_STATUS_REASONS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 410: "gone", 429: "rate_limited"}
PASSING = frozenset(
    {"rate_limited", "unavailable", "connect_timeout", "read_timeout", "total_timeout", "reset", "truncated", "dns"}
)
"""Reasons of failures that trying again may cure."""
_blocked: ContextVar[list[str] | None] = ContextVar("blocked addresses of the request under way", default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and manners; times in seconds, `max_bytes` counted after decompression."""

    contact: str = ""
    connect_timeout: float = 10.0
    total_timeout: float = 45.0
    max_bytes: int = 10_000_000
    attempts: int = 3
    concurrent: int = 8
    host_gap: float = 2.0
    follow_robots: bool = True
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A GET, conditional where a validator is known; validators are echoed byte for byte."""

    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = "*/*"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: decompressed `body`, empty where `is_unchanged` (304). `url` is the last one of a redirect."""

    url: str
    status: int
    body: bytes
    content_type: str
    etag: str
    last_modified: str
    fetched_at: dt.datetime
    is_unchanged: bool = False
    moved_permanently_to: str = ""


class RetryLater(FetchFailed):
    """The host asks to be left alone for `seconds`."""

    def __init__(self, reason: str, message: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(reason, message)


class Egress:
    """An open door; use as `async with Egress(limits, clock) as egress`."""

    def __init__(self, limits: Limits, clock: Callable[[], dt.datetime], robots: Rulebook | None = None) -> None:
        self._limits, self._clock = limits, clock
        self._agent = f"newscandle/0.1 (+{limits.contact})" if limits.contact else "newscandle/0.1"
        self._pace = Pace(limits.host_gap, limits.concurrent)
        self._robots = Robots(self._read_robots, "newscandle", {} if robots is None else robots)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(
            total=self._limits.total_timeout,
            sock_connect=self._limits.connect_timeout,
            sock_read=min(30.0, self._limits.total_timeout),
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._make_socket, limit=self._limits.concurrent * 2),
            timeout=timeout,
            headers={"User-Agent": self._agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def fetch(self, request: Request) -> Fetched:
        """The answer to `request`; raises `FetchFailed` with a reason code, after the retries the settings allow.

        Retried are time-outs, resets, DNS failures, 429 and 5xx, with exponential back-off and jitter, or after the
        Retry-After the host names when that is a minute at most (else `RetryLater`, at once).
        """
        _require_http(request.url)
        async for attempt in stamina.retry_context(
            on=_backoff, attempts=self._limits.attempts, timeout=None, wait_initial=1.0, wait_max=20.0
        ):
            with attempt:
                return await self._follow(request)
        raise AssertionError("the retry loop ends by return or raise")

    async def _follow(self, request: Request) -> Fetched:
        url, permanent = request.url, True
        seen = {url}
        for _ in range(MAX_REDIRECTS + 1):
            if self._limits.follow_robots:
                await self._robots.check(_origin(url), url)
            status, headers, body = await self._get(url, _conditional_headers(request, url))
            if status not in (301, 302, 303, 307, 308):
                moved = url if permanent and url != request.url else ""
                return self._judge(url, status, headers, body, moved)
            permanent = permanent and status in (301, 308)
            url = _redirect(url, headers.get("Location", ""), seen)
        raise FetchFailed("redirect_limit", f"{request.url}: more than {MAX_REDIRECTS} redirects")

    async def _get(self, url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        assert self._session is not None
        blocked: list[str] = []
        token = _blocked.set(blocked)
        try:
            async with (
                self._pace.turn(urlsplit(url).hostname or ""),
                self._session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                body = await self._read(response) if response.status not in (304, 301, 302, 303, 307, 308) else b""
                return response.status, response.headers, body
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _translate(error, url, blocked) from error
        finally:
            _blocked.reset(token)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_chunked(65536):
            size += len(part)
            if size > self._limits.max_bytes:
                response.close()
                raise FetchFailed("too_large", f"{response.url}: more than {self._limits.max_bytes:,} bytes")
            parts.append(part)
        return b"".join(parts)

    async def _read_robots(self, url: str) -> bytes | None:
        status, _, body = await self._get(url, {})
        if status >= 500:
            raise FetchFailed("unavailable", f"{url}: status {status}")
        return body if status == 200 else None

    def _judge(self, url: str, status: int, headers: Mapping[str, str], body: bytes, moved: str) -> Fetched:
        if status == 200 or status == 304:
            return Fetched(
                url=url,
                status=status,
                body=body,
                content_type=headers.get("Content-Type", ""),
                etag=headers.get("ETag", ""),
                last_modified=headers.get("Last-Modified", ""),
                fetched_at=self._clock(),
                is_unchanged=status == 304,
                moved_permanently_to=moved,
            )
        reason = _STATUS_REASONS.get(status, "unavailable" if status >= 500 else "refused")
        message = f"{url}: the server answered {status}"
        wait = read_retry_after(headers.get("Retry-After", ""), self._clock()) if status in (429, 503) else None
        if wait is not None:
            raise RetryLater(reason, f"{message} and asks for {wait:.0f} s of rest", wait)
        raise FetchFailed(reason, message)

    def _make_socket(self, info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not self._limits.allow_private and not is_public(str(address[0])):
            blocked = _blocked.get()
            if blocked is not None:
                blocked.append(str(address[0]))
            raise BlockedAddress(f"refused {address[0]}")
        made = socket.socket(family, kind, protocol)
        made.settimeout(0.0)
        return made


def _backoff(error: Exception) -> bool | float:
    if isinstance(error, RetryLater):
        return error.seconds if error.seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, FetchFailed) and error.reason in PASSING


def _require_http(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise BadInput("url", url, "give an address that begins with http:// or https://")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _conditional_headers(request: Request, url: str) -> dict[str, str]:
    headers = {"Accept": request.accept}
    if url == request.url:  # validators belong to the address they came from
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
    return headers


def _redirect(url: str, location: str, seen: set[str]) -> str:
    target = urljoin(url, location)
    parts = urlsplit(target)
    if not location or parts.scheme not in ("http", "https"):
        raise FetchFailed("redirect_scheme", f"{url}: redirects to {location!r}, which is not http or https")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise FetchFailed("redirect_scheme", f"{url}: redirects from https down to http")
    if target in seen:
        raise FetchFailed("redirect_loop", f"{url}: redirects in a circle")
    seen.add(target)
    return target


def _translate(error: Exception, url: str, blocked: list[str]) -> FetchFailed:
    if blocked:
        return FetchFailed("blocked_address", f"{url}: {', '.join(blocked)} is not a public address")
    return FetchFailed(_reason_of(error), f"{url}: {type(error).__name__}: {error}")


def _reason_of(error: Exception) -> str:
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        ((aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError), "tls"),
        (aiohttp.ClientConnectorDNSError, "dns"),
        (aiohttp.ConnectionTimeoutError, "connect_timeout"),
        (aiohttp.SocketTimeoutError, "read_timeout"),
        (asyncio.TimeoutError, "total_timeout"),
        (aiohttp.ClientPayloadError, "truncated"),
        ((aiohttp.InvalidURL, ValueError), "malformed_url"),
        (aiohttp.ClientResponseError, "malformed"),
    )
    return next((reason for kind, reason in kinds if isinstance(error, kind)), "reset")
