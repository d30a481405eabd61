"""One run of one job: in the ledger before it starts, in the ledger when it ends, whatever ends it."""

import time
from collections.abc import Callable

from jobs import logs
from jobs.console import Advance, progress
from jobs.house import House
from jobs.record import Outcome, RunRecord
from jobs.redacting import clean
from service.errors import NewscandleError
from storage import database, runs


def run_job(house: House, job: str, work: Callable[[Advance], Outcome], total: int | None = None) -> RunRecord:
    """Run `work` as `job`: a row in the run ledger opens before and closes after it, with counts or the failure."""
    started_at, began = house.clock(), time.monotonic()
    with database.begin(house.engine) as connection:
        number = runs.start(connection, job=job, started_at=started_at)
    try:
        with logs.bound(job=job, run=number), progress(job, total) as advance:
            outcome = work(advance).without_secrets()
    except NewscandleError as error:
        told = clean(str(error))
        with database.begin(house.engine) as connection:
            runs.finish(connection, number, finished_at=house.clock(), outcome="failed", counts={}, reason=told)
        raise
    finished_at = house.clock()
    with database.begin(house.engine) as connection:
        reason = "; ".join(outcome.failures)
        runs.finish(
            connection,
            number,
            finished_at=finished_at,
            outcome=outcome.word,
            counts=dict(outcome.counts),
            reason=reason,
        )
    return RunRecord(job, started_at, finished_at, outcome, time.monotonic() - began)
