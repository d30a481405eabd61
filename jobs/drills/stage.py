"""The place of a drill: a folder, a store and a clock of its own, which end with it."""

import contextlib
import datetime as dt
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from jobs.clock import Clock
from jobs.house import House, furnish
from jobs.settings import Align, Daemon, Ingest, Prices, Report, Score, Settings, Source, Store
from service.instants import Interval
from storage import throwaway

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's own
NOON = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)
"""When drills with a clock of their own take place."""


class Hand:
    """A clock that is moved by hand."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        """The instant it shows."""
        return self.now

    def move(self, **passed: float) -> None:
        """Let time pass, as `timedelta` takes it."""
        self.now += dt.timedelta(**passed)


@dataclass
class Place:
    """`chance` is all the chance there is; `rounds` how often the harm is done (None: as often as the drill likes).

    `server` is the address of a PostgreSQL that somebody lends, "" for SQLite; `daemon` the operator's own schedules.
    """

    folder: Path
    seed: int
    rounds: int | None = None
    server: str = ""
    pg_ctl: str = ""
    zone: str = ""
    daemon: Daemon = field(default_factory=Daemon)
    ending: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def store(self) -> str:
        """What kind of store it is, for people."""
        return "PostgreSQL" if self.server else "SQLite"

    def new_folder(self, name: str) -> Path:
        """A folder in the drill's own."""
        folder = self.folder / name
        folder.mkdir()
        return folder

    def new_store(self, folder: Path) -> str:
        """The address of an empty store: a file in `folder`, or a database that is dropped at the end."""
        if not self.server:
            return f"sqlite:///{folder / 'store.db'}"
        url = throwaway.create(self.server)
        self.ending.callback(throwaway.drop, url, self.server)
        return url

    def furnish(self, settings: Settings, clock: Clock) -> House:
        """A house whose connections end with the drill, before its store does."""
        house = furnish(settings, clock)
        self.ending.callback(house.engine.dispose)
        return house


def settings_for(url: str, folder: Path, *sources: Source, venue: str = "", **more: Any) -> Settings:
    """Settings on a throwaway store that ask nobody but the drill's own servers."""
    settings = {
        "store": Store(url=SecretStr(url)),
        "ingest": Ingest(
            allow_private_addresses=True,
            follow_robots=False,
            seconds_between_requests_to_a_host=0,
            minutes_between_checks=0,
            attempts=1,
            page_worker=False,
        ),
        "score": Score(scorers=("rules", "vader"), batch=10),
        "prices": Prices(venues=("coinbase",), base_url=venue, history_days=20, attempts=1),
        "align": Align(targets=("bitcoin", "sec"), intervals=(Interval.D1,)),
        "report": Report(surrogates=99, days=20, folder=str(folder / "reports")),
        "source": sources,
        "folder": folder,
    }
    return Settings(**{**settings, **more})


@contextlib.contextmanager
def a_place(**given: Any) -> Iterator[Place]:
    """A place for the time of the block; whatever was begun in it ends with it.

    It lies in memory where the machine lends some, unless TMPDIR names another place: drills commit a great deal.
    """
    memory = _MEMORY if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="newscandle-drill-", dir=memory) as folder,
        contextlib.ExitStack() as ending,
    ):
        yield Place(Path(folder), ending=ending, **given)
