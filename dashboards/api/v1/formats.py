"""Rows of a listing as JSON, NDJSON, CSV, Parquet and Arrow: a batch at a time, whatever their number.

A value is the same in each: doubles to the last bit, instants to the microsecond, missing as missing. In CSV alone a
text that a spreadsheet would run (it begins with = + - @, tab or return) has an apostrophe before it.
"""

import datetime as dt
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from storage.listings import Column, Kind

if TYPE_CHECKING:
    import pyarrow as pa

Batches = Iterable[Sequence[Sequence[Any]]]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


class Format(ABC):
    """A way to write rows. `is_paged`: a page at a time with a cursor; else all there are, as one file."""

    name: ClassVar[str]
    media_type: ClassVar[str]
    is_paged: ClassVar[bool] = False
    is_packed: ClassVar[bool] = False
    """Whether it is compressed in itself."""

    @abstractmethod
    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:
        """The rows in bytes. A row may be longer than `columns`: what comes after them is not written."""


class Json(Format):
    """One object: `data` holds the rows as objects, `next` the next page's cursor or null, `meta` what was asked."""

    name = "json"
    media_type = "application/json"
    is_paged = True

    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:
        """The object, a row a line. `about` holds `next`, if there is one, beside what `meta` will."""
        meta = {name: value for name, value in about.items() if name != "next"}
        yield f'{{"next":{_encode(about.get("next"))},"meta":{_encode(meta)},"data":[\n'.encode()
        before = ""
        for lines in _write_objects(columns, batches):
            yield (before + ",\n".join(lines)).encode()
            before = ",\n"
        yield b"]}\n"


class NdJson(Format):
    """A row a line, each an object."""

    name = "ndjson"
    media_type = "application/x-ndjson"

    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:  # noqa: ARG002 - a line is a row
        """The lines."""
        for lines in _write_objects(columns, batches):
            yield ("\n".join(lines) + "\n").encode()


class Csv(Format):
    """RFC 4180 with a header; texts stand in quotes, and what is missing is nothing at all."""

    name = "csv"
    media_type = "text/csv; charset=utf-8; header=present"

    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:  # noqa: ARG002 - there is no place for it
        """The header, then the rows."""
        spell = [_SPELL_CSV[one.kind] for one in columns]
        yield (",".join(one.name for one in columns) + "\r\n").encode()
        for rows in batches:
            yield "".join(
                ",".join(["" if value is None else say(value) for say, value in zip(spell, row, strict=False)]) + "\r\n"
                for row in rows
            ).encode()


class Arrow(Format):
    """An Arrow IPC stream; what was asked and each column's meaning stand in the schema's metadata."""

    name = "arrow"
    media_type = "application/vnd.apache.arrow.stream"
    is_packed = True

    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:
        """The stream, a record batch for each batch of rows."""
        import pyarrow as pa

        schema = lay_out(columns, about)
        with _Sink() as sink:
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            with pa.ipc.new_stream(sink, schema, options=options) as writer:
                for rows in batches:
                    writer.write_batch(_fill(columns, schema, rows))
                    yield sink.take()
            yield sink.take()


class Parquet(Format):
    """A Parquet file, zstd; what was asked and each column's meaning stand in its metadata."""

    name = "parquet"
    media_type = "application/vnd.apache.parquet"
    is_packed = True

    def write(self, columns: Sequence[Column], batches: Batches, about: Mapping[str, Any]) -> Iterator[bytes]:
        """The file, a row group for each batch of rows."""
        import pyarrow.parquet as parquet

        schema = lay_out(columns, about)
        with _Sink() as sink:
            with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
                for rows in batches:
                    writer.write_batch(_fill(columns, schema, rows))
                    yield sink.take()
            yield sink.take()


FORMATS: Mapping[str, Format] = {one.name: one for one in (Json(), NdJson(), Csv(), Parquet(), Arrow())}
"""Every format by its name, which is also the suffix of an address."""


def spell_instant(micros: int) -> str:
    """RFC 3339 in UTC to the microsecond, as the views of SQLite have it: `2024-01-10T21:00:00.000000Z`."""
    return (_EPOCH + micros * _MICROSECOND).isoformat(timespec="microseconds")[:-6] + "Z"


def describe_row(columns: Iterable[Column]) -> dict[str, Any]:
    """JSON schema of a row in JSON."""
    kinds: Mapping[Kind, dict[str, Any]] = {
        Kind.TEXT: {"type": "string"},
        Kind.INTEGER: {"type": "integer"},
        Kind.DOUBLE: {"type": "number"},
        Kind.BOOLEAN: {"type": "boolean"},
        Kind.INSTANT: {"type": "string", "format": "date-time"},
        Kind.JSON: {},
    }
    told = {}
    for one in columns:
        kind = dict(kinds[one.kind])
        if one.is_nullable and "type" in kind:
            kind["type"] = [kind["type"], "null"]
        told[one.name] = {**kind, "description": one.meaning}
    return {"type": "object", "properties": told, "additionalProperties": False}


def lay_out(columns: Sequence[Column], about: Mapping[str, Any]) -> "pa.Schema":
    """The Arrow schema: instants as `timestamp[us, UTC]`, JSON as its text."""
    import pyarrow as pa

    kinds = {
        Kind.TEXT: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.DOUBLE: pa.float64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.JSON: pa.string(),
    }
    fields = [pa.field(one.name, kinds[one.kind], one.is_nullable, {"meaning": one.meaning}) for one in columns]
    return pa.schema(
        fields, {name: value if isinstance(value, str) else _encode(value) for name, value in about.items()}
    )


def _fill(columns: Sequence[Column], schema: "pa.Schema", rows: Sequence[Sequence[Any]]) -> "pa.RecordBatch":
    import pyarrow as pa

    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = []
    for number, one in enumerate(columns):
        given: Sequence[Any] = values[number]
        if one.kind is Kind.BOOLEAN:  # SQLite has 0 and 1
            given = [None if value is None else bool(value) for value in given]
        elif one.kind is Kind.INSTANT:
            arrays.append(pa.array(given, pa.int64()).cast(schema.field(number).type))
            continue
        arrays.append(pa.array(given, schema.field(number).type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Sink(io.RawIOBase):
    """Where Arrow writes to; what was written since is taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def _write_objects(columns: Sequence[Column], batches: Batches) -> Iterator[list[str]]:
    """The rows as JSON objects, a list of them for each batch."""
    spell = [_SPELL_JSON[one.kind] for one in columns]
    frame = "{" + ",".join(json.dumps(one.name) + ":%s" for one in columns) + "}"
    for rows in batches:
        yield [
            frame % tuple(["null" if value is None else say(value) for say, value in zip(spell, row, strict=False)])
            for row in rows
        ]


def _encode(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _spell_bool(value: object) -> str:
    return "true" if value else "false"


def _quote(text: str) -> str:
    """In quotes; a text that a spreadsheet would run has an apostrophe before it."""
    text = text.replace('"', '""')
    return f'"\'{text}"' if text.startswith(_RUN_BY_SPREADSHEETS) else f'"{text}"'


_SPELL_JSON: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: json.encoder.encode_basestring,
    Kind.INTEGER: str,
    Kind.DOUBLE: repr,
    Kind.BOOLEAN: _spell_bool,
    Kind.INSTANT: lambda micros: f'"{spell_instant(micros)}"',
    Kind.JSON: str,
}
_SPELL_CSV: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: _quote,
    Kind.INTEGER: str,
    Kind.DOUBLE: repr,
    Kind.BOOLEAN: _spell_bool,
    Kind.INSTANT: spell_instant,
    Kind.JSON: _quote,
}
