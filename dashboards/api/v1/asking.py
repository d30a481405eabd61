"""A query string read as a question to a listing. Nothing in it is ignored: what cannot be used is refused."""

import base64
import binascii
import datetime as dt
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.api.v1.formats import FORMATS, Format
from service.errors import BadInput
from service.instants import parse_instant
from storage.instant_column import to_micros
from storage.listings import Asked, Kind, Listing, Value

USUAL_LIMIT = 200
LARGEST_PAGE = 10_000
LARGEST_FILE = 1_000_000_000
_LONGEST_VALUE = 2_000  # code points
_MOST_VALUES = 200  # of one filter
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a listing, and in which format; `digest` is of all that decides which rows there are."""

    listing: Listing
    asked: Asked
    format: Format
    digest: str


def read_question(
    listing: Listing, given: Iterable[tuple[str, str]], *, now: dt.datetime, suffix: str, accept: str
) -> Question:
    """The question of these parameters. Raises `BadInput` naming the parameter and the remedy."""
    values = _gather(listing, given)
    chosen = _choose_format(_one(values, "format"), suffix, accept)
    as_of = _read_instant(values, "as_of")
    if as_of is not None and as_of > to_micros(now):
        raise BadInput("as_of", _one(values, "as_of"), "lies ahead: give an instant that has passed")
    start, end = _read_instant(values, "from"), _read_instant(values, "to")
    if start is not None and end is not None and end < start:
        raise BadInput("to", _one(values, "to"), "comes before `from`")
    equal = {name: _read_filter(listing, name, values[name]) for name in listing.filters if name in values}
    least = {name: _read_floor(f"min_{name}", values) for name in listing.floors if f"min_{name}" in values}
    is_falling = _read_order(values)
    digest = _digest(listing.name, start, end, as_of, sorted(equal.items()), sorted(least.items()), is_falling)
    asked = Asked(
        fields=_read_fields(listing, values),
        start=start,
        end=end,
        as_of=as_of,
        equal=equal,
        least=least,
        after=_read_cursor(listing, _one(values, "cursor"), digest),
        limit=_read_limit(values, chosen),
        is_falling=is_falling,
    )
    return Question(listing, asked, chosen, digest)


def write_cursor(question: Question, last: Sequence[Value]) -> str:
    """Where the next page begins: after the row with this axis and key."""
    told = json.dumps([question.digest, *last], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def list_parameters(listing: Listing) -> list[dict[str, Any]]:
    """The parameters of a listing as OpenAPI tells them."""
    instant = {"type": "string", "format": "date-time"}
    number = {"type": "number"}
    told = [
        _parameter("from", f"rows with {listing.axis} at or after it: RFC 3339 with a zone, or a date (UTC)", instant),
        _parameter("to", f"rows with {listing.axis} before it", instant),
        _parameter("as_of", "answer as newscandle would have answered then; not ahead of now", instant),
        _parameter("fields", f"columns, with commas between; usually all but {', '.join(listing.heavy) or 'none'}", {
            "type": "array", "items": {"type": "string", "enum": list(listing.columns)}, "minItems": 1,
            "uniqueItems": True,
        }, explode=False),
        _parameter("order", f"by {listing.axis}, then {', '.join(listing.key)}", {
            "type": "string", "enum": ["rising", "falling"]}),
        _parameter("limit", f"rows at most: {USUAL_LIMIT} unless said, {LARGEST_PAGE} at most, in JSON; else all",
                   {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}),
        _parameter("cursor", "`next` of the page before", {"type": "string"}),
        _parameter("format", "instead of a suffix or the Accept header", {"type": "string", "enum": list(FORMATS)}),
    ]  # fmt: skip
    for name in listing.filters:
        column = listing.columns[name]
        kind: Mapping[str, Any] = {"type": "boolean" if column.kind is Kind.BOOLEAN else "string"}
        told.append(_parameter(name, f"{column.meaning}; may be given several times", {"type": "array", "items": kind}))
    told += [_parameter(f"min_{name}", f"{listing.columns[name].meaning}, at least", number) for name in listing.floors]
    return told


def _parameter(name: str, about: str, schema: Mapping[str, Any], *, explode: bool = True) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "in": "query", "required": False, "description": about, "schema": schema}
    return told if explode else {**told, "style": "form", "explode": False}


_PLAIN = ("from", "to", "as_of", "fields", "order", "limit", "cursor", "format")


def _gather(listing: Listing, given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values by parameter; an unknown one, and a second value where there can be one, are refused."""
    known = {*_PLAIN, *listing.filters, *(f"min_{name}" for name in listing.floors)}
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in given:
        if name not in known:
            raise BadInput("query", name, f"no such parameter; {listing.name} takes {', '.join(sorted(known))}")
        if len(value) > _LONGEST_VALUE or "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
            raise BadInput(name, value, f"give at most {_LONGEST_VALUE} signs, none of them NUL or half a sign")
        values[name].append(value)
        most = _MOST_VALUES if name in listing.filters else 1
        if len(values[name]) > most:
            raise BadInput(name, value, "may be given once" if most == 1 else f"may be given {most} times at most")
    return dict(values)


