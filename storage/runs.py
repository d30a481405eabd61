"""Runs: which job ran when, what it counted and how it ended. A run that was killed stays `running`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from storage.schema import run
from storage.upsert import storable

RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one job; `finished_at` is None while it runs, and for ever if it was killed."""

    id: int
    job: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    outcome: str
    counts: Mapping[str, int]
    reason: str


def start(connection: sa.Connection, job: str, *, started_at: dt.datetime) -> int:
    """Note that a job begins; gives the run's id."""
    begun = sa.insert(run).values(job=job, started_at=started_at, outcome=RUNNING, counts={}, reason="")
    return int(connection.execute(begun).inserted_primary_key[0])  # type: ignore[index]


def finish(
    connection: sa.Connection,
    run_id: int,
    *,
    finished_at: dt.datetime,
    outcome: str,
    counts: Mapping[str, int],
    reason: str = "",
) -> None:
    """Note how a run ended: `outcome` in a word (`done`, `failed` …), what it counted, and why it failed."""
    ended = {"finished_at": finished_at, "outcome": outcome, "counts": dict(counts), "reason": storable(reason)}
    connection.execute(sa.update(run).where(run.c.id == run_id).values(ended))


def recent(connection: sa.Connection, *, limit: int = 20, job: str | None = None) -> list[Run]:
    """The newest runs, of one job or of all, newest first."""
    chosen = sa.select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
    if job is not None:
        chosen = chosen.where(run.c.job == job)
    return [Run(**row._mapping) for row in connection.execute(chosen)]  # noqa: SLF001 - the public way to a Row's names


def list_jobs(connection: sa.Connection) -> set[str]:
    """The names of the jobs of which a run is on record."""
    return set(connection.scalars(sa.select(run.c.job).distinct()))
