"""Work that may take long, or for ever, for those who cannot wait: in a thread of its own, one at a time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Patient(Generic[Result]):
    """`work` may not raise. What it gave is good for `fresh_for` seconds, or for as long as it then takes no more than
    `share` of the time (0…1).
    """

    def __init__(self, work: Callable[[], Result], fresh_for: float, share: float = 1.0) -> None:
        self._work, self._fresh_for, self._share = work, fresh_for, share
        self._lock = threading.Lock()
        self._result: Result | None = None
        self._fresh_until = 0.0
        self._ended: threading.Event | None = None

    def ask(self, seconds: float, *, is_old_welcome: bool = False) -> Result | None:
        """What the work gives, at once where it is fresh; None where that takes longer than `seconds`.

        `is_old_welcome`: what it gave before is given at once, and brought up to date meanwhile.
        """
        with self._lock:
            if self._result is not None and time.monotonic() < self._fresh_until:
                return self._result
            ended = self._ended
            if ended is None:
                ended = self._ended = threading.Event()
                threading.Thread(target=self._run, args=(ended,), name="look", daemon=True).start()
            if is_old_welcome and self._result is not None:
                return self._result
        if not ended.wait(seconds):
            return None
        with self._lock:
            return self._result

    def _run(self, ended: threading.Event) -> None:
        begun = time.monotonic()
        try:
            result = self._work()
            with self._lock:
                self._result = result
                took = time.monotonic() - begun
                self._fresh_until = time.monotonic() + max(self._fresh_for, took / self._share)
        finally:
            with self._lock:
                self._ended = None
            ended.set()
