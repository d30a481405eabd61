"""Manners towards hosts: one request at a time, a pause after each, and rest for those that ask for it or are down.

What is known of hosts outlives an open door: one `Hosts` serves a process, and its rests are stored for the next.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from jobs.asking import LONGEST_WAIT_SECONDS, RetryLater
from jobs.robots import Rulebook
from service.news.manners.caching import LONGEST_RETRY_AFTER_SECONDS

TIMES_THE_ANSWER = 5  # as Heritrix: who answers slowly is asked seldom
FIRST_REST_IN_GAPS = 45  # with a gap of 2 s: 90 s, and then twice as long at each failure
LONGEST_REST_SECONDS = 6 * 3600.0


Rests = Mapping[str, tuple[dt.datetime, int]]
"""By host: until when it is left alone, and how often in a row it was not to be reached or asked for rest."""


@dataclass(slots=True)
class HostState:
    """`free_at`: when its turn may come next, on the loop's clock; `rests_until`: left alone until then."""

    free_at: float = 0.0
    rests_until: dt.datetime | None = None
    failures: int = 0


@dataclass(slots=True)
class Hosts:
    """What is known of hosts, by name, and of their robots.txt, by origin."""

    states: dict[str, HostState] = field(default_factory=dict)
    robots: Rulebook = field(default_factory=dict)

    def of(self, host: str) -> HostState:
        """Its state, a new one where nothing is known."""
        return self.states.setdefault(host, HostState())

    def rests(self, now: dt.datetime, ticks: float, longer_than: float) -> dict[str, tuple[dt.datetime, int]]:
        """Who is left alone for more than so many seconds after `now`, which is `ticks` on the loop's clock."""
        found = {}
        for host, state in self.states.items():
            pause = now + dt.timedelta(seconds=max(state.free_at - ticks, 0.0))
            until = max(pause, state.rests_until or pause)
            if until - now > dt.timedelta(seconds=longer_than):
                found[host] = (until, state.failures)
        return found

    def snapshot(self) -> Rests:
        """Who rests until when, for `restore`."""
        return {host: (one.rests_until, one.failures) for host, one in self.states.items() if one.rests_until}

    def restore(self, rests: Rests) -> None:
        """Forget every rest since the snapshot: what failed was not the hosts."""
        for host, state in self.states.items():
            state.rests_until, state.failures = rests.get(host, (None, 0))

    def learn(self, rests: Rests) -> None:
        """Take over rests that another process left; of two for one host the later holds."""
        for host, (until, failures) in rests.items():
            state = self.of(host)
            if state.rests_until is None or state.rests_until < until:
                state.rests_until, state.failures = until, max(state.failures, failures)


class Pace:
    """One request at a time to a host, and after it a pause of five times its duration, at least `gap_seconds`."""

    def __init__(self, gap_seconds: float, concurrent: int, hosts: Hosts, clock: Callable[[], dt.datetime]) -> None:
        self._gap, self._hosts, self._clock = gap_seconds, hosts, clock
        self._slots = asyncio.Semaphore(concurrent)
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, host: str, least_gap: float = 0.0) -> AsyncIterator[None]:
        """Wait for this host's turn, and hold it while the request runs; `least_gap` seconds are its own wish.

        Raises `RetryLater` (`resting`), at once, where that would take more than a minute.
        """
        ticks = asyncio.get_running_loop().time
        state = self._hosts.of(host)
        async with self._locks.setdefault(host, asyncio.Lock()):
            wait = max(state.free_at - ticks(), self._rest_left(state))
            if wait > LONGEST_WAIT_SECONDS:
                raise RetryLater("resting", f"{host}: left alone for another {wait:.0f} s", wait)
            if wait > 0:
                await asyncio.sleep(wait)
            async with self._slots:
                started = ticks()
                try:
                    yield
                finally:
                    pause = max(self._gap, least_gap, TIMES_THE_ANSWER * (ticks() - started)) if self._gap else 0.0
                    state.free_at = ticks() + pause

    def _rest_left(self, state: HostState) -> float:
        """Seconds; what reaches further than any rest may was written under another clock, and counts as over."""
        if state.rests_until is None:
            return 0.0
        left = (state.rests_until - self._clock()).total_seconds()
        return left if left <= LONGEST_RETRY_AFTER_SECONDS else 0.0

    def rest(self, host: str, seconds: float | None) -> None:
        """Leave the host alone: as long as it asked for, else (None) the longer the more often in a row."""
        state = self._hosts.of(host)
        state.failures += 1
        if seconds is None:
            seconds = min(self._gap * FIRST_REST_IN_GAPS * 2.0 ** min(state.failures - 1, 20), LONGEST_REST_SECONDS)
        until = self._clock() + dt.timedelta(seconds=seconds)
        state.rests_until = until if state.rests_until is None else max(state.rests_until, until)

    def forgive(self, host: str) -> None:
        """The host answered as it should: earlier failures count no more."""
        self._hosts.of(host).failures = 0
