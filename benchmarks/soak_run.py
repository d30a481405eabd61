"""A soak put together: the web, the exchanges, the store, one daemon after the other, and whoever looks at them."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.simulated_web import Feed, make_feeds
from benchmarks.soak_daemon import SoakHouse, Stage, SteppedDaemon, close_loop
from benchmarks.soak_outages import CLOCK_AHEAD, CLOCK_BACK, DAEMON_GONE, Outages
from benchmarks.soak_record import Record
from benchmarks.soak_store import StoreFaults, set_clock_of
from benchmarks.soak_time import DAY, HOUR, Timeline, TimelineLoop
from benchmarks.soak_venues import VENUES, SoakVenues
from benchmarks.soak_web import SoakWeb
from jobs.settings import Align, Daemon, Ingest, Prices, Report, Score, Settings, Source, Store
from storage import database

_RESTART_SECONDS = 10.0


@dataclass(frozen=True)
class Wanted:
    """What is asked of a soak; `faults` is the share of requests that fail, `url` a database of its own or ""."""

    days: float
    feeds: int
    faults: float
    folder: Path
    url: str = ""
    seed: int = 7
    scorers: tuple[str, ...] = ("rules", "vader")


@dataclass
class Soak:
    """Everything of a soak under way."""

    wanted: Wanted
    timeline: Timeline
    outages: Outages
    feeds: list[Feed]
    stage: Stage
    venues: SoakVenues
    store: StoreFaults
    house: SoakHouse
    looking: sa.Engine  # as another process would have it
    daemon: SteppedDaemon | None = None
    born: int = 0
    _led_at: float | None = None

    def begin(self) -> None:
        """Start the first daemon, and see to it that there is another one whenever it dies."""
        self.stage.tell_claim = lambda: None if self.daemon is None else self.daemon.claim
        self.store.before_kill = self._settle
        self._supervise()
        self.outages.on_change(DAEMON_GONE, self._stop, lambda: None)
        self.outages.on_change(CLOCK_AHEAD, self._set_clock(HOUR), self._set_clock(0))
        self.outages.on_change(CLOCK_BACK, self._set_clock(-HOUR), self._set_clock(0))
        if self.wanted.faults:
            self._plan_kills()

    @property
    def led_at(self) -> float | None:
        """The ticks at which a daemon last led, and could say so in the store."""
        if self.daemon is not None and self.daemon.led_at is not None:
            self._led_at = self.daemon.led_at
        return self._led_at

    def _supervise(self) -> None:
        """As a service manager: what ended starts anew after a while, unless it is not to run."""
        self._led_at = self.led_at
        if not self.outages.is_on(DAEMON_GONE) and (self.daemon is None or self.daemon.is_dead):
            self.house.engine.dispose()
            self.born += 1
            house = SoakHouse(self.house.settings, self.house.engine, self.house.clock, self.outages)
            name = f"soak:{self.born}:{self.born:08x}"
            self.daemon = SteppedDaemon(house, self.stage.plan(house), self.timeline, self.stage.record, name)
            self.daemon.start()
        self.timeline.at(self.timeline.now + _RESTART_SECONDS, self._supervise)

    def _settle(self) -> None:
        """The daemon is about to die: what it ended before, and not just now, is on record."""
        if self.daemon is not None and self.daemon.claim is None:
            self.stage.record.settle()

    def _stop(self) -> None:
        if self.daemon is not None:
            self.daemon.stop()

    def _set_clock(self, seconds: float) -> Callable[[], None]:
        def set_it() -> None:
            self.timeline.set_ahead = seconds

        return set_it

    def _plan_kills(self) -> None:
        draw = random.Random(self.wanted.seed)
        at = 0.0
        while (at := at + draw.expovariate(1 / (DAY * 0.05 / self.wanted.faults))) < self.wanted.days * DAY:
            self.timeline.at(at, self._arm_kill(draw.randrange(1, 200)))

    def _arm_kill(self, statements: int) -> Callable[[], None]:
        def arm() -> None:
            self.store.kill_after = statements

        return arm


@contextmanager
def set_up(wanted: Wanted, outages: Outages, timeline: Timeline) -> Iterator[Soak]:
    """A soak ready to begin; its servers listen until the block ends."""
    feeds = make_feeds(wanted.feeds, wanted.days, wanted.seed)
    loop = TimelineLoop(timeline)
    web = SoakWeb(feeds, outages, wanted.faults, wanted.seed)
    venues = SoakVenues(timeline, outages, wanted.days, wanted.faults, wanted.seed)
    runner = loop.run_until_complete(web.open())
    store = StoreFaults(outages, timeline, wanted.faults / 20, wanted.seed)
    with venues.open() as exchange:
        settings = make_settings(wanted, feeds, web, exchange.url)
        engine = database.open_engine(settings.store.url.get_secret_value())
        database.migrate(engine)
        if engine.dialect.name == "postgresql":
            set_clock_of(engine)
        store.attach(engine, is_daemon=True)
        looking = store.attach(database.open_engine(settings.store.url.get_secret_value()), is_daemon=False)
        stage = Stage(timeline, outages, web, Record(), loop)
        house = SoakHouse(settings, engine, timeline.clock, outages)
        try:
            yield Soak(wanted, timeline, outages, feeds, stage, venues, store, house, looking)
        finally:
            loop.run_until_complete(runner.cleanup())
            close_loop(loop)
            engine.dispose()
            looking.dispose()


def make_settings(wanted: Wanted, feeds: list[Feed], web: SoakWeb, exchange: str) -> Settings:
    """The settings' defaults, except for where things are and what the machine has no time for."""
    sources = tuple(
        Source(name=feed.name, url=web.url_of(feed), language="en", fetch_pages=number % 20 == 0)
        for number, feed in enumerate(feeds)
    )
    return Settings(
        store=Store(url=SecretStr(wanted.url or f"sqlite:///{wanted.folder / 'soak.db'}")),
        ingest=Ingest(allow_private_addresses=True, contact="ops@example.org", page_worker=False),
        score=Score(scorers=wanted.scorers),
        prices=Prices(venues=VENUES, base_url=exchange, history_days=30),
        align=Align(targets=("bitcoin",)),
        report=Report(days=30, weekly_days=30, surrogates=99),
        daemon=Daemon(lease_seconds=60),
        source=sources,
        folder=wanted.folder,
    )
