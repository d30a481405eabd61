"""Frozen values as JSON values and tables of columns, and back: how a study's inputs leave the process.

A dataclass is an object of its fields; its arrays, all of one length, are a table of their own, named after where the
dataclass stands. What reads them back is the annotations, so a field that is added needs no line here.
"""

import dataclasses
import datetime as dt
import enum
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInput
from service.instants import format_instant, parse_instant
from service.wording import Worded, word

Columns = Mapping[str, NDArray[Any]]
Value = TypeVar("Value")

TABLE = "$table"
"""Where the object of a dataclass names the table that holds its arrays."""

WORDED = "$worded"
"""Where a sentence that knows what it was made of keeps its pattern; as a field of its own it would be text alone."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A value at rest: `values` hold nothing but what JSON has, `tables` one column per array, by table's name.

    Names of tables are made of letters, digits, dots, dashes and slashes.
    """

    values: dict[str, Any]
    tables: Mapping[str, Columns]


def freeze(value: Any) -> Frozen:
    """A frozen dataclass, whole. Raises `TypeError` for what has no place here, naming it: a figure that is missing is
    None, not NaN; a mapping goes by names.
    """
    tables: dict[str, Columns] = {}
    return Frozen(_freeze(value, (), tables), tables)


def thaw(kind: type[Value], frozen: Frozen) -> Value:
    """The value `freeze` took in. A field that is not there has its default; raises `ValueError` for one that is not
    known or does not fit its annotation, naming it.
    """
    made: Value = _thaw(kind, frozen.values, (), frozen.tables)
    return made


Path = tuple[str, ...]


def _freeze(value: Any, path: Path, tables: dict[str, Columns]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _freeze_fields(value, path, tables)
    if isinstance(value, Mapping):
        if any(not isinstance(name, str) for name in value):
            raise TypeError(f"{_spell(path)}: a mapping goes by names")
        return {name: _freeze(inner, (*path, name), tables) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_freeze(inner, (*path, str(place)), tables) for place, inner in enumerate(value)]
    return _freeze_plain(value, path)


def _freeze_fields(value: Any, path: Path, tables: dict[str, Columns]) -> dict[str, Any]:
    held = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.init}
    columns = {name: inner for name, inner in held.items() if isinstance(inner, np.ndarray)}
    values = {name: _freeze(inner, (*path, name), tables) for name, inner in held.items() if name not in columns}
    if columns:
        shapes = {inner.shape for inner in columns.values()}
        if (
            len(shapes) != 1
            or len(next(iter(shapes))) != 1
            or any(c.dtype.kind not in "iufb" for c in columns.values())
        ):
            raise TypeError(f"{_spell(path)}: its arrays are no columns of numbers of one length")
        name = _name_table(path, tables)
        tables[name] = columns
        values[TABLE] = name
    return values


def _name_table(path: Path, tables: Mapping[str, Columns]) -> str:
    plain = "/".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip(".-") or "x" for part in path) or "columns"
    name, number = plain, 1
    while name in tables:
        number += 1
        name = f"{plain}-{number}"
    return name


def _freeze_plain(value: Any, path: Path) -> Any:
    if isinstance(value, dt.datetime):
        return format_instant(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Worded):
        said = {name: _freeze_plain(inner, (*path, name)) for name, inner in value.values.items()}
        return {WORDED: value.pattern, "values": said}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise TypeError(f"{_spell(path)}: {value!r} ({type(value).__name__}) cannot be frozen")


def _thaw(hint: Any, value: Any, path: Path, tables: Mapping[str, Columns]) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _thaw_union(arguments, value, path, tables)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _thaw_fields(hint, _demand(dict, value, path), path, tables)
    if origin is tuple:
        items = _demand(list, value, path)
        hints = [arguments[0]] * len(items) if arguments[1:] == (...,) else list(arguments)
        if len(hints) != len(items):
            raise ValueError(f"{_spell(path)}: {len(items)} values where {len(hints)} belong")
        return tuple(
            _thaw(inner, item, (*path, str(place)), tables)
            for place, (inner, item) in enumerate(zip(hints, items, strict=True))
        )
    if origin in (Mapping, dict):
        named = _demand(dict, value, path)
        return {name: _thaw(arguments[1], inner, (*path, name), tables) for name, inner in named.items()}
    return _thaw_plain(hint, value, path)


def _thaw_union(arguments: tuple[Any, ...], value: Any, path: Path, tables: Mapping[str, Columns]) -> Any:
    if value is None and type(None) in arguments:
        return None
    refused = []
    for hint in arguments:
        if hint is not type(None):
            try:
                return _thaw(hint, value, path, tables)
            except ValueError as error:
                refused.append(str(error))
    raise ValueError("; ".join(refused) or f"{_spell(path)}: nothing fits")


def _thaw_fields(kind: type[Any], values: dict[str, Any], path: Path, tables: Mapping[str, Columns]) -> Any:
    hints = typing.get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind) if one.init}
    columns = tables.get(values[TABLE]) if TABLE in values else {}
    if columns is None:
        raise ValueError(f"{_spell(path)}: its table {values[TABLE]} is missing")
    unknown = [name for name in (*values, *columns) if name not in fields and name != TABLE]
    if unknown:
        raise ValueError(f"{_spell((*path, unknown[0]))}: there is no such field in this version")
    made = {name: _thaw(hints[name], values[name], (*path, name), tables) for name in fields if name in values}
    made |= {name: np.asarray(column, dtype=_dtype(hints[name])) for name, column in columns.items()}
    try:
        return kind(**made)
    except TypeError as error:
        missing = ", ".join(name for name in fields if name not in made)
        raise ValueError(f"{_spell(path)}: not there: {missing}") from error


def _dtype(hint: Any) -> Any:
    """The numbers an annotation `NDArray[…]`, or one of its alternatives, asks for."""
    for one in (hint, *typing.get_args(hint)):
        if typing.get_origin(one) is np.ndarray:
            return typing.get_args(typing.get_args(one)[1])[0]
    raise ValueError(f"{hint}: is no array")


def _thaw_plain(hint: Any, value: Any, path: Path) -> Any:
    if hint is str and isinstance(value, dict) and WORDED in value:
        return _thaw_worded(value, path)
    if hint is dt.datetime:
        return _thaw_instant(_demand(str, value, path), path)
    if isinstance(hint, type) and issubclass(hint, enum.Enum) and any(value == one.value for one in hint):
        return hint(value)
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{_spell(path)}: {value!r} is no number")
        return value
    if hint in (int, str, bool):
        return _demand(hint, value, path)
    if typing.get_origin(hint) is typing.Literal and value in typing.get_args(hint):
        return value
    raise ValueError(f"{_spell(path)}: {value!r} does not fit {hint}")


def _thaw_worded(value: dict[str, Any], path: Path) -> Worded:
    said = {
        name: _thaw_worded(inner, (*path, name)) if isinstance(inner, dict) else inner
        for name, inner in _demand(dict, value.get("values"), path).items()
    }
    try:
        return word(_demand(str, value.get(WORDED), path), **said)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{_spell(path)}: its values do not fit its words") from error


def _thaw_instant(text: str, path: Path) -> dt.datetime:
    try:
        return parse_instant(text, _spell(path))
    except BadInput as error:
        raise ValueError(str(error)) from error


def _demand(kind: type[Any], value: Any, path: Path) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{_spell(path)}: {value!r} is no {kind.__name__}")
    return value


def _spell(path: Path) -> str:
    return ".".join(path) or "the whole"
