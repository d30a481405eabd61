"""The six jobs in order, as `newscandle run`, the daemon and the demo walk them."""

import time
from collections.abc import Callable, Iterator

from jobs.align import align_series
from jobs.console import Advance
from jobs.house import House
from jobs.ingest import ingest_sources
from jobs.prices import fetch_prices
from jobs.record import Outcome, RunRecord
from jobs.report import Wanted, write_reports
from jobs.running import run_job
from jobs.score import score_articles
from jobs.stories import tell_stories
from service.errors import NewscandleError

Work = Callable[[House, Advance], Outcome]

STEPS: dict[str, Work] = {
    "ingest": lambda house, advance: ingest_sources(house, frozenset(), advance),
    "stories": tell_stories,
    "score": score_articles,
    "prices": lambda house, advance: fetch_prices(house, None, None, advance),
    "align": align_series,
    "report": lambda house, advance: write_reports(house, Wanted(), advance),
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
