"""What each host's robots.txt allows (RFC 9309): an absent one allows, one that fails (5xx, 429) forbids.

A host that cannot be reached at all has the network's failure as its own.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from protego import Protego

from jobs.asking import RetryLater, host_of, origin_of, shown
from service.errors import FetchFailed

KEPT: Final = dt.timedelta(hours=24)
FAILURE_KEPT: Final = dt.timedelta(minutes=30)
LARGEST: Final = 512_000  # bytes that are read of one, at least 500 KiB as the RFC asks
LONGEST_DELAY_SECONDS: Final = 60.0
LONGEST_LINE: Final = 2_000
_FAILING: Final = frozenset({"unavailable", "rate_limited"})


@dataclass(slots=True)
class RobotsFile:
    """One robots.txt as read at `read_at`; `text` None: it failed, and forbids everything for a while."""

    text: str | None
    read_at: dt.datetime
    _rules: Protego | None = field(default=None, repr=False, compare=False)

    @property
    def rules(self) -> Protego:
        """Its rules, read when first asked for."""
        if self._rules is None:
            self._rules = Protego.parse(self.text or "")
        return self._rules

    def holds(self, now: dt.datetime) -> bool:
        """Whether it need not be asked for again at `now`."""
        return dt.timedelta(0) <= now - self.read_at < (FAILURE_KEPT if self.text is None else KEPT)


Rulebook = dict[str, RobotsFile]
"""By origin."""


class Robots:
    """Asks for a robots.txt where none is known that holds; `known` outlives one run."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[bytes | None]],
        agent: str,
        known: Rulebook,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._read, self._agent, self._known, self._clock = read, agent, known, clock
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, url: str) -> float:
        """The seconds between requests that the host wishes for (Crawl-delay, 0 to 60), if `url` may be fetched.

        Else raises `FetchFailed`: `robots` where the file forbids it, `robots_failed` where it cannot be had.
        """
        origin = origin_of(url)
        async with self._locks.setdefault(origin, asyncio.Lock()):
            file = self._known.get(origin)
            if file is None or not file.holds(self._clock()):
                file = self._known[origin] = RobotsFile(await self._load(origin), self._clock())
        if file.text is None:
            why = f"{shown(url)}: robots.txt of {host_of(url)} fails, so nothing is fetched there for a while"
            raise FetchFailed("robots_failed", why)
        if not file.text:
            return 0.0  # nothing is forbidden, as with most hosts
        if not file.rules.can_fetch(url, self._agent):
            raise FetchFailed("robots", f"{shown(url)}: robots.txt of {host_of(url)} forbids it")
        return min(max(float(file.rules.crawl_delay(self._agent) or 0.0), 0.0), LONGEST_DELAY_SECONDS)

    async def _load(self, origin: str) -> str | None:
        try:
            body = await self._read(f"{origin}/robots.txt")
        except RetryLater as error:
            if error.reason == "resting":
                raise
            return None
        except FetchFailed as error:
            if error.reason not in _FAILING:
                raise
            return None
        lines = (body or b"")[:LARGEST].decode("utf-8", "replace").splitlines()
        return "\n".join(line for line in lines if len(line) <= LONGEST_LINE)
