"""The one way out: every byte newscandle asks the network for passes here, and no other file opens a socket.

(Exchanges go through ccxt, held by `exchange_guard.py`; models of the Hugging Face hub through `model_hub.py`; the
database through its driver.)

    Request ─▶ robots.txt ─▶ turn of the host ─▶ socket, if its address is public ─▶ status, headers
                  ▲                                                                       ├▶ redirect: judged, again
                  └────────────────────────────────────────────────────────────────────────┘
                                                     body, inflated within bounds ◀───────┴▶ Fetched | FetchFailed

An address is judged where it is connected to, after DNS, so that no spelling, redirect or second answer of a name
server leads elsewhere. Proxies that the environment names are not used: behind one, the guard would see only the proxy.
"""

import asyncio
import datetime as dt
import re
import socket
import ssl
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from types import TracebackType
from typing import Final, Self

import aiohttp
import stamina
from aiohttp.abc import AbstractResolver

from jobs.addresses import NOT_WEB_PORTS, BlockedAddress, is_public, is_within
from jobs.asking import (
    LONGEST_WAIT_SECONDS,
    Answer,
    Fetched,
    Limits,
    Posting,
    Request,
    RetryLater,
    conditional_headers,
    host_of,
    judge,
    judge_posting,
    origin_of,
    require_http,
    shown,
)
from jobs.manners import Hosts, Pace
from jobs.redirects import PERMANENT, REDIRECTS, next_address
from jobs.robots import Robots
from service.errors import FetchFailed
from service.news.manners.polling import NOT_REACHED, PASSING
from service.news.text.inflating import Inflater, offered_codings

__all__ = ["PASSING", "AbstractResolver", "Egress", "Fetched", "Limits", "Posting", "Request", "RetryLater"]

_blocked: ContextVar[list[tuple[str, str]] | None] = ContextVar("refused by the request under way", default=None)
_AGENT: Final = "newscandle"
_READ_TIMEOUT_SECONDS: Final = 30.0


