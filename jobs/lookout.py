"""Whoever asks how newscandle is: the store is looked at, and judged, within a time that is not exceeded.

    settings ─┐
    store ────┴▶ gather_facts ─▶ readiness.judge ─▶ /readyz, newscandle status
                       └───────── counts (seldom) ─▶ /metrics

A look takes a thread of its own and a connection of its own, one at a time. Whoever asks waits for it so long and no
longer: a store that does not answer is one that cannot be read.
"""

import datetime as dt
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

import sqlalchemy as sa
import structlog

from dashboards.metrics import Exposed, Liveness
from jobs.clock import Clock
from jobs.house import House, store_url
from jobs.patience import Patient
from jobs.schedule import plan_jobs
from jobs.settings import Settings
from service.errors import StoreFailed
from service.health import facts, readiness
from service.health.facts import Facts, Wanted
from service.health.findings import Finding, Severity
from service.health.readiness import Readiness
from service.health.silence import measure_silence
from service.instants import parse_duration
from service.news.manners import polling
from storage import counts, database, health, lease
from storage.counts import Counts
from storage.schema import RELEASE

log = structlog.get_logger("newscandle")
ANSWER_SECONDS = 1.5
"""So long a look may take before the answer is that the store does not."""
LOOK_SECONDS = 1.0
"""An answer so old is given again, lest whoever asks often burdens the store."""
COUNT_SECONDS = 30.0
COUNT_PATIENCE = 0.05
"""So long /metrics waits for the first counts; later ones are counted while it answers with those before."""
COUNT_SHARE = 0.02
"""So much of the time is spent on counting at most: what takes a second is counted once in 50."""
_SILENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw; `facts` None where the store could not be read."""

    readiness: Readiness
    facts: Facts | None = None
    standing_by: tuple[str, ...] = ()


class Lookout:
    """Answers for one process, each within `seconds`. `breathe`: seconds since each thread of its daemon gave a sign of
    life, and the most each may take; nothing where there is no daemon in it.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        breathe: Callable[[], Mapping[str, tuple[float, float]]] = dict,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._seconds = seconds
        self._engine = database.open_engine(store_url(settings), patience_seconds=2)
        self._clock, self._breathe = clock, breathe
        self._house = House(settings, self._engine, clock)
        self._clock_watch = ClockWatch(clock)
        self._silences: tuple[float, dict[str, list[dt.datetime]]] | None = None
        self._looking = Patient(self._look, LOOK_SECONDS)
        self._counting = Patient(self._count, COUNT_SECONDS, COUNT_SHARE)

    def furnish(self, settings: Settings) -> None:
        """Go by these settings from now on."""
        self._house = House(settings, self._engine, self._clock)

    def check_alive(self) -> Liveness:
        """Whether the threads of this process breathe; asks nobody else."""
        silences = self._breathe()
        return Liveness(
            {thread: silence for thread, (silence, _) in silences.items()},
            tuple(thread for thread, (silence, most) in silences.items() if silence > most),
        )

    def judge(self) -> Readiness:
        """Whether newscandle is ready; never raises."""
        return self._see().readiness

    def expose(self) -> Exposed:
        """Everything /metrics tells; never raises."""
        seen = self._see()
        counted = self._counting.ask(COUNT_PATIENCE, is_old_welcome=True) if seen.facts else None
        build = {"version": version("newscandle"), "schema": RELEASE, "python": platform.python_version()}
        build["database"] = self._engine.dialect.name
        return Exposed(
            readiness=seen.readiness,
            facts=seen.facts,
            counts=counted,
            standing_by=seen.standing_by,
            silences=self.check_alive().silences,
            build=build,
        )

    def begin(self) -> None:
        """Begin to count, so that whoever asks first need not wait."""
        self._counting.ask(0.0)

    def count_now(self) -> Counts | None:
        """What /metrics counts, however long that takes; None where the store cannot be read."""
        return self._count()

    def _see(self) -> Seen:
        seen = self._looking.ask(self._seconds)
        if seen is not None:
            return seen
        failure = StoreFailed("unreachable", f"the store did not answer within {self._seconds} s")
        return Seen(readiness.refuse(failure, self._clock()))

    def _look(self) -> Seen:
        try:
            return look(self._house, stands=self._clock_watch.stands(), news_at=self._recall_news)
        except StoreFailed as failure:
            return Seen(readiness.refuse(failure, self._clock()))
        except Exception as error:  # whoever asks is told that it is not well, not sent away with an error
            log.exception("a fault in newscandle: please report it")
            text = f"A fault in newscandle, {type(error).__name__}: health cannot be judged."
            found = Finding("fault", "health", Severity.CRITICAL, text, "See the log, and report it.")
            return Seen(Readiness(self._clock(), (found,)))
        finally:
            self._let_go()

    def _count(self) -> Counts | None:
        try:
            with database.read(self._engine) as connection:
                return count(self._house, connection)
        except StoreFailed:
            return None
        except Exception:  # metrics without counts are still metrics
            log.exception("a fault in newscandle: please report it")
            return None
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """A SQLite file may be put in another's place: a connection kept open would read the one that is gone."""
        if self._engine.dialect.name == "sqlite":
            self._engine.dispose()

    def _recall_news(self, connection: sa.Connection) -> Mapping[str, list[dt.datetime]]:
        """The past by which silences are judged, read once a minute."""
        if self._silences is None or time.monotonic() - self._silences[0] > _SILENCE_SECONDS:
            self._silences = (time.monotonic(), health.load_news_instants(connection))
        return self._silences[1]


