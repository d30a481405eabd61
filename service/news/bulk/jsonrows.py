"""JSON as rows: a record a line, the elements of an array, or one object that wraps a list of them."""

import json
from collections.abc import Callable, Iterable, Iterator

from service.news.bulk.rows import LONGEST_FIELD, Row

_WRAPPERS = ("articles", "items", "entries", "stories", "news", "posts", "results", "records", "rows", "data", "Data")
BLANKS = "\ufeff \t\r\n"


def is_by_line(first: str, second: str) -> bool:
    """Whether a file that begins with these two lines (the second "" where there is one) holds a record a line."""
    opening, following = _loaded(first), _loaded(second)
    if isinstance(opening, dict):
        return list_in(opening) is None
    return opening is None and isinstance(following, dict) and not first.rstrip().endswith(("[", ",", ":", "{"))


def read_lines(lines: Iterable[str]) -> Iterator[Row]:
    """A row of every line that is not blank."""
    stripped = (line.strip(BLANKS) for line in lines)
    for number, line in enumerate((line for line in stripped if line), 1):
        try:
            yield _row(number, json.loads(line, strict=False))
        except (ValueError, RecursionError) as error:
            yield Row(number, fault=f"not readable as JSON: {str(error)[:100]}")


def read_object(text: str) -> Iterator[Row]:
    """The rows of one object over many lines: those of the list it wraps, else the object itself."""
    document = _loaded(text)
    if document is None:
        yield Row(1, fault="not readable as JSON")
    else:
        for number, value in enumerate(list_in(document) or [document], 1):
            yield _row(number, value)


def read_array(first: str, more: Callable[[], str]) -> Iterator[Row]:
    """Elements of an array one after another, so that little more than one is held; `more` gives the text onwards."""
    held, start, number = first, first.index("[") + 1, 0
    decoder = json.JSONDecoder(strict=False)
    while True:
        while start < len(held) and held[start] in " \t\r\n,":
            start += 1
        if start >= len(held):
            held, start = more(), 0
            if not held:
                return
            continue
        if held[start] == "]":
            return
        held, start = held[start:], 0
        number += 1
        try:
            value, held = _next_element(decoder, held, more)
        except (ValueError, RecursionError) as error:
            yield Row(number, fault=f"not readable as JSON from here on: {str(error)[:100]}")
            return
        yield _row(number, value)


def _next_element(decoder: json.JSONDecoder, held: str, more: Callable[[], str]) -> tuple[object, str]:
    """The element `held` begins with, and the text behind it; text is doubled until the element is whole."""
    while True:
        try:
            value, end = decoder.raw_decode(held)
        except ValueError:
            end, failed = len(held), True
        else:
            failed = False
        if end < len(held) and not failed:
            return value, held[end:]
        wanted, parts = len(held), []
        while wanted > 0 and len(held) <= LONGEST_FIELD and (part := more()):
            parts.append(part)
            wanted -= len(part)
        if not parts:
            value, end = decoder.raw_decode(held)
            return value, held[end:]
        held += "".join(parts)


def _loaded(text: str) -> object:
    try:
        return json.loads(text.strip(BLANKS), strict=False)
    except (ValueError, RecursionError):
        return None


def list_in(document: object) -> list[object] | None:
    """The list of items that an answer of a news service wraps in one object; None where there is none."""
    if isinstance(document, dict):
        for name in _WRAPPERS:
            if isinstance(value := document.get(name), list) and any(isinstance(item, dict) for item in value):
                return value
    return None


def _row(number: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(number, fault="not an object")
    return Row(number, {str(key): flat(item) for key, item in value.items()})


def flat(value: object) -> str:
    """A JSON value as a cell: names of objects, lists joined, nothing for null."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return flat(value.get("name", ""))
    if isinstance(value, list):
        return ", ".join(filter(None, (flat(item) for item in value)))
    return "" if value is None or isinstance(value, bool) else str(value)
