"""Manners towards hosts: one request at a time, a pause after each, robots.txt, Retry-After."""

import asyncio
import datetime as dt
import email.utils
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from protego import Protego

from service.errors import FetchFailed

LONGEST_RETRY_AFTER_SECONDS = 7 * 24 * 3600.0
ROBOTS_KEPT_SECONDS = 24 * 3600.0
FAILED_ROBOTS_KEPT_SECONDS = 600.0

Rulebook = dict[str, tuple[float, Protego | None]]
"""Per origin: until when (`time.monotonic`) its rules hold, and the rules; None forbids everything."""


def read_retry_after(header: str, now: dt.datetime) -> float | None:
    """Seconds to wait that a Retry-After header asks for (seconds or HTTP date), 0 to a week; None if unreadable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_SECONDS)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


class Pace:
    """One request at a time to a host, and after it a pause of five times its duration, at least `gap_seconds`."""

    def __init__(self, gap_seconds: float, concurrent: int) -> None:
        self._gap = gap_seconds
        self._slots = asyncio.Semaphore(concurrent)
        self._locks: dict[str, asyncio.Lock] = {}
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for this host's turn, and hold it while the request runs."""
        async with self._locks.setdefault(host, asyncio.Lock()):
            clock = asyncio.get_running_loop().time
            await asyncio.sleep(max(0.0, self._free_at.get(host, 0.0) - clock()))
            async with self._slots:
                started = clock()
                try:
                    yield
                finally:
                    pause = max(self._gap, 5 * (clock() - started)) if self._gap else 0.0
                    self._free_at[host] = clock() + pause


class Robots:
    """What each host's robots.txt allows: an absent one allows, one that fails (5xx) forbids (RFC 9309).

    A host that cannot be reached at all has the network's failure as its own. `known` outlives one run, so that a
    daemon does not ask for the same file every ten minutes.
    """

    def __init__(self, read: Callable[[str], Awaitable[bytes | None]], agent: str, known: Rulebook) -> None:
        self._read, self._agent, self._known = read, agent, known

    async def check(self, origin: str, url: str) -> None:
        """Return if `url` may be fetched, else raise `FetchFailed` with reason `robots`."""
        if origin not in self._known or self._known[origin][0] < time.monotonic():
            rules = await self._load(origin)
            kept = FAILED_ROBOTS_KEPT_SECONDS if rules is None else ROBOTS_KEPT_SECONDS
            self._known[origin] = (time.monotonic() + kept, rules)
        rules = self._known[origin][1]
        if rules is None:
            raise FetchFailed("robots", f"{url}: robots.txt of {origin} fails, so nothing is fetched there for a while")
        if not rules.can_fetch(url, self._agent):
            raise FetchFailed("robots", f"{url}: robots.txt of {origin} forbids it")

    async def _load(self, origin: str) -> Protego | None:
        try:
            body = await self._read(f"{origin}/robots.txt")
        except FetchFailed as error:
            if error.reason != "unavailable":
                raise
            return None
        return Protego.parse((body or b"").decode("utf-8", "replace"))
