"""Child processes of the tests of care: writers that never pause, and one that backs up, restores or prunes."""

import datetime as dt
import os
from multiprocessing.synchronize import Event
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from jobs.backup import Wanted, make_backup
from jobs.house import House
from jobs.restore import Asked, restore_backup
from jobs.settings import Settings, Store
from storage import articles, database, digest, prune, runs, schema
from tests.storage.builders import an_article, at


def a_settings(url: str, folder: Path, **more: object) -> Settings:
    return Settings(store=Store(url=SecretStr(url)), folder=folder, **more)  # type: ignore[arg-type]


def open_as_house(url: str, folder: Path, **more: object) -> House:
    """A house on a store as it is: nothing is migrated."""
    return House(a_settings(url, folder, **more), database.open_engine(url), lambda: dt.datetime.now(dt.UTC))


def idle(_units: int) -> None:
    pass


def write_without_pause(url: str, log: Path, name: str, started: Event, stopping: Event) -> None:
    """Commit after commit, each with a run, an article, an edit and a line in `log`: `runs digest`.

    The line is written before the commit: while it stands last, the commit may not have come.
    """
    engine = database.open_engine(url, patience_seconds=60)
    while not stopping.is_set():
        with database.begin(engine) as connection:
            number = 1 + (connection.scalar(sa.select(sa.func.count()).select_from(schema.run)) or 0)
            runs.start(connection, f"{name}-{number}", started_at=at(number))
            new = [
                an_article(f"{name}-{number}", hours=number),
                an_article(f"{name}-{number}", text="b", hours=number + 1),
            ]
            articles.save(connection, new, recorded_at=at(number))
            line = f"{number} {digest.total(connection)}\n"
            with log.open("a") as file:
                file.write(line)
        if number > 3:
            started.set()
    engine.dispose()


def back_up(url: str, folder: Path, ready: Event) -> None:
    house = open_as_house(url, folder)
    ready.set()
    make_backup(house, Wanted(folder / "backups", keep=2), idle)
    os._exit(0)


def replace_store(url: str, file: Path, name: str, ready: Event) -> None:
    settings = a_settings(url, file.parent)
    ready.set()
    restore_backup(settings, Asked(file, name))
    os._exit(0)


def prune_in_small_batches(url: str) -> None:
    """Prune all kinds, few rows a commit, by a clock that stands."""
    engine = database.open_engine(url)
    for act in prune.ACTS.values():
        first: int | None = 0
        while first is not None:
            with database.begin(engine) as connection:
                first = act(connection, prune.Batch(first, at(40), at(20_000), width=7)).next_id
    engine.dispose()
