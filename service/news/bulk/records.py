"""Rows of an archive file, whatever its form: CSV, TSV and the like, JSON lines, a JSON array."""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Any

from service.errors import BadInput
from service.news.bulk.jsonrows import BLANKS, is_by_line, read_array, read_lines, read_object
from service.news.bulk.rows import LONGEST_FIELD, Row
from service.news.bulk.streams import PIECE, Broken, Stream

LONGEST_DOCUMENT = 100_000_000  # characters
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 100  # records looked at for the columns of JSON


class Table:
    """An archive read from `opened()`, its bytes from the beginning; one record at a time is held."""

    def __init__(self, opened: Callable[[], Stream], name: str) -> None:
        """Find out form, encoding and columns. Raises `BadInput` where there are none."""
        self._opened, self._name = opened, name
        if _is_blank(_Readable(opened())):
            raise BadInput("archive", name, "the file is empty")
        self._encoding = _encoding_of(_Readable(opened()))
        self._is_json = self._starts_like_json()
        self._delimiter = "" if self._is_json else self._sniff()
        self.columns: tuple[str, ...] = self._json_columns() if self._is_json else tuple(self._header(self._delimiter))
        if not self.columns:
            raise BadInput("archive", name, "no columns found: give CSV with a header, JSON lines or a JSON array")

    def rows(self) -> Iterator[Row]:
        """Every record in order; blank lines are no records. Where the packed file breaks off, a last one says so."""
        with self._text() as text:
            number = 0
            for row in self._json_rows(text) if self._is_json else self._separated_rows(text):
                number = row.number
                yield row
            if (broken := _broken_of(text)) != "":
                yield Row(number + 1, fault=broken)

    def choose(self, columns: Collection[str]) -> None:
        """Lines are read whole whatever is wanted."""

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            io.BufferedReader(_Readable(self._opened()), PIECE), self._encoding, "replace", newline=""
        )

    def _starts_like_json(self) -> bool:
        with self._text() as text:
            start = text.read(4096).lstrip(BLANKS)
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

    def _separated_rows(self, text: io.TextIOWrapper) -> Iterator[Row]:
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
        with self._text() as text:
            for number, row in enumerate(self._json_rows(text)):
                names.update(dict.fromkeys(row.values))
                if number == _SAMPLE:
                    break
        return tuple(names)

    def _json_rows(self, text: io.TextIOWrapper) -> Iterator[Row]:
        lines = _lines(text)
        first = next((line for line in lines if line.strip(BLANKS)), "").lstrip(BLANKS)
        if first.startswith("["):
            return read_array(first, lambda: text.read(PIECE))
        second = next((line for line in lines if line.strip(BLANKS)), "")
        if is_by_line(first, second):
            return read_lines(chain((first, second), lines))
        first += second
        rest = text.read(LONGEST_DOCUMENT)
        if len(rest) == LONGEST_DOCUMENT:
            raise BadInput("archive", self._name, "is one JSON object of more than 100 MB: give JSON lines")
        return read_object(first + rest)


class _Readable(io.RawIOBase):
    """A stream as Python's readers want it; where it breaks it ends, and `broken` says why."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self.broken = stream, ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(min(len(buffer), PIECE)) if not self.broken else b""
        except Broken as broken:
            self.broken, piece = str(broken), b""
        buffer[: len(piece)] = piece
        return len(piece)


def _broken_of(text: io.TextIOWrapper) -> str:
    raw = text.buffer.raw if isinstance(text.buffer, io.BufferedReader) else None
    return raw.broken if isinstance(raw, _Readable) else ""


def _is_blank(raw: io.RawIOBase) -> bool:
    while piece := raw.read(PIECE):
        if piece.strip(b" \t\r\n\0"):
            return False
    return True


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: a longer one comes in parts."""
    while line := text.readline(LONGEST_FIELD):
        yield line


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str] | str]:
    """The fields of each record, or why a record cannot be read."""
    csv.field_size_limit(LONGEST_FIELD)  # the module's limit is one for the process; its default cuts long articles
    reader = csv.reader(_lines(text), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)


def _encoding_of(raw: io.RawIOBase) -> str:
    """UTF-16 or UTF-8 by mark, UTF-8 if the whole file is, else Windows-1252."""
    piece = raw.read(PIECE) or b""
    if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece:
            decoder.decode(piece)
            piece = raw.read(PIECE) or b""
        if not (isinstance(raw, _Readable) and raw.broken):  # a file cut off may end in half a letter
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
