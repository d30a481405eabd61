"""Who of several daemons leads: one takes the lease and keeps renewing it, the others stand by and look.

A daemon takes the lease when it has run out by the database's clock, or has not been renewed for as long as it lasts by
a clock of its own that nobody can set. It trusts its own lease only until a tenth before the end.
"""

import datetime as dt
import os
import secrets
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from jobs.clock import Clock
from storage import database, lease
from storage.lease import Lease

log = structlog.get_logger("newscandle")
_MARGIN = 0.1
_LONGEST_HOST_NAME = 30  # PostgreSQL keeps 63 bytes of a session's name


def name_daemon() -> str:
    """host:pid:random."""
    return f"{os.uname().nodename[:_LONGEST_HOST_NAME]}:{os.getpid()}:{secrets.token_hex(4)}"


def name_sessions(engine: sa.Engine, daemon: str) -> None:
    """Let the sessions of this process be known as the daemon's, so that another can end them."""
    database.name_sessions(engine, _session_of(daemon))


def _session_of(daemon: str) -> str:
    return f"newscandle {daemon}"


class Leadership:
    """The lease as this daemon sees it, for any thread to ask. `ticks`: seconds of a clock that nobody can set."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        daemon: str,
        seconds: float,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.daemon, self.seconds = daemon, seconds
        self._engine, self._clock, self._ticks = engine, clock, ticks
        self._lock = threading.Lock()
        self._beating = threading.Lock()
        self._has_left = False
        self._token: int | None = None
        self._trusted_until = 0.0
        self._seen: Lease | None = None
        self._seen_since = 0.0

    @property
    def token(self) -> int | None:
        """The token this daemon leads under, while it may trust that it does; None while it stands by."""
        with self._lock:
            return self._token if self._ticks() < self._trusted_until else None

    def lose(self, token: int) -> None:
        """Stand by from now on, unless this daemon has got the lease anew."""
        with self._lock:
            is_news, self._token = self._token == token, None if self._token == token else self._token
        if is_news:
            log.warning("standing by", reason="another daemon has taken the lease", token=token)

    def beat(self) -> float:
        """Renew the lease, or take it where it is free; gives the seconds until the next beat. Raises `StoreFailed`."""
        with self._beating:
            return self.seconds if self._has_left else self._beat()

    def _beat(self) -> float:
        begun = self._ticks()
        with self._lock:
            token = self._token
        if token is None:
            return self._look(begun)
        with database.brief(self._engine) as connection:
            now = lease.tell_time(connection, self._clock())
            is_ours = lease.renew(connection, token, now=now, seconds=self.seconds)
            lease.show_presence(connection, self.daemon, now=now, seconds=self.seconds)
        if is_ours:
            self._trust(token, begun)
        else:
            self.lose(token)
        return self.seconds / 3

    def release(self) -> None:
        """Leave the lease to the next, and be gone from the list of those that are there. Raises `StoreFailed`."""
        with self._beating:
            self._has_left = True
            with self._lock:
                token, self._token = self._token, None
            with database.brief(self._engine) as connection:
                if token is not None:
                    lease.release(connection, token, now=lease.tell_time(connection, self._clock()))
                lease.hide_presence(connection, self.daemon)

    def _look(self, begun: float) -> float:
        with database.brief(self._engine) as connection:
            now = lease.tell_time(connection, self._clock())
            lease.show_presence(connection, self.daemon, now=now, seconds=self.seconds)
            held = lease.load(connection)
        if self._is_free(held, now):
            self._take(held, begun)
        elif held is not None:
            left = (held.expires_at - now).total_seconds()
            return min(self.seconds / 3, max(left, 0) + 0.05)
        return self.seconds / 3

    def _is_free(self, held: Lease | None, now: dt.datetime) -> bool:
        if held is None or not held.holder or held.expires_at <= now:
            return True
        is_same = self._seen is not None and (self._seen.token, self._seen.renewed_at) == (held.token, held.renewed_at)
        if not is_same:
            self._seen, self._seen_since = held, self._ticks()
        return self._ticks() - self._seen_since >= self.seconds  # its end may be far: the clock was set back

    def _take(self, held: Lease | None, begun: float) -> None:
        if held is not None and held.holder:
            # It may have been stopped in the midst of a transaction, whose locks would keep all others waiting.
            with database.brief(self._engine) as connection:
                lease.end_sessions(connection, _session_of(held.holder))
        with database.brief(self._engine) as connection:
            now = lease.tell_time(connection, self._clock())
            taken = lease.take(connection, self.daemon, seen=held, now=now, seconds=self.seconds)
        if taken is not None:
            self._trust(taken.token, begun)
            log.info("leading", token=taken.token, after=held.holder if held else "")

    def _trust(self, token: int, since: float) -> None:
        with self._lock:
            self._token, self._trusted_until = token, since + self.seconds * (1 - _MARGIN)
