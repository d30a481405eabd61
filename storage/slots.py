"""Slots: each time a job was due, and what became of it. Unique by job and instant, so none is claimed twice."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.slots import RUNNING, UNRUN, WAITING
from storage.schema import schedule, slot
from storage.upsert import among, insert_into, storable


@dataclass(frozen=True, slots=True)
class Slot:
    """One time a job was due (several where `slots` is more than 1), and what became of it; see docs/daemon.md."""

    id: int
    job: str
    due_at: dt.datetime
    slots: int
    outcome: str
    listed_at: dt.datetime
    claimed_by: str
    token: int
    attempts: int
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    counts: Mapping[str, int]
    reason: str
    run_id: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A slot to be put on record: it waits, or will never run (with the reason)."""

    due_at: dt.datetime
    listed_at: dt.datetime
    outcome: str = WAITING
    reason: str = ""
    slots: int = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """The rule by which the slots of `job` up to `listed_until` are on record."""

    job: str
    rule: str
    zone: str
    listed_until: dt.datetime


def load_schedules(connection: sa.Connection) -> dict[str, Kept]:
    """The rules that were kept last, by job."""
    found = connection.execute(sa.select(schedule))
    return {row.job: Kept(**row._mapping) for row in found}  # noqa: SLF001 - the public way to a Row's names


def save_schedule(connection: sa.Connection, job: str, rule: str, zone: str, listed_until: dt.datetime) -> None:
    """Note that every slot of `job` by this rule up to `listed_until` is on record."""
    values = {"rule": rule, "zone": zone, "listed_until": listed_until}
    if not connection.execute(sa.update(schedule).where(schedule.c.job == job).values(values)).rowcount:
        connection.execute(sa.insert(schedule).values(job=job, **values))


def load_begun(connection: sa.Connection, job: str, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """The slots t of `job` with start ≤ t < end that somebody began to run."""
    begun = (slot.c.job == job, slot.c.due_at >= start, slot.c.due_at < end, slot.c.attempts > 0)
    return list(connection.scalars(sa.select(slot.c.due_at).where(*begun)))


def enter(connection: sa.Connection, job: str, listed: Sequence[Listed]) -> None:
    """Put slots on record. One that is there stays as it is, except that one which never ran may be made to wait."""
    if not listed:
        return
    rows = [
        {"job": job, "due_at": one.due_at, "slots": one.slots, "outcome": one.outcome, "listed_at": one.listed_at}
        | {"claimed_by": "", "token": 0, "attempts": 0, "counts": {}, "reason": one.reason}
        | {"finished_at": None if one.outcome == WAITING else one.listed_at}
        for one in listed
    ]
    insert = insert_into(connection, slot)
    is_unrun = sa.or_(*(slot.c.outcome == name for name in UNRUN))  # a list could not be sent with many rows
    never_ran = sa.and_(is_unrun, slot.c.attempts == 0, insert.excluded.outcome == WAITING)
    reopened = {name: insert.excluded[name] for name in ("outcome", "slots", "listed_at", "finished_at", "reason")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["job", "due_at"], set_=reopened, where=never_ran), rows
    )


def load_waiting(connection: sa.Connection, job: str) -> list[Slot]:
    """The slots of a job that wait, the longest due first."""
    return _load(connection, slot.c.outcome == WAITING, slot.c.job == job)


def load_heads(connection: sa.Connection) -> list[Slot]:
    """Of each job the slot that waits and is the longest due."""
    is_waiting = slot.c.outcome == WAITING
    first = sa.select(slot.c.job, sa.func.min(slot.c.due_at)).where(is_waiting).group_by(slot.c.job)
    return _load(connection, is_waiting, sa.tuple_(slot.c.job, slot.c.due_at).in_(first))


def count_waiting(connection: sa.Connection) -> int:
    """How many slots wait."""
    return connection.scalar(sa.select(sa.func.count()).select_from(slot).where(slot.c.outcome == WAITING)) or 0


def load_running(connection: sa.Connection) -> list[Slot]:
    """The slots somebody claimed and has not ended: under an older token than today's, they are orphans."""
    return _load(connection, slot.c.outcome == RUNNING)


