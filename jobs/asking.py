"""What is asked of the web, within which bounds, what comes back, and the reasons where nothing does."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from jobs.addresses import Network
from service.errors import BadInput, FetchFailed
from service.news.manners.caching import read_lifetime, read_retry_after
from service.redaction import strike_looks

LONGEST_WAIT_SECONDS = 60.0
"""The longest that a run waits for a host's turn or for a Retry-After; what needs more is left to a later run."""
UNDER_WAY = 1_024
"""Of so many addresses it is remembered what they are made of: each is asked for that several times on its way."""
_STATUS_REASONS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 410: "gone", 429: "rate_limited"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and manners; times in seconds, `max_bytes` counted on the wire and after decompression."""

    contact: str = ""
    connect_timeout: float = 10.0
    total_timeout: float = 45.0
    max_bytes: int = 10_000_000
    attempts: int = 3
    concurrent: int = 8
    host_gap: float = 2.0
    follow_robots: bool = True
    allow_private: bool = False
    allow_networks: tuple[Network, ...] = ()  # that may be connected to as if they were public
    allow_ports: frozenset[int] = frozenset()  # of those that are no web ports


@dataclass(frozen=True, slots=True)
class Request:
    """A GET, conditional where a validator is known; validators are echoed byte for byte.

    They go to `validated_url`, the address they came from as `shown` ("": `url`), and to no other that redirects lead
    to.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = "*/*"
    validated_url: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """A POST to an address that the operator named and that may itself be a secret: only its origin is ever shown."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: decompressed `body`, empty where `is_unchanged` (304). `url` is the last one of a redirect.

    `moved_permanently_to`: where the permanent redirects from the first address led, before any temporary one.
    `fresh_for`: how long the headers say that it need not be asked for again. `date`: the header, as it came.
    """

    url: str
    status: int
    body: bytes
    content_type: str
    etag: str
    last_modified: str
    fetched_at: dt.datetime
    is_unchanged: bool = False
    moved_permanently_to: str = ""
    fresh_for: dt.timedelta | None = None
    date: str = ""


class RetryLater(FetchFailed):
    """The host is to be left alone for `seconds`: it asked for it, or its rest is not over (reason `resting`)."""

    def __init__(self, reason: str, message: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(reason, message)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its headers (their names in lower case) and the body, which is read for 200 alone."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def conditional_headers(request: Request, url: str) -> dict[str, str]:
    """Accept, and the validators where `url` is the address they belong to."""
    headers = {"Accept": request.accept}
    if shown(url) == (request.validated_url or shown(request.url)):
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
    return headers


def judge(url: str, answer: Answer, *, moved: str, is_conditional: bool, now: dt.datetime) -> Fetched:
    """What the answer at the end of the redirects means. Raises `FetchFailed` for all but 200 and a 304 asked for."""
    status, header = answer.status, answer.headers.get
    if status in (200, 203) or (status == 304 and is_conditional):
        return Fetched(
            url=url,
            status=status,
            body=answer.body,
            content_type=header("content-type", ""),
            etag=_clean(header("etag", "")),
            last_modified=_clean(header("last-modified", "")),
            fetched_at=now,
            is_unchanged=status == 304,
            moved_permanently_to=moved,
            fresh_for=read_lifetime(
                cache_control=header("cache-control", ""),
                expires=header("expires", ""),
                age=header("age", ""),
                date=header("date", ""),
                now=now,
            ),
            date=header("date", ""),
        )
    raise _refusal(answer, shown(url), now)


def judge_posting(posting: Posting, answer: Answer, now: dt.datetime) -> None:
    """Raise `FetchFailed` for all but 2xx; a redirect is not followed, wherever it leads."""
    if 300 <= answer.status < 400:
        message = f"{origin_of(posting.url)}: the server answered {answer.status}: a message follows no redirect"
        raise FetchFailed("redirected", message)
    if not 200 <= answer.status < 300:
        raise _refusal(answer, origin_of(posting.url), now)


def _refusal(answer: Answer, where: str, now: dt.datetime) -> FetchFailed:
    status = answer.status
    reason = _STATUS_REASONS.get(status, "unavailable" if status >= 500 else "refused")
    message = f"{where}: the server answered {status}"
    wait = read_retry_after(answer.headers.get("retry-after", ""), now) if status in (429, 503) else None
    if wait is not None:
        return RetryLater(reason, f"{message} and asks for {wait:.0f} s of rest", wait)
    return FetchFailed(reason, message)


def _clean(validator: str) -> str:
    """A validator that can be sent back as it came; "" for bytes that are no UTF-8, which no request could carry."""
    if validator.isascii():
        return validator
    return "" if any("\ud800" <= sign <= "\udfff" for sign in validator) else validator


def require_http(url: str) -> None:
    """Raise `BadInput` for anything but an http(s) address with a host and a port that can be."""
    if not _is_http(url):
        raise BadInput("url", shown(url), "give an address that begins with http:// or https://")


@lru_cache(UNDER_WAY)
def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return False


@lru_cache(UNDER_WAY)
def origin_of(url: str) -> str:
    """Scheme, host and port: whose robots.txt holds."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


@lru_cache(UNDER_WAY)
def host_of(url: str) -> str:
    """The host, for its turn: in lower case and without the root's dot."""
    return (urlsplit(url).hostname or "").rstrip(".")


@lru_cache(UNDER_WAY)
def shown(url: str) -> str:
    """The address as people may see it and the store may keep it: without user, password and tokens."""
    return strike_looks(url)
