"""Which hosts are left alone until when, and what their robots.txt said: kept from one run to the next."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from storage.schema import host_state, robots_file

Rests = Mapping[str, tuple[dt.datetime, int]]
"""By host: the instant it is free at, and how often in a row it was not to be reached or asked for rest."""

Files = Mapping[str, tuple[str | None, dt.datetime]]
"""By origin: the text of its robots.txt (None: it failed), and when it was read."""


def load_rests(connection: sa.Connection, now: dt.datetime) -> dict[str, tuple[dt.datetime, int]]:
    """The hosts that are not free at `now`."""
    chosen = sa.select(host_state).where(host_state.c.free_at > now)
    return {row.host: (row.free_at, row.failures_in_row) for row in connection.execute(chosen)}


def save_rests(connection: sa.Connection, rests: Rests, now: dt.datetime) -> None:
    """Remember these rests, where no longer one of that host is held; what is over at `now` is dropped."""
    held = load_rests(connection, now)
    ahead = {host: rest for host, rest in rests.items() if host not in held or held[host][0] < rest[0]}
    is_replaced = sa.or_(host_state.c.free_at <= now, host_state.c.host.in_(list(ahead)))
    connection.execute(sa.delete(host_state).where(is_replaced))
    rows = [{"host": host, "free_at": free_at, "failures_in_row": count} for host, (free_at, count) in ahead.items()]
    if rows:
        connection.execute(sa.insert(host_state), rows)


def load_robots(connection: sa.Connection) -> dict[str, tuple[str | None, dt.datetime]]:
    """Every robots.txt that is held."""
    return {row.origin: (row.text, row.read_at) for row in connection.execute(sa.select(robots_file))}


def save_robots(connection: sa.Connection, files: Files, read_before: dt.datetime) -> None:
    """Remember these in place of those of the same origins; what was read before that instant is dropped."""
    old = sa.or_(robots_file.c.read_at < read_before, robots_file.c.origin.in_(list(files)))
    connection.execute(sa.delete(robots_file).where(old))
    rows = [{"origin": origin, "text": text, "read_at": read_at} for origin, (text, read_at) in files.items()]
    if rows:
        connection.execute(sa.insert(robots_file), rows)
