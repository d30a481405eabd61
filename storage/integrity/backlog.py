"""Work that was begun and not ended, or is due and not begun."""

import datetime as dt

import sqlalchemy as sa

from service.slots import RUNNING, WAITING
from storage.instant_column import to_micros
from storage.integrity.rule import Broken, micros, plain, tell_rows
from storage.schema import lease, run, slot


def find_unfinished(connection: sa.Connection, before: dt.datetime) -> Broken | None:
    """Runs that began before this and never ended: whoever ran them was killed."""
    chosen = sa.select(run.c.id, run.c.job, plain(run.c.started_at)).where(
        run.c.finished_at.is_(None), micros(run.c.started_at) < to_micros(before)
    )
    return _tell(connection, chosen)


def find_orphans(connection: sa.Connection) -> Broken | None:
    """Slots that run under a token of which nobody holds the lease any more."""
    token = sa.select(lease.c.token).where(lease.c.name == "daemon", lease.c.holder != "").scalar_subquery()
    chosen = sa.select(slot.c.id, slot.c.job, plain(slot.c.due_at)).where(
        slot.c.outcome == RUNNING, sa.func.coalesce(token, -1) != slot.c.token
    )
    return _tell(connection, chosen)


def find_waiting(connection: sa.Connection, before: dt.datetime) -> Broken | None:
    """Slots that were due before this and still wait."""
    chosen = sa.select(slot.c.id, slot.c.job, plain(slot.c.due_at)).where(
        slot.c.outcome == WAITING, micros(slot.c.due_at) < to_micros(before)
    )
    return _tell(connection, chosen)


def find_last_seal(connection: sa.Connection) -> int:
    """The highest number that a run or a slot of the job `seal` says the last seal bears; 0 where none does."""
    told = [
        connection.scalar(sa.select(sa.func.max(table.c.counts["last_seal"].as_integer())).where(table.c.job == "seal"))
        for table in (run, slot)
    ]
    return max(one or 0 for one in told)


def _tell(connection: sa.Connection, chosen: sa.Select[tuple[object, ...]]) -> Broken | None:
    rows = connection.execute(chosen.limit(1_000)).mappings()
    return tell_rows([dict(row) for row in rows])
