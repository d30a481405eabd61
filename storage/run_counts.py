"""How much there is of runs and slots, by job."""

import sqlalchemy as sa

from service.slots import RUNNING, WAITING
from storage import slots
from storage.figures import By, add_folded, to_seconds
from storage.pruned import RUN_MICROS, count_folded
from storage.schema import run


def count_runs(connection: sa.Connection) -> dict[str, By]:
    """Runs by how they ended and how long they took, slots by what became of them."""
    took = to_seconds(run.c.finished_at) - to_seconds(run.c.started_at)
    took = sa.case((took > 0, took), else_=sa.literal_column("0.0"))  # the clock may have been set back meanwhile
    is_over = run.c.finished_at.is_not(None)
    ended = sa.select(run.c.job, run.c.outcome, sa.func.count(), sa.func.sum(took)).where(is_over)
    rows = connection.execute(ended.group_by(run.c.job, run.c.outcome)).all()
    seconds: dict[tuple[str, ...], float] = {}
    number: dict[tuple[str, ...], float] = {}
    for (job, _), micros in count_folded(connection, RUN_MICROS).items():
        seconds[(job,)] = seconds.get((job,), 0.0) + micros / 1e6
    for (job, _), runs in count_folded(connection, "run").items():
        number[(job,)] = number.get((job,), 0.0) + runs
    ended_slots: dict[tuple[str, ...], float] = {
        (job, outcome): float(slots_of)
        for job, outcomes in slots.count_by_outcome(connection).items()
        for outcome, slots_of in outcomes.items()
        if outcome not in (WAITING, RUNNING)
    }
    for job, _, runs, took_together in rows:
        number[(job,)] = number.get((job,), 0.0) + runs
        seconds[(job,)] = seconds.get((job,), 0.0) + float(took_together)
    return {
        "job_runs_total": add_folded(connection, "run", {(*row[:2],): float(row[2]) for row in rows}),
        "job_duration_seconds_sum": seconds,
        "job_duration_seconds_count": number,
        "job_last_duration_seconds": {
            (job,): float(seconds)
            for (job,) in number
            for seconds in connection.scalars(
                sa.select(took).where(run.c.job == job, is_over).order_by(run.c.started_at.desc()).limit(1)
            )
        },
        "slots_total": add_folded(connection, "slot", ended_slots),
    }
