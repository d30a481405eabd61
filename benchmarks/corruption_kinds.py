"""Corruptions: what may go wrong with a store behind newscandle's back, each drawn at random, on both databases."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage import schema
from storage.column import metadata
from storage.instant_column import UtcDateTime
from storage.seal_parts import COLUMNS_NOT_SEALED, NOT_SEALED

SEALED = [table for table in metadata.sorted_tables if table.name not in NOT_SEALED]
_HOUR = 3_600_000_000


class Nothing(Exception):
    """What was drawn cannot be done or would change nothing: another is drawn."""


@dataclass(frozen=True)
class Patient:
    """A copy of the sound store that may be spoilt: an engine to spoil it by and one to read it by, its file (SQLite),
    and the folder of its reports.
    """

    engine: sa.Engine
    reader: sa.Engine
    file: Path | None
    reports: Path


Corrupt = Callable[[Patient, sa.Connection, random.Random], str]


def plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A column as the database holds it."""
    if isinstance(column.type, UtcDateTime):
        return sa.type_coerce(column, sa.BigInteger)
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def _tables(connection: sa.Connection) -> list[sa.Table]:
    return [one for one in SEALED if connection.scalar(sa.select(sa.func.count()).select_from(one))]


def _draw(connection: sa.Connection, table: sa.Table, chance: random.Random, many: int = 1) -> list[dict[str, Any]]:
    count = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    if count < many:
        raise Nothing
    columns = [plain(column).label(column.name) for column in table.c]
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