def _one(values: Mapping[str, list[str]], name: str) -> str | None:
    return values[name][0] if name in values else None


def _choose_format(named: str | None, suffix: str, accept: str) -> Format:
    if named is not None:
        if named not in FORMATS:
            raise BadInput("format", named, f"choose one of {', '.join(FORMATS)}")
        if suffix and suffix != named:
            raise BadInput("format", named, f"the address ends in .{suffix}: drop one of the two")
        return FORMATS[named]
    if suffix:
        return FORMATS[suffix]
    return next((one for one in FORMATS.values() if one.media_type.partition(";")[0] in accept), FORMATS["json"])


def _read_instant(values: Mapping[str, list[str]], name: str) -> int | None:
    text = _one(values, name)
    return None if text is None else to_micros(parse_instant(text, name), name)


def _read_filter(listing: Listing, name: str, given: Sequence[str]) -> tuple[Value, ...]:
    if listing.columns[name].kind is not Kind.BOOLEAN:
        return tuple(sorted(set(given)))
    for one in given:
        if one not in ("true", "false"):
            raise BadInput(name, one, "write true or false")
    return tuple(sorted({one == "true" for one in given}))


def _read_floor(name: str, values: Mapping[str, list[str]]) -> float:
    text = values[name][0]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(name, text, "write a number, such as 50 or 0.5")
    return number


def _read_order(values: Mapping[str, list[str]]) -> bool:
    text = _one(values, "order") or "rising"
    if text not in ("rising", "falling"):
        raise BadInput("order", text, "choose rising or falling")
    return text == "falling"


def _read_fields(listing: Listing, values: Mapping[str, list[str]]) -> tuple[str, ...]:
    text = _one(values, "fields")
    if text is None:
        return listing.usual
    named = tuple(text.split(","))
    for name in named:
        if name not in listing.columns:
            raise BadInput("fields", name, f"no such column; there are {', '.join(listing.columns)}")
    if len(set(named)) < len(named):
        raise BadInput("fields", text, "names a column twice")
    return named


def _read_limit(values: Mapping[str, list[str]], chosen: Format) -> int | None:
    text = _one(values, "limit")
    if text is None:
        return USUAL_LIMIT if chosen.is_paged else None
    largest = LARGEST_PAGE if chosen.is_paged else LARGEST_FILE
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= largest):
        raise BadInput("limit", text, f"write a whole number from 1 to {largest}")
    return int(text)


def _read_cursor(listing: Listing, text: str | None, digest: str) -> tuple[Value, ...] | None:
    if text is None:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadInput("cursor", text, "take `next` of the page before, as it stands") from error
    kinds = [Kind.INSTANT, *(listing.columns[name].kind for name in listing.key)]
    is_whole = isinstance(told, list) and len(told) == len(kinds) + 1
    if not is_whole or not all(_is_of(one, kind) for one, kind in zip(told[1:], kinds, strict=True)):
        raise BadInput("cursor", text, "take `next` of the page before, as it stands")
    if told[0] != digest:
        raise BadInput("cursor", text, "it belongs to another question: begin again without it")
    return tuple(told[1:])


def _is_of(value: object, kind: Kind) -> bool:
    if kind in (Kind.INSTANT, Kind.INTEGER):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_INTEGER
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _digest(*told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]
