"""The daemon: the six jobs, and the editions, on their schedules. The only file that meets APScheduler.

Triggers are cron expressions in UTC; each job runs at most once at a time, missed runs fold into one, and a run later
than the grace is recorded in the ledger as missed. SIGTERM and SIGINT let the job under way finish its transaction.
"""

import signal
import threading
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from jobs.console import log_to_stderr
from jobs.editions import write_editions
from jobs.house import House
from jobs.pipeline import STEPS, Work, run_step
from service.errors import BadInput
from storage import database, runs

log = structlog.get_logger("newscandle")
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_daemon(house: House) -> None:
    """Run until SIGTERM or SIGINT; returns when the job under way, if any, has ended. A second one ends it at once."""
    log_to_stderr()
    stopping = threading.Event()
    # Signals are waited for, not handled: a handler runs in the midst of anything, and one that logs or sets an event
    # while the main thread holds the lock of either would wait for itself for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    scheduler = build_scheduler(house, stopping)
    scheduler.start()
    log.info("started", jobs={job: getattr(house.settings.daemon, job) for job in list_works(house)})
    received = signal.sigwait(STOP_SIGNALS)
    stopping.set()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    log.info("stopping", signal=signal.Signals(received).name)
    scheduler.shutdown(wait=True)
    log.info("stopped")


def build_scheduler(house: House, stopping: threading.Event) -> BackgroundScheduler:
    """A scheduler, not started, that holds those jobs; once `stopping` is set, those whose turn comes do not begin.

    Raises `BadInput` for a cron expression it cannot read.
    """
    settings = house.settings.daemon
    # One thread: the jobs hand data to one another through the store, and SQLite has one writer.
    scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
    for job, work in list_works(house).items():
        scheduler.add_job(
            _run_logged,
            _read_cron(f"daemon.{job}", getattr(settings, job)),
            args=(house, job, work, stopping),
            id=job,
            misfire_grace_time=settings.misfire_grace_seconds,
            coalesce=True,
            max_instances=1,
        )
    scheduler.add_listener(lambda event: _record_missed(house, event), EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def list_works(house: House) -> dict[str, Work]:
    """What the daemon does, by name of its schedule: the six jobs, and the editions where there are any."""
    return {**STEPS, "editions": write_editions} if house.settings.report.editions else dict(STEPS)


def _read_cron(field: str, expression: str) -> CronTrigger:
    try:
        return CronTrigger.from_crontab(expression, timezone="UTC")
    except ValueError as error:
        raise BadInput(field, expression, f"write five cron fields in UTC, as */10 * * * * ({error})") from error


def _run_logged(house: House, job: str, work: Work, stopping: threading.Event) -> None:
    if stopping.is_set():
        return
    record = run_step(house, job, work)
    log.info("ran", **record.as_json())


def _record_missed(house: House, event: Any) -> None:
    now = house.clock()
    with database.begin(house.engine) as connection:
        number = runs.start(connection, job=event.job_id, started_at=now)
        runs.finish(
            connection,
            number,
            finished_at=now,
            outcome="missed",
            counts={},
            reason="its time came while it could not run",
        )
    log.warning("missed", job=event.job_id)
