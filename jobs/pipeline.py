"""The six jobs in order, as `newscandle run`, the daemon and the demo walk them.

Each imports what it works with when it is first run: a daemon that waits holds none of it.
"""

import time
from collections.abc import Callable, Iterator

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome, RunRecord
from jobs.running import run_job
from service.errors import NewscandleError

Work = Callable[[House, Advance], Outcome]


def _ingest(house: House, advance: Advance) -> Outcome:
    from jobs.ingest import ingest_sources

    return ingest_sources(house, frozenset(), advance)


def _tell_stories(house: House, advance: Advance) -> Outcome:
    from jobs.stories import tell_stories

    return tell_stories(house, advance)


def _score(house: House, advance: Advance) -> Outcome:
    from jobs.score import score_articles

    return score_articles(house, advance)


def _fetch_prices(house: House, advance: Advance) -> Outcome:
    from jobs.prices import fetch_prices

    return fetch_prices(house, None, None, advance)


def _align(house: House, advance: Advance) -> Outcome:
    from jobs.align import align_series

    return align_series(house, advance)


def _report(house: House, advance: Advance) -> Outcome:
    from jobs.report import Wanted, write_reports

    return write_reports(house, Wanted(), advance)


STEPS: dict[str, Work] = {
    "ingest": _ingest,
    "stories": _tell_stories,
    "score": _score,
    "prices": _fetch_prices,
    "align": _align,
    "report": _report,
}
"""What each job does with the settings' defaults, in the order a datum walks."""


def run_all(house: House) -> Iterator[RunRecord]:
    """Run the six in order, yielding each record as made; a job that fails does not keep the next from trying."""
    for job, work in STEPS.items():
        yield run_step(house, job, work)


def run_step(house: House, job: str, work: Work) -> RunRecord:
    """One of the steps as a recorded run; a foreseen failure is in the record instead of raised."""
    started_at, began = house.clock(), time.monotonic()
    try:
        return run_job(house, job, lambda advance: work(house, advance))
    except NewscandleError as error:
        return RunRecord(
            job, started_at, house.clock(), Outcome({}, (str(error),)).without_secrets(), time.monotonic() - began
        )
