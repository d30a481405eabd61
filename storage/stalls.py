"""A PostgreSQL that has fallen silent, told from one that works long.

A statement may rightly take minutes, so no time-out fits them all; and a server behind a proxy or a firewall that
passes nothing on any more keeps its connection open for ever. So whoever has heard nothing for a while asks by a second
connection whether the first one's backend is at work:

    nothing for 5 s ─▶ second connection ─┬─ answers, the backend is active           ─▶ wait on
                                          ├─ answers, the backend is idle or gone     ─▶ twice in a row: broken
                                          ├─ connects or answers within 5 s: no       ─▶ twice in a row: broken
                                          └─ refused (no free connection, a restart)  ─▶ wait on: keepalives will tell
"""

import time
from collections.abc import Callable, Generator
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

SILENT_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 5.0
_PROBES: Final = 2
_ASKED: Final = (
    "SELECT pg_backend_pid(), (SELECT state FROM pg_catalog.pg_stat_activity WHERE pid = %s), "
    "(SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = %s)"
)

Waiting = Generator[Any, Any, Any]


def notice_stalls(
    engine: sa.Engine, *, silent_seconds: float = SILENT_SECONDS, probe_seconds: float = PROBE_SECONDS
) -> None:
    """Let every connection of this engine (psycopg) break with an `OperationalError` once its server is silent."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        watched, hasty = _make_kinds()
        made = watched.connect(*arguments, **named)

        def ask() -> bool:
            more = {"connect_timeout": max(2, round(probe_seconds)), "autocommit": True}
            return _ask(lambda: hasty.connect(*arguments, **{**named, **more}), made.info.backend_pid)

        hasty.seconds, made.silent_seconds, made.ask = probe_seconds, silent_seconds, ask
        return made


def bound(waiting: Waiting, check: Callable[[float], None], ticks: Callable[[], float] = time.monotonic) -> Waiting:
    """The same generator of psycopg's; `check` is told how long nothing was heard (s) whenever nothing was.

    psycopg sends 0 into a generator each tenth of a second in which its socket was not ready.
    """
    heard = ticks()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if ready:
                heard = ticks()
            else:
                check(ticks() - heard)
            wanted = waiting.send(ready)
    except StopIteration as ended:
        return ended.value


@cache
def _make_kinds() -> tuple[Any, Any]:
    """Two kinds of connection: one that asks when it hears nothing, and the one it asks by. Made when needed: psycopg
    is an extra.
    """
    import psycopg

    class Watched(psycopg.Connection[Any]):
        silent_seconds = SILENT_SECONDS
        ask: Callable[[], bool] | None = None

        def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
            asked_at, silent = 0.0, 0

            def check(seconds: float) -> None:
                nonlocal asked_at, silent
                if seconds < asked_at:  # something was heard since
                    asked_at, silent = 0.0, 0
                if self.ask is None or seconds - asked_at < self.silent_seconds:
                    return
                silent = 0 if self.ask() else silent + 1
                asked_at = seconds
                if silent >= _PROBES:
                    self.pgconn.finish()  # closed: the pool throws it away
                    raise psycopg.OperationalError(f"the server has not answered for {seconds:.0f} s")

            return super().wait(bound(gen, check), *args, **more)

    class Hasty(psycopg.Connection[Any]):
        seconds = PROBE_SECONDS

        def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
            def check(seconds: float) -> None:
                if seconds > self.seconds:
                    self.pgconn.finish()
                    raise psycopg.errors.ConnectionTimeout("no answer")

            return super().wait(bound(gen, check), *args, **more)

    return Watched, Hasty


def _ask(connect: Callable[[], Any], pid: int) -> bool:
    """Whether to wait on for the answer of backend `pid`: False where it is not at work, or nobody answers at all."""
    import psycopg

    try:
        with connect() as made:
            row = made.execute(_ASKED, (pid, pid)).fetchone()
            own = made.info.backend_pid
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        return True  # somebody answered
    if row is None or row[0] != own:
        return True  # a pooler stands between: its numbers are not the server's
    return bool(row[1] == "active" or (row[1] is None and row[2]))  # None: not ours to see
