"""The lease of the daemon that leads, with a token that grows, and the rows by which daemons show that they are there.

A lease ends by the clock of the database (PostgreSQL) or by the one passed in (SQLite). That alone would not do: a
daemon may be stopped for a minute in the midst of its work, and go on as if it still led. So whoever writes results
calls `require` inside that transaction. It holds the lease's row until the commit (`FOR KEY SHARE`, which lets the
holder renew, and keeps `take` waiting), or fails because another has taken it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from service.errors import LeaseLost
from service.instants import EPOCH, ensure_utc
from storage.schema import lease
from storage.upsert import insert_into

LEADER = "daemon"
_PRESENCE = "presence "
_FORGOTTEN = dt.timedelta(days=1)
_NO_RIGHT = "42501"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds `name`, since when, and until when unless it is renewed. `token` is one more with each new holder."""

    name: str
    holder: str
    token: int
    acquired_at: dt.datetime
    renewed_at: dt.datetime
    expires_at: dt.datetime


def tell_time(connection: sa.Connection, now: dt.datetime) -> dt.datetime:
    """The database's own clock where it has one that its clients share (PostgreSQL), else `now`."""
    if connection.dialect.name != "postgresql":
        return now
    told: dt.datetime | None = connection.scalar(sa.select(sa.func.clock_timestamp()))
    assert told is not None
    return ensure_utc(told)


def load(connection: sa.Connection, name: str = LEADER) -> Lease | None:
    """The lease as it stands; None where nobody ever had it."""
    row = connection.execute(sa.select(lease).where(lease.c.name == name)).first()
    return Lease(**row._mapping) if row else None  # noqa: SLF001 - the public way to a Row's names


def take(
    connection: sa.Connection, holder: str, *, seen: Lease | None, now: dt.datetime, seconds: float
) -> Lease | None:
    """Make `holder` the one that leads, if the lease is still as it was `seen`; None where another was quicker.

    Whether it may be taken is the caller's to say. Waits for whoever is writing under the lease.
    """
    blank = {"name": LEADER, "holder": "", "token": 0} | dict.fromkeys(
        ("acquired_at", "renewed_at", "expires_at"), EPOCH
    )
    _put(connection, blank, keep=True)
    held = connection.execute(sa.select(lease).where(lease.c.name == LEADER).with_for_update()).one()
    expected = (seen.token, seen.renewed_at) if seen else (0, EPOCH)
    if (held.token, held.renewed_at) != expected:
        return None
    taken = Lease(LEADER, holder, held.token + 1, now, now, now + dt.timedelta(seconds=seconds))
    connection.execute(sa.update(lease).where(lease.c.name == LEADER).values(_write(taken)))
    return taken


def renew(connection: sa.Connection, token: int, *, now: dt.datetime, seconds: float) -> bool:
    """Say that the holder of this token is alive; False where another has taken the lease."""
    alive = {"renewed_at": now, "expires_at": now + dt.timedelta(seconds=seconds)}
    mine = (lease.c.name == LEADER, lease.c.token == token, lease.c.holder != "")
    return connection.execute(sa.update(lease).where(*mine).values(alive)).rowcount == 1


def release(connection: sa.Connection, token: int, *, now: dt.datetime) -> None:
    """Leave the lease to whoever wants it next; does nothing where another has taken it."""
    mine = (lease.c.name == LEADER, lease.c.token == token)
    connection.execute(sa.update(lease).where(*mine).values(holder="", renewed_at=now, expires_at=now))


def require(connection: sa.Connection, token: int) -> None:
    """Raise `LeaseLost` unless the lease is still of this token, and keep it so until the transaction ends."""
    asked = sa.select(lease.c.token, lease.c.holder).where(lease.c.name == LEADER)
    held = connection.execute(asked.with_for_update(read=True, key_share=True)).first()
    if held is None or held.token != token:
        raise LeaseLost(f"the lease of token {token} was taken by {held.holder if held else 'nobody'}")


def end_sessions(connection: sa.Connection, name: str) -> int:
    """End the sessions that call themselves `name` on this database, as far as this user may; how many there were.

    One that was stopped in mid-transaction holds locks for as long as it is stopped. Nothing to do on SQLite, where
    only the process itself can let go.
    """
    if connection.dialect.name != "postgresql":
        return 0
    ended = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    try:
        return connection.scalar(ended, {"name": name}) or 0
    except sqlalchemy.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
            raise
        connection.rollback()
        return 0


def show_presence(connection: sa.Connection, holder: str, *, now: dt.datetime, seconds: float) -> None:
    """Note that the daemon `holder` is there, for status pages; those not heard of for a day are forgotten."""
    shown = {"name": _PRESENCE + holder, "holder": holder, "token": 0}
    _put(connection, shown | {"acquired_at": now, "renewed_at": now, "expires_at": now + dt.timedelta(seconds=seconds)})
    is_old = (lease.c.name.startswith(_PRESENCE, autoescape=True), lease.c.expires_at < now - _FORGOTTEN)
    connection.execute(sa.delete(lease).where(*is_old))


def hide_presence(connection: sa.Connection, holder: str) -> None:
    """Note that it is gone."""
    connection.execute(sa.delete(lease).where(lease.c.name == _PRESENCE + holder))


def load_presences(connection: sa.Connection) -> list[Lease]:
    """The daemons that showed themselves, each until `expires_at`."""
    chosen = sa.select(lease).where(lease.c.name.startswith(_PRESENCE, autoescape=True)).order_by(lease.c.acquired_at)
    return [Lease(**row._mapping) for row in connection.execute(chosen)]  # noqa: SLF001


def _write(held: Lease) -> dict[str, Any]:
    return {name: getattr(held, name) for name in Lease.__dataclass_fields__}


def _put(connection: sa.Connection, values: dict[str, Any], *, keep: bool = False) -> None:
    """Insert a row, or bring the one that is there up to date (`keep`: leave it)."""
    insert = insert_into(connection, lease).values(values)
    renewed = {name: insert.excluded[name] for name in ("renewed_at", "expires_at")}
    connection.execute(
        insert.on_conflict_do_nothing() if keep else insert.on_conflict_do_update(index_elements=["name"], set_=renewed)
    )
