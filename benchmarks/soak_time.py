"""Time that is not waited for: a wall clock that can be set, ticks that nobody can set, and what happens when.

Everything that happens in a soak happens in one thread. Whoever waits lets time pass, and whatever falls into that time
happens before the wait is over: a lease is renewed in the midst of a slow answer, as by a thread of its own.
"""

import asyncio
import datetime as dt
import heapq
import itertools
import selectors
from collections.abc import Callable

START = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Timeline:
    """Seconds since `START` as `ticks`, the wall clock `set_ahead` of them, and a queue of what is to happen."""

    def __init__(self) -> None:
        self.now = 0.0
        self.set_ahead = 0.0
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def ticks(self) -> float:
        """Seconds of a clock that nobody can set."""
        return self.now

    def clock(self) -> dt.datetime:
        """What the wall clock shows."""
        return START + dt.timedelta(seconds=self.now + self.set_ahead)

    def at(self, ticks: float, happens: Callable[[], None]) -> None:
        """Let something happen at these ticks, or at once if they are past."""
        heapq.heappush(self._queue, (max(ticks, self.now), next(self._numbers), happens))

    def every(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let something happen every so often, from one period after now on."""

        def again() -> None:
            happens()
            self.at(self.now + seconds, again)

        self.at(self.now + seconds, again)

    def pass_to(self, ticks: float) -> None:
        """Let time pass, and happen what falls into it."""
        while self._queue and self._queue[0][0] <= ticks:
            at, _, happens = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            happens()  # may itself let time pass
        self.now = max(self.now, ticks)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.pass_to(self.now + seconds)


class _PassingSelector(selectors.SelectSelector):
    """Hands out what is ready; where nothing is, lets time pass instead of waiting."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:
            return super().select(None)
        found = super().select(0.0002)  # what the kernel is just carrying over
        if not found:
            self._timeline.wait(timeout)
        return found


class TimelineLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the timeline's."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        super().__init__(_PassingSelector(timeline))

    def time(self) -> float:
        return self._timeline.now
