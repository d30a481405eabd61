"""Furnished houses and real newscandle processes for the jobs' tests."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from jobs.clock import Clock
from jobs.house import House, furnish
from jobs.settings import Ingest, Score, Settings, Source, Store
from storage import database, digest

NOW = dt.datetime(2024, 5, 10, 12, 0, tzinfo=dt.UTC)
REPOSITORY = Path(__file__).resolve().parents[2]
LOCAL = Ingest(
    allow_private_addresses=True,
    follow_robots=False,
    seconds_between_requests_to_a_host=0,
    minutes_between_checks=0,
    attempts=1,
    contact="a@b.example",
    page_worker=False,
)
"""Manners towards the test's own web server: no pause, no robots.txt, one try, asked whenever ingest runs, pages read
in process."""
LIGHT = Score(scorers=("rules", "vader"))
"""Scorers that read in milliseconds."""


class Hands:
    """A clock that is moved by hand."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


@contextmanager
def a_house(
    folder: Path,
    *sources: Source,
    clock: Clock | None = None,
    ingest: Ingest = LOCAL,
    score: Score = LIGHT,
    **more: object,
) -> Iterator[House]:
    """A house on a new or earlier SQLite store in `folder`."""
    store = Store(url=SecretStr(f"sqlite:///{folder / 'store.db'}"))
    settings = Settings(store=store, ingest=ingest, score=score, source=sources, folder=folder, **more)  # type: ignore[arg-type]
    house = furnish(settings, clock or Hands())
    yield house
    house.engine.dispose()


def rows(house: House, select: str) -> list[tuple[object, ...]]:
    """The rows of a SELECT on the store of `house`."""
    with database.read(house.engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(select))]


def digest_of(house: House) -> dict[str, str]:
    """What the store holds, by table."""
    with database.read(house.engine) as connection:
        return digest.digest(connection)


def idle(_units: int) -> None:
    """An `advance` for jobs whose progress nobody watches."""


def command(*words: str | Path) -> list[str]:
    """The argument vector of a real `newscandle` process."""
    return [sys.executable, "-m", "jobs", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    """The process's own environment without our variables, the checkout importable, and `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCANDLE_")}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "error", **more}


def newscandle(folder: Path, *words: str | Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `newscandle` in `folder` to its end."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(**variables),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
