"""Who may ask: this machine itself, and from elsewhere whoever has a key, so often a minute and no oftener.

A key is `nc_<12 hex digits>_<43 signs>`; sent as `Authorization: Bearer …` or `X-API-Key: …`. What this machine asks
without one must name it as such (`Host`): a web page opened here could otherwise ask for its author.
"""

import hashlib
import hmac
import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from dashboards.api.problems import answer_problem
from service.errors import StoreFailed
from storage import database, keys
from storage.keys import ApiKey

GUARDED = "/v1"
_KEPT_SECONDS = 5.0
"""So long a key that was revoked may still open, and one that was made may not yet."""
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[^\]]+\]|[^:]+)(?::\d+)?")
_MOST_BUCKETS = 10_000

Ticks = Callable[[], float]


@dataclass(slots=True)
class Bucket:
    """What is left of a key's requests: filled steadily, holding at most those of one minute."""

    per_minute: int
    left: float
    at: float

    def take(self, now: float) -> float:
        """Take one; 0, or the seconds until there is one."""
        self.left = min(float(self.per_minute), self.left + (now - self.at) * self.per_minute / 60)
        self.at = now
        if self.left < 1:
            return (1 - self.left) * 60 / self.per_minute
        self.left -= 1
        return 0.0


@dataclass
class Doorkeeper:
    """Asks the store who has keys, at most every few seconds. `needs_key`: of this machine too, as behind a proxy."""

    engine: sa.Engine
    needs_key: bool = False
    ticks: Ticks = time.monotonic
    _keys: Mapping[str, ApiKey] = field(default_factory=dict)
    _read_at: float | None = None
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def judge(self, host: str | None, headers: Mapping[str, str]) -> tuple[Response | None, dict[str, str]]:
        """The refusal, or None and the headers that tell what is left. Raises `StoreFailed`."""
        given = _read_key(headers)
        if given is None:
            if not self.needs_key and is_local(host):
                return (None, {}) if _names_here(headers.get("host", "")) else (_refuse_host(), {})
            return _refuse("a key is needed here: newscandle keys add NAME, then Authorization: Bearer KEY"), {}
        key = self._find(given)
        if key is None:
            return _refuse("the key is unknown, or was revoked"), {}
        now = self.ticks()
        bucket = self._buckets.get(key.key_id)
        if bucket is None or bucket.per_minute != key.requests_per_minute:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = Bucket(key.requests_per_minute, float(key.requests_per_minute), now)
            self._buckets[key.key_id] = bucket
        wait = bucket.take(now)
        told = {
            "RateLimit-Limit": str(bucket.per_minute),
            "RateLimit-Remaining": str(int(bucket.left)),
            "RateLimit-Reset": str(int((bucket.per_minute - bucket.left) * 60 / bucket.per_minute) + 1),
        }
        if wait:
            text = f"more than {bucket.per_minute} requests a minute"
            after = {"Retry-After": str(int(wait) + 1)}
            return answer_problem(
                HTTPStatus.TOO_MANY_REQUESTS, text, code="too-many-requests", headers=told | after
            ), {}
        return None, told

    def _find(self, given: str) -> ApiKey | None:
        now = self.ticks()
        if self._read_at is None or now - self._read_at > _KEPT_SECONDS:
            with database.read(self.engine) as connection:
                self._keys = {one.key_id: one for one in keys.load_all(connection) if one.revoked_at is None}
            self._read_at = now
        kept = self._keys.get(given.removeprefix("nc_").partition("_")[0])
        digest = hash_key(given)
        return kept if kept is not None and hmac.compare_digest(kept.digest, digest) else None


class Guarded:
    """An ASGI application behind a doorkeeper, below `GUARDED`."""

    def __init__(self, app: Any, doorkeeper: Doorkeeper) -> None:
        self._app, self._doorkeeper = app, doorkeeper

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the request in, or answer it here."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == GUARDED or path.startswith(f"{GUARDED}/")):
            await self._app(scope, receive, send)
            return
        from anyio.to_thread import run_sync

        client = scope.get("client")
        try:
            refusal, told = await run_sync(self._doorkeeper.judge, client[0] if client else None, Headers(scope=scope))
        except StoreFailed:
            refusal, told = answer_unreadable(), {}
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def send_told(message: Any) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self._app(scope, receive, send_told if told else send)


def answer_unreadable() -> Response:
    """503: the store cannot be read at the moment."""
    return answer_problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the store cannot be read at the moment",
        code="store-unreadable",
        headers={"Retry-After": "5"},
    )


def hash_key(key: str) -> str:
    """64 hex digits. A plain hash will do: a key has 256 random bits, there is no guessing it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def is_local(host: str | None) -> bool:
    """Whether an address is this machine's own; a Unix socket has none, and is."""
    if not host:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _read_key(headers: Mapping[str, str]) -> str | None:
    scheme, _, told = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and told.strip():
        return told.strip()
    return headers.get("x-api-key") or None


def _names_here(told: str) -> bool:
    found = _HOST.fullmatch(told)
    return not told or (found is not None and found[1].lower() in _LOCAL_NAMES)


def _refuse(text: str) -> Response:
    return answer_problem(
        HTTPStatus.UNAUTHORIZED, text, code="unauthorized", headers={"WWW-Authenticate": 'Bearer realm="newscandle"'}
    )


def _refuse_host() -> Response:
    text = "ask 127.0.0.1 or localhost by that name, or send a key: this request names another host"
    return answer_problem(HTTPStatus.MISDIRECTED_REQUEST, text, code="misdirected")
