"""What the daemon tells the service manager that started it, by the protocol of sd_notify(3); nothing where none did.

    READY=1 · RELOADING=1 · STOPPING=1 · STATUS=… · WATCHDOG=1 ─▶ one datagram to the Unix socket in NOTIFY_SOCKET

The watchdog is answered only while the threads give signs of life (`breath.py`): one that is stuck has the daemon
killed and started anew, and its slot is run again.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping

import structlog

log = structlog.get_logger("newscandle")
Measure = Callable[[], Mapping[str, tuple[float, float]]]
"""Of each thread the seconds without a sign of life, and how many are too many."""
_LONGEST_TICK_SECONDS = 10.0
_SEND_SECONDS = 1.0
_START_SECONDS = 60
"""So much longer than now may the start still take, told at every tick while the store is waited for."""


class Notifier:
    """Speaks to the service manager at `address`; to nobody where that is None.

    `watchdog_seconds`: so often at least it wants to hear WATCHDOG=1; None: it does not listen for it.
    """

    def __init__(self, address: str | None, watchdog_seconds: float | None = None) -> None:
        self._address, self._watchdog_seconds = address, watchdog_seconds
        self._status = ""
        self.describe: Callable[[], str] = lambda: "opening the store"
        self._is_ready = self._is_silent = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, measure: Measure) -> None:
        """Tell now and then how things stand (`describe`, which may be set later), and that the threads live."""
        if self._address is not None:
            self._thread = threading.Thread(target=self._keep_telling, args=(measure,), name="notifier", daemon=True)
            self._thread.start()

    def tell_ready(self) -> None:
        """All is started, or read anew."""
        self._is_ready = True
        self._send("READY=1")

    def tell_reloading(self) -> None:
        """Settings are being read; `tell_ready` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def tell_stopping(self) -> None:
        """It ends, which may take as long as a job's transaction does."""
        self._ended.set()
        self._send("STOPPING=1\nSTATUS=stopping")

    def _keep_telling(self, measure: Measure) -> None:
        tick = min(_LONGEST_TICK_SECONDS, (self._watchdog_seconds or 60.0) / 3)
        while not self._ended.is_set():
            told = [] if self._is_ready else [f"EXTEND_TIMEOUT_USEC={_START_SECONDS * 1_000_000}"]
            status = " ".join(self.describe().split())[:200]
            if status != self._status:
                told.append(f"STATUS={status}")
                self._status = status
            if self._watchdog_seconds is not None and self._is_alive(measure()):
                told.append("WATCHDOG=1")
            if told:
                self._send("\n".join(told))
            self._ended.wait(tick)

    def _is_alive(self, silences: Mapping[str, tuple[float, float]]) -> bool:
        silent = {thread: round(seconds) for thread, (seconds, most) in silences.items() if seconds > most}
        if silent and not self._is_silent:
            log.error("no sign of life: the watchdog is not answered any more", threads=silent)
        self._is_silent = bool(silent)
        return not silent

    def _send(self, message: str) -> None:
        """A manager that is gone or does not read keeps nobody from working."""
        if self._address is not None:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
                one.settimeout(_SEND_SECONDS)
                one.sendto(message.encode(), self._address)


def open_notifier(environment: MutableMapping[str, str] | None = None) -> Notifier:
    """For whom `NOTIFY_SOCKET` names: a path, or an abstract name after `@`. Children do not inherit the variable."""
    environment = os.environ if environment is None else environment
    named = environment.pop("NOTIFY_SOCKET", "")
    if not named.startswith(("/", "@")):
        if named:
            log.warning("NOTIFY_SOCKET is no Unix socket: the service manager is told nothing", value=named)
        return Notifier(None)
    microseconds, whose = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
    is_ours = microseconds.isdigit() and int(microseconds) > 0 and whose in ("", str(os.getpid()))
    address = f"\0{named[1:]}" if named.startswith("@") else named
    return Notifier(address, int(microseconds) / 1e6 if is_ours else None)