class ClockWatch:
    """Whether a clock goes: held against one that nobody can set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began, self._tick = clock(), time.monotonic()

    def stands(self) -> bool:
        """Whether it showed the same as when this was made, though time has passed."""
        return time.monotonic() - self._tick > 0.001 and self._clock() == self._began


def look(
    house: House,
    *,
    stands: bool = False,
    news_at: Callable[[sa.Connection], Mapping[str, list[dt.datetime]]] = health.load_news_instants,
) -> Seen:
    """Look at the store now, and judge. Raises `StoreFailed`."""
    health.require_there(house.engine)
    database.check(house.engine)
    with database.read(house.engine) as connection:
        gathered = gather_facts(house, connection, news_at(connection))
        gathered = replace(gathered, clock=replace(gathered.clock, stands=stands))
        there = lease.load_presences(connection)
    told = gathered.clock.database or gathered.clock.now
    leads = gathered.leader.holder if gathered.leader else ""
    standing_by = tuple(one.holder for one in there if one.expires_at > told and one.holder != leads)
    return Seen(readiness.judge(gathered), gathered, standing_by)


def gather_facts(house: House, connection: sa.Connection, news_at: Mapping[str, list[dt.datetime]]) -> Facts:
    """What health is judged by, from the settings and the store."""
    settings, now = house.settings, house.clock()
    told = lease.tell_time(connection, now)
    held = lease.load(connection)
    plans = plan_jobs(house)
    marks = health.load_marks(connection, plans)
    return Facts(
        clock=facts.Clock(now, told if connection.dialect.name == "postgresql" else None),
        wanted=wanted_of(settings),
        leader=None if held is None else facts.Leader(held.holder, held.renewed_at, held.expires_at),
        sources=_gather_sources(house, connection, news_at),
        markets=tuple(health.load_markets(connection)),
        series=tuple(
            health.load_series(connection, now, targets=settings.align.targets, intervals=settings.align.intervals)
        ),
        jobs={job: facts.Job(job, plan.schedule, **asdict(marks[job])) for job, plan in plans.items()},
        unread=health.load_unread(connection, settings.score.scorers[0]) if settings.score.scorers else None,
        silence=measure_silence(
            sorted(at for one in settings.source if one.enabled for at in news_at.get(one.name, ()))
        ),
    )


def wanted_of(settings: Settings) -> Wanted:
    """What these settings promise."""
    return Wanted(
        base=settings.prices.symbol.partition("/")[0],
        venues=settings.prices.venues,
        intervals=settings.prices.intervals,
        targets=settings.align.targets,
        series_intervals=settings.align.intervals,
        venue=settings.align.venue,
        scorer=settings.score.scorers[0] if settings.score.scorers else "",
        longest=dt.timedelta(hours=settings.ingest.hours_between_checks_at_most),
    )


def _gather_sources(
    house: House, connection: sa.Connection, news_at: Mapping[str, list[dt.datetime]]
) -> tuple[facts.Source, ...]:
    states = health.load_states(connection)
    newest = health.load_newest_news(connection)
    least = dt.timedelta(minutes=house.settings.ingest.minutes_between_checks)
    return tuple(
        facts.Source(
            name=one.name,
            language=one.language,
            every=parse_duration(one.every) if one.every else least,
            # what is remembered of another address is not of this source
            state=polling.begin(one.name, one.url, states[one.name]) if one.name in states else None,
            last_new_at=newest.get(one.name),
            silence=measure_silence(news_at.get(one.name, [])),
            is_enabled=one.enabled,
            is_polled=one.url.startswith(("http://", "https://")),
        )
        for one in house.settings.source
    )


def count(house: House, connection: sa.Connection) -> Counts:
    """What /metrics counts, now."""
    settings = house.settings
    leading = health.find_leading(connection, settings.score.scorers[0]) if settings.score.scorers else ""
    return counts.count(connection, house.clock(), scorer=leading, targets=settings.align.targets)