def _load(connection: sa.Connection, *chosen: sa.ColumnElement[bool]) -> list[Slot]:
    found = connection.execute(sa.select(slot).where(*chosen).order_by(slot.c.due_at, slot.c.id))
    return [Slot(**row._mapping) for row in found]  # noqa: SLF001 - the public way to a Row's names


def claim(connection: sa.Connection, slot_id: int, *, by: str, token: int, now: dt.datetime, run_id: int) -> bool:
    """Begin a slot that waits; False where it no longer does."""
    begun = {"outcome": RUNNING, "claimed_by": by, "token": token, "started_at": now, "run_id": run_id}
    begun |= {"attempts": slot.c.attempts + 1, "reason": ""}
    is_free = (slot.c.id == slot_id, slot.c.outcome == WAITING)
    return connection.execute(sa.update(slot).where(*is_free).values(begun)).rowcount == 1


def finish(
    connection: sa.Connection,
    slot_id: int,
    *,
    token: int,
    outcome: str,
    now: dt.datetime,
    counts: Mapping[str, int],
    reason: str = "",
) -> bool:
    """End a slot that was claimed under this token; False where it no longer is, as when it was ended already."""
    ended = {"outcome": outcome, "finished_at": now, "counts": dict(counts), "reason": storable(reason)}
    return _change_mine(connection, slot_id, token, ended)


def give_back(connection: sa.Connection, slot_id: int, *, token: int, reason: str) -> bool:
    """Let a slot that was claimed under this token wait again; False where it no longer is."""
    return _change_mine(connection, slot_id, token, {"outcome": WAITING, "reason": storable(reason)})


def _change_mine(connection: sa.Connection, slot_id: int, token: int, values: dict[str, Any]) -> bool:
    is_mine = (slot.c.id == slot_id, slot.c.outcome == RUNNING, slot.c.token == token)
    return connection.execute(sa.update(slot).where(*is_mine).values(values)).rowcount == 1


def fold(connection: sa.Connection, ids: Collection[int], *, outcome: str, reason: str, now: dt.datetime) -> None:
    """End slots that wait without running them."""
    is_chosen = (among(connection, slot.c.id, list(ids)), slot.c.outcome == WAITING)
    values = {"outcome": outcome, "reason": reason, "finished_at": now}
    connection.execute(sa.update(slot).where(*is_chosen).values(values))


def load_recent(
    connection: sa.Connection, *, job: str | None = None, outcomes: Collection[str] = (), limit: int = 20
) -> list[Slot]:
    """The slots latest due, of one job or of all, of these outcomes or of any; latest first."""
    chosen = sa.select(slot).order_by(slot.c.due_at.desc(), slot.c.id.desc()).limit(limit)
    if job is not None:
        chosen = chosen.where(slot.c.job == job)
    if outcomes:
        chosen = chosen.where(slot.c.outcome.in_(outcomes))
    return [Slot(**row._mapping) for row in connection.execute(chosen)]  # noqa: SLF001


def load_last(connection: sa.Connection) -> list[Slot]:
    """Of each job the slot latest due that was begun."""
    last = sa.select(slot.c.job, sa.func.max(slot.c.due_at)).where(slot.c.attempts > 0).group_by(slot.c.job)
    return _load(connection, sa.tuple_(slot.c.job, slot.c.due_at).in_(last))


def load_of_runs(connection: sa.Connection, run_ids: Collection[int]) -> dict[int, Slot]:
    """The slots whose last run is one of these, by its id."""
    found = _load(connection, among(connection, slot.c.run_id, list(run_ids)))
    return {one.run_id: one for one in found if one.run_id is not None}


def count_by_outcome(connection: sa.Connection) -> dict[str, dict[str, int]]:
    """How many slots of each job came to which outcome."""
    counted = sa.select(slot.c.job, slot.c.outcome, sa.func.sum(slot.c.slots)).group_by(slot.c.job, slot.c.outcome)
    found: dict[str, dict[str, int]] = {}
    for job, outcome, number in connection.execute(counted.order_by(slot.c.job, slot.c.outcome)):
        found.setdefault(job, {})[outcome] = int(number)
    return found
