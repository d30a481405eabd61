"""Tools for rows: the listings there are, what their columns mean, rows of any of them, and a series."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import sqlalchemy as sa

from dashboards.api.v1.asking import Question, read_question, write_cursor
from dashboards.api.v1.formats import FORMATS
from jobs.assistants.answering import read_as_of, reading, tell
from jobs.assistants.arguments import Nothing, OneListing, Query, Series
from jobs.assistants.quoting import NAMES, quote
from jobs.house import House
from service.errors import BadInput
from storage import listings
from storage.listings import LISTINGS, Listing, Value

MOST_SIGNS: Final = 100_000
"""So long the rows of an answer may be together, in signs of JSON; the first comes whatever its length."""
_SERIES_FIELDS: Final = (
    *("series", "target", "scorer", "venue", "symbol", "interval", "open_at", "available_at", "sentiment", "scored"),
    *("no_signal", "no_mention", "unsupported", "close", "log_return", "realised_volatility", "volume", "recorded_at"),
)
Pairs = Iterable[tuple[str, str]]


def list_listings(house: House, _asked: Nothing) -> dict[str, Any]:
    """Every listing in a line."""
    told = [{"listing": one.name, "view": one.view, "row": one.about, "axis": one.axis} for one in LISTINGS.values()]
    return tell(house, "the views of docs/schema.md", told)


def describe_listing(house: House, asked: OneListing) -> dict[str, Any]:
    """One listing: columns with meaning and unit, filters, floors, order."""
    one = listings.require(asked.listing)
    columns = [
        {
            "column": column.name,
            "kind": column.kind.value,
            "is_nullable": column.is_nullable,
            "is_quoted": column.name in NAMES,
            "comes_unasked": column.name not in one.heavy,
            "meaning": column.meaning,
        }
        for column in one.columns.values()
    ]
    told: dict[str, Any] = {"listing": one.name, "row": one.about, "axis": one.axis, "key": list(one.key)}
    told |= {"filters": list(one.filters), "floors": list(one.floors), "columns": columns}
    return tell(house, one.view, told)


def query_listing(house: House, asked: Query) -> dict[str, Any]:
    """Rows of a listing."""
    listing = listings.require(asked.listing)
    asked_of: tuple[tuple[str, Mapping[str, object], tuple[str, ...]], ...] = (
        ("filters", asked.filters, listing.filters),
        ("at_least", asked.at_least, listing.floors),
    )
    for field, given, there in asked_of:
        for name in given:
            if name not in there:
                raise BadInput(
                    f"{field}.{name}", given[name], f"no such; {listing.name} has: {', '.join(there) or '-'}"
                )
    pairs = [(name, _spell(value)) for name, given in asked.filters.items() for value in _each(given)]
    pairs += [(f"min_{name}", repr(least)) for name, least in asked.at_least.items()]
    if asked.fields is not None:
        pairs.append(("fields", ",".join(asked.fields)))
    return _answer(house, listing, asked, pairs)


def get_series(house: House, asked: Series) -> dict[str, Any]:
    """Bars of the series of a target."""
    pairs = [("target", asked.target), ("interval", asked.interval), ("fields", ",".join(_SERIES_FIELDS))]
    pairs += [(name, value) for name in ("scorer", "venue") if (value := getattr(asked, name)) is not None]
    told = _answer(house, LISTINGS["series"], asked, pairs)
    if not told["data"]:
        require_target(house, asked.target)
    return told


def require_target(house: House, target: str) -> None:
    """Raise `BadInput` where the catalogue has no such target, naming those near it."""
    known = [one.key for one in house.catalogue.targets]
    if target not in known:
        near = difflib.get_close_matches(target, known, n=5, cutoff=0.4) or known[:10]
        raise BadInput("target", target, f"no such target; near it: {', '.join(near)}")


def load_rows(
    connection: sa.Connection, house: House, listing: str, pairs: Pairs, as_of: str | None
) -> list[dict[str, Any]]:
    """At most 500 rows of a listing as JSON values, as the HTTP API writes them."""
    given = [*pairs, ("limit", "500"), *([] if as_of is None else [("as_of", as_of)])]
    question = read_question(LISTINGS[listing], given, now=house.clock(), suffix="", accept="")
    return _load(connection, question)[0]


def _answer(house: House, listing: Listing, asked: Query | Series, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    named = {"from": asked.start, "to": asked.end, "as_of": asked.as_of, "cursor": asked.cursor, "order": asked.order}
    pairs = [*pairs, ("limit", str(asked.limit)), *((name, value) for name, value in named.items() if value)]
    question = read_question(listing, pairs, now=house.clock(), suffix="", accept="")
    with reading(house) as connection:
        rows, following = _load(connection, question)
    units = {name: listing.columns[name].meaning for name in question.asked.fields}
    as_of = read_as_of(house, asked.as_of)
    return tell(house, listing.view, quote(rows), as_of=as_of, units=units, following=following)


def _load(connection: sa.Connection, question: Question) -> tuple[list[dict[str, Any]], str | None]:
    """The rows, as many as an answer may hold, and the cursor that leads on."""
    listing, limit = question.listing, question.asked.limit or 0
    columns = [listing.columns[name] for name in question.asked.fields]
    found = list(chain.from_iterable(listings.stream(connection, listing, replace(question.asked, limit=limit + 1))))
    lines = b"".join(FORMATS["ndjson"].write(columns, [found[:limit]], {})).split(b"\n") if found else []
    rows: list[dict[str, Any]] = []
    signs = 0
    for line in lines:
        signs += len(line)
        if not line or (rows and signs > MOST_SIGNS):
            break
        rows.append(json.loads(line))
    is_more = len(rows) < len(found)
    return rows, write_cursor(question, found[len(rows) - 1][len(columns) :]) if is_more else None


def _each(given: Value | list[Any]) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def units_of(listing: str, names: Iterable[str]) -> Mapping[str, str]:
    """What these columns mean."""
    return {name: LISTINGS[listing].columns[name].meaning for name in names}
