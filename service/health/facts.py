"""What health is judged by, as it was found in the store and in the settings. Instants in UTC."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.health.silence import Silence
from service.instants import Interval
from service.news.manners.polling import SourceState
from service.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` by the clock of the process that asks, `database` by the store's own at that moment (None: it has none).

    `stands`: the clock of the process does not go.
    """

    now: dt.datetime
    database: dt.datetime | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the settings. `every`: the least time between two checks; `state` None: it was never asked.

    `is_polled` is false for a file, of which no checks are kept. `last_new_at`: when it last brought an article.
    """

    name: str
    language: str
    every: dt.timedelta
    state: SourceState | None = None
    last_new_at: dt.datetime | None = None
    silence: Silence | None = None
    is_enabled: bool = True
    is_polled: bool = True


@dataclass(frozen=True, slots=True)
class Market:
    """Bars held of a venue, a symbol and an interval; `last_close_at` is where the newest ends."""

    venue: str
    symbol: str
    interval: Interval
    last_close_at: dt.datetime

    @property
    def subject(self) -> str:
        """How findings name it."""
        return f"{self.venue} {self.symbol} {self.interval.value}"


@dataclass(frozen=True, slots=True)
class Series:
    """An aligned series; `last_bar_at` is where its newest whole bar ends (None: it has none)."""

    target: str
    interval: Interval
    scorer: str
    venue: str
    symbol: str
    last_bar_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its schedule. Of its slots: `first_due_at`, when the oldest on record was due; `last_ended_at`, when one
    last ran to its end, well or not; `failures_in_row`, how many failed since one ended well, and why the last did.
    """

    job: str
    schedule: Schedule
    first_due_at: dt.datetime | None = None
    last_ended_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    running_since: dt.datetime | None = None
    waiting: int = 0
    failures_in_row: int = 0
    last_reason: str = ""


@dataclass(frozen=True, slots=True)
class Leader:
    """The lease as it stands, by the database's clock; `holder` is empty where nobody has it."""

    holder: str
    renewed_at: dt.datetime
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """What the leading scorer has not come to: how many texts after the last it read, the oldest taken in when."""

    scorer: str
    count: int
    oldest_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings promise: candles of `intervals` from `venues`, series of `targets` at `series_intervals`.

    `venue`: the one that series stand on: a name, `reference`, or "" for the one that covers most. `base`: what is
    priced (BTC). `longest`: what feeds and failures can stretch the time between checks to. `scorer`: the leading one.
    """

    base: str
    venues: tuple[str, ...]
    intervals: tuple[Interval, ...]
    targets: tuple[str, ...]
    series_intervals: tuple[Interval, ...]
    venue: str
    scorer: str
    longest: dt.timedelta


@dataclass(frozen=True, slots=True)
class Facts:
    """All there is to judge by. `leader` None: nobody ever led. `silence`: of all sources together."""

    clock: Clock
    wanted: Wanted
    leader: Leader | None = None
    sources: tuple[Source, ...] = ()
    markets: tuple[Market, ...] = ()
    series: tuple[Series, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    unread: Unread | None = None
    silence: Silence | None = None
