"""Signs of life of the threads of a daemon, for /healthz and for whoever watches the process."""

import time
from collections.abc import Callable, Mapping

WATCH_SECONDS = 120.0
"""So long the watch may need for one beat beyond the pause between two: a store that is gone keeps it waiting."""
WORKER_SECONDS = 3600.0
"""So long the worker may go on without a sign: a job gives one with each transaction and each unit of its work."""


class Breath:
    """What each thread last did, by a clock that nobody can set. Threads only ever write, so no lock is needed."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._watched: tuple[float, float] | None = None
        self._signed_at: float | None = None
        self._rests_until: float | None = None

    def beat(self, pause: float) -> None:
        """The watch is there, and will be again after `pause` seconds."""
        self._watched = (self._ticks(), pause)

    def sign(self) -> None:
        """The worker is at work."""
        self._signed_at = self._ticks()

    def around(self, go: Callable[[], float | None]) -> Callable[[], float | None]:
        """`go`, the worker's round, which begins again after the seconds it gives (None: not before it is woken)."""

        def breathing() -> float | None:
            self.sign()
            seconds = None
            try:
                seconds = go()
                return seconds
            finally:
                self._rests_until = None if seconds is None else self._ticks() + seconds
                self._signed_at = None

        return breathing

    def measure(self) -> Mapping[str, tuple[float, float]]:
        """Of each thread the seconds for which it gave no sign though it should have, and how many are too many."""
        now, told = self._ticks(), {}
        if self._watched is not None:
            at, pause = self._watched
            told["watch"] = (now - at, pause + WATCH_SECONDS)
            signed_at, rests_until = self._signed_at, self._rests_until
            since = signed_at if signed_at is not None else rests_until if rests_until is not None else now
            told["worker"] = (max(0.0, now - since), WORKER_SECONDS)
        return told
