"""Rows of an archive file, whatever its form: CSV, TSV and the like, JSON lines, a JSON array."""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.errors import BadInput

LONGEST_FIELD = 10_000_000  # characters
_DELIMITERS = (",", ";", "\t", "|")
_WRAPPERS = ("articles", "items", "entries", "stories", "news", "posts", "results", "records", "rows", "data", "Data")
_SAMPLE = 100  # records looked at for the columns of JSON
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `number` as a spreadsheet shows it (the header is row 1) or the place in JSON, counted from 1.

    `fault` says why the record could not be read; `values` is empty then.
    """

    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


class Table:
    """An archive held in memory as bytes; its rows are read one at a time, as often as asked."""

    def __init__(self, body: bytes, name: str) -> None:
        """Find out form, encoding and columns. Raises `BadInput` where there are none."""
        if not body.strip(b" \t\r\n\0"):
            raise BadInput("archive", name, "the file is empty")
        self._body, self._name = body, name
        self._encoding = _encoding_of(body)
        self._is_json = self._starts_like_json()
        self._delimiter = "" if self._is_json else self._sniff()
        self.columns: tuple[str, ...] = self._json_columns() if self._is_json else tuple(self._header(self._delimiter))
        if not self.columns:
            raise BadInput("archive", name, "no columns found: give CSV with a header, JSON lines or a JSON array")

    def rows(self) -> Iterator[Row]:
        """Every record in order; blank lines are no records."""
        return self._json_rows() if self._is_json else self._separated_rows()

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self._body), self._encoding, "replace", newline="")

    def _starts_like_json(self) -> bool:
        with self._text() as text:
            start = text.read(4096).lstrip("\ufeff \t\r\n")
        return start.startswith(("{", "[")) and not self._name.lower().endswith((".csv", ".tsv", ".tab"))

    def _sniff(self) -> str:
        """The delimiter that cuts the header into most columns."""
        return max(_DELIMITERS, key=lambda delimiter: len(self._header(delimiter)))

    def _header(self, delimiter: str) -> list[str]:
        with self._text() as text:
            first = next(
                (fields for fields in _records(text, delimiter) if isinstance(fields, list) and any(fields)), []
            )
        return [name.strip("\ufeff \t") or f"column {place}" for place, name in enumerate(first, 1)]

    def _separated_rows(self) -> Iterator[Row]:
        with self._text() as text:
            number, columns = 0, self.columns
            for fields in _records(text, self._delimiter):
                number += 1
                if isinstance(fields, str):
                    yield Row(number, fault=fields)
                elif not any(value.strip() for value in fields):
                    number -= not fields
                elif number > 1 and any(value.strip() for value in fields[len(columns) :]):
                    yield Row(number, fault=f"{len(fields)} fields where the header has {len(columns)}")
                elif number > 1:
                    padded = fields + [""] * (len(columns) - len(fields))
                    yield Row(number, dict(zip(reversed(columns), reversed(padded[: len(columns)]), strict=True)))

    def _json_columns(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for number, row in enumerate(self._json_rows()):
            names.update(dict.fromkeys(row.values))
            if number == _SAMPLE:
                break
        return tuple(names)

    def _json_rows(self) -> Iterator[Row]:
        with self._text() as text:
            first = next((line for line in text if line.strip("\ufeff \t\r\n")), "").strip("\ufeff \t\r\n")
        if first.startswith("["):
            yield from self._array_rows()
        elif _list_in(opening := _loaded(first)) is None and isinstance(opening, dict):
            yield from self._line_rows()
        else:
            yield from self._object_rows()

    def _line_rows(self) -> Iterator[Row]:
        with self._text() as text:
            lines = (line.strip("\ufeff \t\r\n") for line in text)
            for number, line in enumerate((line for line in lines if line), 1):
                try:
                    yield _row(number, json.loads(line, strict=False))
                except (ValueError, RecursionError) as error:
                    yield Row(number, fault=f"not readable as JSON: {str(error)[:100]}")

    def _object_rows(self) -> Iterator[Row]:
        """The rows of one object over many lines: those of the list it wraps, else the object itself."""
        document = _loaded(self._body.decode(self._encoding, "replace"))
        if document is None:
            yield Row(1, fault="not readable as JSON")
        else:
            for number, value in enumerate(_list_in(document) or [document], 1):
                yield _row(number, value)

    def _array_rows(self) -> Iterator[Row]:
        """Elements of an array one after another, so that only one is held as objects."""
        text = self._body.decode(self._encoding, "replace")
        start = text.index("[") + 1
        decoder, number = json.JSONDecoder(strict=False), 0
        while True:
            while start < len(text) and text[start] in " \t\r\n,":
                start += 1
            if start >= len(text) or text[start] == "]":
                return
            number += 1
            try:
                value, start = decoder.raw_decode(text, start)
            except (ValueError, RecursionError) as error:
                yield Row(number, fault=f"not readable as JSON from here on: {str(error)[:100]}")
                return
            yield _row(number, value)


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str] | str]:
    """The fields of each record, or why a record cannot be read."""
    csv.field_size_limit(LONGEST_FIELD)  # the module's limit is one for the process; its default cuts long articles
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)


def _encoding_of(body: bytes) -> str:
    """UTF-16 or UTF-8 by mark, UTF-8 if the whole body is, else Windows-1252."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _CHUNK):
            decoder.decode(body[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _loaded(text: str) -> object:
    try:
        return json.loads(text.strip("\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError):
        return None


def _list_in(document: object) -> list[object] | None:
    """The list of items that an answer of a news service wraps in one object; None where there is none."""
    if isinstance(document, dict):
        for name in _WRAPPERS:
            if isinstance(value := document.get(name), list) and any(isinstance(item, dict) for item in value):
                return value
    return None


def _row(number: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(number, fault="not an object")
    return Row(number, {str(key): _flat(item) for key, item in value.items()})


def _flat(value: object) -> str:
    """A JSON value as a cell: names of objects, lists joined, nothing for null."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _flat(value.get("name", ""))
    if isinstance(value, list):
        return ", ".join(filter(None, (_flat(item) for item in value)))
    return "" if value is None or isinstance(value, bool) else str(value)