class Egress:
    """An open door; use as `async with Egress(limits, clock) as egress`. `hosts` is what is known from earlier."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], dt.datetime],
        hosts: Hosts | None = None,
        *,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._limits, self._clock, self._resolver = limits, clock, resolver
        hosts = Hosts() if hosts is None else hosts
        self._pace = Pace(limits.host_gap, limits.concurrent, hosts, clock)
        self._robots = Robots(self._read_robots, _AGENT, hosts.robots, clock)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        contact = f" (+{self._limits.contact})" if self._limits.contact else ""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=self._make_socket, limit=self._limits.concurrent * 2, resolver=self._resolver
            ),
            timeout=aiohttp.ClientTimeout(
                total=self._limits.total_timeout,
                sock_connect=self._limits.connect_timeout,
                sock_read=min(_READ_TIMEOUT_SECONDS, self._limits.total_timeout),
            ),
            headers={"User-Agent": f"{_AGENT}/0.1{contact}", "Accept-Encoding": offered_codings()},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        self._session._retry_connection = False  # noqa: SLF001 - it would ask again at once, past its turn
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def fetch(self, request: Request) -> Fetched:
        """The answer to `request`; raises `FetchFailed` with a reason code, after the retries the settings allow.

        Retried are time-outs, resets, DNS failures, 429 and 5xx, with exponential back-off and jitter, or after the
        Retry-After the host names when that is a minute at most (else `RetryLater`, at once). A host that is down or
        answers 429 is left alone by every later request too, see `Pace.rest`; so is one that names a Retry-After.
        """
        require_http(request.url)
        asked = [request.url]
        try:
            try:
                return await self._follow(request, asked)
            except FetchFailed as first:
                if _backoff(first) is False:
                    raise
                return await self._try_again(request, asked, first)
        except FetchFailed as error:
            if error.reason in NOT_REACHED or (error.reason == "rate_limited" and not isinstance(error, RetryLater)):
                self._pace.rest(host_of(asked[-1]), None)
            raise

    async def _try_again(self, request: Request, asked: list[str], first: FetchFailed) -> Fetched:
        """Go on after the `first` attempt failed: most need no second one, nor what counts and waits for it."""
        failed: FetchFailed | None = first
        async for attempt in stamina.retry_context(
            on=_backoff, attempts=self._limits.attempts, timeout=None, wait_initial=1.0, wait_max=20.0
        ):
            with attempt:
                if failed is not None:
                    error, failed = failed, None
                    raise error
                return await self._follow(request, asked)
        raise AssertionError("the retry loop ends by return or raise")

    async def post(self, posting: Posting) -> None:
        """Send it once, to a public address as all; raises `FetchFailed` unless it was taken (2xx).

        No retry, no redirect, no robots.txt: whoever asks keeps what was not taken.
        """
        require_http(posting.url)
        assert self._session is not None
        blocked: list[tuple[str, str]] = []
        token = _blocked.set(blocked)
        try:
            asked = self._session.post(posting.url, data=posting.body, headers=posting.headers, allow_redirects=False)
            async with asked as response:
                answer = Answer(
                    response.status, {name.lower(): response.headers[name] for name in response.headers}, b""
                )
                response.close()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            # what the error says may hold the whole address
            told = getattr(error, "strerror", "") or type(error).__name__
            reason, why = blocked[0] if blocked else (_reason_of(error), told)
            raise FetchFailed(reason, f"{origin_of(posting.url)}: {why}") from None
        finally:
            _blocked.reset(token)
        judge_posting(posting, answer, self._clock())

    async def _follow(self, request: Request, asked: list[str]) -> Fetched:
        url = moved = request.url
        seen, is_permanent = {url}, True
        while True:
            asked.append(url)
            delay = await self._robots.check(url) if self._limits.follow_robots else 0.0
            headers = conditional_headers(request, url)
            answer = await self._get(url, headers, delay)
            if answer.status not in REDIRECTS:
                break
            is_permanent = is_permanent and answer.status in PERMANENT
            url = next_address(url, answer.headers.get("location", ""), seen)
            moved = url if is_permanent else moved
        try:
            return judge(
                url,
                answer,
                moved="" if moved == request.url else moved,
                is_conditional=len(headers) > 1,
                now=self._clock(),
            )
        except RetryLater as error:
            self._pace.rest(host_of(url), error.seconds)
            raise

    async def _read_robots(self, url: str) -> bytes | None:
        """The file, None where there is none. Raises as `judge` for 429 and 5xx."""
        seen = {url}
        while True:
            answer = await self._get(url, {}, 0.0)
            if answer.status in REDIRECTS:
                try:
                    url = next_address(url, answer.headers.get("location", ""), seen)
                except FetchFailed:
                    return None  # RFC 9309, 2.3.1.2: as if there were none
            elif answer.status == 200:
                return answer.body
            elif answer.status >= 500 or answer.status == 429:
                judge(url, answer, moved="", is_conditional=False, now=self._clock())
            else:
                return None

    async def _get(self, url: str, headers: dict[str, str], delay: float) -> Answer:
        """One request and its answer; the body is read for 200 alone."""
        assert self._session is not None
        host = host_of(url)
        blocked: list[tuple[str, str]] = []
        token = _blocked.set(blocked)
        try:
            async with (
                self._pace.turn(host, delay),
                self._session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                told = {name.lower(): ", ".join(response.headers.getall(name)) for name in response.headers}
                body = await self._read(response, shown(url)) if response.status in (200, 203) else b""
                if response.status not in (429, 503):
                    self._pace.forgive(host)
                return Answer(response.status, told, body)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _translate(error, url, blocked) from error
        finally:
            _blocked.reset(token)

    async def _read(self, response: aiohttp.ClientResponse, where: str) -> bytes:
        if (response.content_length or 0) > self._limits.max_bytes:
            response.close()
            raise FetchFailed("too_large", f"{where}: announces {response.content_length:,} bytes")
        codings = ",".join(response.headers.getall("Content-Encoding", []))
        try:
            inflater = Inflater(codings, self._limits.max_bytes, where)
            async for part in response.content.iter_chunked(65536):
                inflater.feed(part)
            return inflater.finish()
        except FetchFailed:
            response.close()
            raise

    def _make_socket(self, info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        """A socket for this address, if it may be connected to; called by aiohttp for every connection it makes."""
        family, kind, protocol, _, address = info
        host, port = str(address[0]), int(address[1])
        if not (self._limits.allow_private or is_public(host) or is_within(host, self._limits.allow_networks)):
            raise _refuse("blocked_address", f"{host} is not a public address (ingest.allow_networks)")
        if port in NOT_WEB_PORTS - self._limits.allow_ports:
            raise _refuse("blocked_port", f"port {port} is not one of the web (ingest.allow_ports)")
        made = socket.socket(family, kind, protocol)
        made.settimeout(0.0)
        return made


def _refuse(reason: str, why: str) -> BlockedAddress:
    """Noted apart from the error: of several addresses of a name, aiohttp tells only that all failed."""
    blocked = _blocked.get()
    if blocked is not None:
        blocked.append((reason, why))
    return BlockedAddress(why)


def _backoff(error: Exception) -> bool | float:
    if isinstance(error, RetryLater):
        return error.seconds if error.reason != "resting" and error.seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, FetchFailed) and error.reason in PASSING - {"rate_limited", "robots_failed"}


def _translate(error: Exception, url: str, blocked: list[tuple[str, str]]) -> FetchFailed:
    if blocked:
        reason, why = blocked[0]
        return FetchFailed(reason, f"{shown(url)}: {why}")
    told = shown(_first_line(str(error)))
    return FetchFailed(_reason_of(error), f"{shown(url)}: {type(error).__name__}: {told}")


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")[:300]


_REASONS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    ((aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError), "tls"),
    (aiohttp.ClientConnectorDNSError, "dns"),
    (aiohttp.ConnectionTimeoutError, "connect_timeout"),
    (aiohttp.SocketTimeoutError, "read_timeout"),
    (asyncio.TimeoutError, "total_timeout"),
    (aiohttp.ClientConnectorError, "connect_failed"),
    (aiohttp.ClientPayloadError, "truncated"),
    ((aiohttp.InvalidURL, ValueError), "malformed_url"),
)
_GARBLED: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"more than \d+ bytes when reading|too many headers", re.IGNORECASE), "too_large"),
    (re.compile(r"Content-Length|Data after", re.IGNORECASE), "length_mismatch"),
    (re.compile(r"Bad status line.*?\n {8,}\^", re.DOTALL), "length_mismatch"),  # it stands behind a body
)


def _reason_of(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientResponseError):  # what came is no HTTP: its message alone tells why
        return _find(((pattern.search(error.message), reason) for pattern, reason in _GARBLED), "malformed")
    return _find(((isinstance(error, kind), reason) for kind, reason in _REASONS), "reset")


def _find(cases: Iterable[tuple[object, str]], otherwise: str) -> str:
    return next((reason for holds, reason in cases if holds), otherwise)
