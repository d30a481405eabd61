"""What the ledger says of the daemons and their slots, for `newscandle status` and `newscandle runs`."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from jobs.house import House
from jobs.ledger import STORE
from jobs.schedule import plan_jobs
from service.errors import BadInput
from service.instants import format_instant
from service.schedules import find_next
from service.slots import ABANDONED, COALESCED, MISSED, WAITING
from storage import database, lease, runs, slots
from storage.slots import Slot

NOT_RUN = (MISSED, COALESCED, ABANDONED)


def gather_daemons(house: House, connection: sa.Connection) -> dict[str, Any]:
    """Who leads and who stands by, and for each job its next slot, its last one and its counts, as plain values.

    `leader` is None where none does; one whose lease has run out is gone, and `expired` says so.
    """
    now = lease.tell_time(connection, house.clock())
    held = lease.load(connection)
    there = [one for one in lease.load_presences(connection) if one.expires_at > now]
    counted = slots.count_by_outcome(connection)
    last = {one.job: one for one in slots.load_last(connection)}
    return {
        "leader": None
        if held is None or not held.holder
        else {
            "daemon": held.holder,
            "token": held.token,
            "leads_since": format_instant(held.acquired_at),
            "lease_age_seconds": round((now - held.renewed_at).total_seconds(), 1),
            "expired": held.expires_at <= now,
        },
        "standing_by": [one.holder for one in there if held is None or one.holder != held.holder],
        "jobs": [
            {
                "job": job,
                "rule": plan.rule,
                "zone": plan.zone,
                "next": format_instant(find_next(plan.schedule, now)),
                "last": _tell(last[job]) if job in last else None,
                "waiting": counted.get(job, {}).get(WAITING, 0),
                "not_run": {name: counted[job][name] for name in NOT_RUN if counted.get(job, {}).get(name)},
            }
            for job, plan in plan_jobs(house).items()
        ],
    }


def describe_daemons(told: dict[str, Any]) -> list[str]:
    """The same in lines for people."""
    leader = told["leader"]
    if leader is None:
        lines = ["daemon: none leads"]
    elif leader["expired"]:
        lines = [f"daemon: none leads; {leader['daemon']} was last heard of {leader['lease_age_seconds']:.0f} s ago"]
    else:
        age = f"heard of {leader['lease_age_seconds']:.0f} s ago"
        lines = [f"daemon: {leader['daemon']} leads since {leader['leads_since']}, {age}"]
    lines += [f"  standing by: {one}" for one in told["standing_by"]]
    for job in told["jobs"]:
        last = f"last {job['last']['due_at']} {job['last']['outcome']}" if job["last"] else "never yet"
        counts = {"waiting": job["waiting"], **job["not_run"]}
        more = "".join(f", {number:,} {name}" for name, number in counts.items() if number)
        lines.append(f"  {job['job']:<10}next {job['next']}, {last}{more}")
    return lines


def list_runs(house: House, job: str | None, *, not_run: bool, limit: int, as_json: bool) -> str:
    """The newest runs, by hand and by daemons; with `not_run` the slots that never ran, and why. Text or JSON.

    Raises `BadInput` for a job of which nothing is on record.
    """
    with database.read(house.engine) as connection:
        found = slots.load_recent(connection, job=job, outcomes=NOT_RUN, limit=limit) if not_run else []
        begun = [] if not_run else runs.recent(connection, job=job, limit=limit)
        of_run = slots.load_of_runs(connection, [one.id for one in begun])
        known = runs.list_jobs(connection) | slots.count_by_outcome(connection).keys()
    if job is not None and job not in known:
        raise BadInput("--job", job, f"nothing is on record of it; there are {', '.join(sorted(known)) or 'none'}")
    told = [_tell(one) for one in found] + [
        {
            "job": one.job,
            "started_at": format_instant(one.started_at),
            "finished_at": format_instant(one.finished_at) if one.finished_at else None,
            "outcome": one.outcome,
            "counts": dict(one.counts),
            "reason": one.reason,
            "slot": _tell(of_run[one.id]) if one.id in of_run else None,
        }
        for one in begun
    ]
    return json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_write(told)) or "none"


def _tell(one: Slot) -> dict[str, Any]:
    return {
        "job": one.job,
        "due_at": format_instant(one.due_at),
        "slots": one.slots,
        "outcome": one.outcome,
        "attempts": one.attempts,
        "claimed_by": one.claimed_by,
        "reason": one.reason,
    }


def _write(told: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for one in told:
        if "due_at" in one:
            what = f"{one['due_at']}  {one['job']:<16}{one['outcome']}"
        else:
            slot = one["slot"]
            what = f"{one['started_at']}  {one['job']:<16}{one['outcome']}"
            by_hand = "" if one["job"] == STORE else "  (by hand)"
            what += f"  (slot {slot['due_at']}, {slot['outcome']})" if slot else by_hand
        lines.append(f"{what}{': ' + one['reason'] if one['reason'] else ''}")
    return lines
