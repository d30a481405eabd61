"""What the doors hand out: each view as a listing that can be narrowed, ordered, paged and asked as of an instant.

Rows come as the view defines them (`views.define`), instants as integers (microseconds since 1970), JSON as its text:
whoever writes a format turns both into words once, not the database row by row.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from service.errors import BadInput
from storage import views
from storage.describe import tell_columns
from storage.instant_column import UtcDateTime

BATCH = 10_000
"""Rows handed on at once."""


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    INSTANT = "instant"  # microseconds since 1970-01-01T00:00Z
    JSON = "json"  # its text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing; `meaning` as docs/schema.md has it."""

    name: str
    kind: Kind
    is_nullable: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A view as it is asked for. `axis` is the instant that `start` ≤ t < `end` bounds and rows are ordered by.

    `key` are the columns that with the axis make a row one of a kind; `filters` those that may be asked to equal
    something, `floors` those that may be asked to be at least a number; `heavy` those left out unless named.
    """

    name: str
    view: str
    axis: str
    key: tuple[str, ...]
    filters: tuple[str, ...]
    heavy: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What a row of it is."""
        return views.ROWS[self.view]

    @property
    def columns(self) -> Mapping[str, Column]:
        """Every column by name, in the view's order, without the integers beside instants."""
        return _find_columns(self.view)

    @property
    def usual(self) -> tuple[str, ...]:
        """The columns that come when none are named."""
        return tuple(name for name in self.columns if name not in self.heavy)


_WHOSE = ("article", "source", "language")
_MARKET = ("venue", "symbol", "interval")
_READ = ("scorer", "catalogue")
LISTINGS: Mapping[str, Listing] = {
    one.name: one
    for one in (
        Listing("series", "v_series", "open_at", ("series",),
                ("series", "target", *_READ, *_MARKET, "aggregation"), ("declaration",), ("scored",)),
        Listing("candles", "v_candles", "open_at", _MARKET, _MARKET),
        Listing("gaps", "v_gaps", "start_at", (*_MARKET, "end_at", "reason", "recorded_at"), (*_MARKET, "reason")),
        Listing("articles", "v_articles", "available_at", ("article", "revision"), (*_WHOSE, "url", "is_current"),
                ("text",)),
        Listing("tellings", "v_tellings", "available_at", ("article", "telling"), ("article", "is_return")),
        Listing("tones", "v_tones", "available_at", ("article", "revision", *_READ), (*_WHOSE, *_READ, "state")),
        Listing("scores", "v_scores", "available_at", ("article", "revision", *_READ, "target"),
                (*_WHOSE, *_READ, "target", "state", "label"), ("explanation",), ("relevance", "mention_count")),
        Listing("quotes", "v_quotes", "available_at",
                ("article", "revision", "version", "catalogue", "position", "target"),
                (*_WHOSE, "speaker", "target")),
        Listing("events", "v_events", "available_at",
                ("article", "revision", "version", "catalogue", "position", "target"), (*_WHOSE, "kind", "target")),
        Listing("opinions", "v_opinions", "available_at", ("source", "record"),
                ("source", "article", "site", "language"), ("themes", "persons", "organisations", "names")),
        Listing("disagreement", "v_disagreement", "available_at", ("article", "revision", "catalogue", "target"),
                ("article", "source", "catalogue", "target", "signs_differ"), floors=("spread", "scorers")),
        Listing("stories", "v_stories", "first_available_at", ("story",), ("story",),
                floors=("texts", "articles", "sources", "languages")),
        Listing("story-members", "v_story_members", "available_at", ("article", "revision"),
                ("story", *_WHOSE, "kind"), floors=("novelty",)),
        Listing("trials", "v_trials", "made_at", ("report", "series"),
                ("series", "target", "scorer", *_MARKET, "report")),
        Listing("lineage", "v_lineage", "open_at", ("series", "article", "revision"),
                ("series", "target", *_READ, *_MARKET, "article"), floors=("relevance",)),
    )
}  # fmt: skip
"""Every listing by its name in addresses."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of a listing: bounds and `as_of` in microseconds since 1970, `equal` the values each filter may have,
    `least` what a floor's column must reach.

    `after` is the axis and key of the last row already had (`Listing.key` in order), `limit` how many rows at most.
    """

    fields: tuple[str, ...]
    start: int | None = None
    end: int | None = None
    as_of: int | None = None
    equal: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    after: tuple[Value, ...] | None = None
    limit: int | None = None
    is_falling: bool = False


def stream(connection: sa.Connection, listing: Listing, asked: Asked) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows asked for in batches of `BATCH`: the fields, and where a limit is given axis and key after them.

    Rising by axis, then key (falling where asked).
    """
    chosen = _select(listing, asked)
    options = {"stream_results": True, "yield_per": BATCH}
    with connection.execution_options(**options).execute(chosen) as result:
        yield from result.partitions()


def find_newest(connection: sa.Connection, listing: Listing) -> int | None:
    """The axis of the newest row there is, in microseconds; None for an empty listing."""
    table = _subquery(listing.view, is_past=False)
    newest: int | None = connection.scalar(sa.select(sa.func.max(table.c[listing.axis])))
    return newest


def _select(listing: Listing, asked: Asked) -> sa.Select[Any]:
    table = _subquery(listing.view, is_past=asked.as_of is not None)
    ordered = [table.c[listing.axis], *(_orderable(table, listing, name) for name in listing.key)]
    chosen = sa.select(*(table.c[name] for name in asked.fields))
    if asked.limit is not None:
        chosen = chosen.add_columns(*(one.label(f"key_{number}") for number, one in enumerate(ordered)))
    inside: list[sa.ColumnElement[bool]] = []
    if asked.as_of is not None:
        chosen = chosen.params(known_by=asked.as_of)
    if asked.start is not None:
        inside.append(table.c[listing.axis] >= asked.start)
    if asked.end is not None:
        inside.append(table.c[listing.axis] < asked.end)
    inside += [table.c[name].in_(list(values)) for name, values in asked.equal.items()]
    inside += [table.c[name] >= least for name, least in asked.least.items()]
    if asked.after is not None:
        told, last = sa.tuple_(*ordered), sa.tuple_(*(_bind(value) for value in asked.after))
        inside.append(told < last if asked.is_falling else told > last)
    order = [one.desc() for one in ordered] if asked.is_falling else ordered
    return chosen.where(*inside).order_by(*order).limit(asked.limit)


def _bind(value: Value) -> sa.ColumnElement[Any]:
    """A value of a key; whole numbers as wide as instants are."""
    return sa.literal(value, sa.BigInteger if isinstance(value, int) else sa.Text)


def _orderable(table: sa.Subquery, listing: Listing, name: str) -> sa.ColumnElement[Any]:
    """A column of the key that can be compared: what may be missing counts as empty text."""
    one = table.c[name]
    return sa.func.coalesce(one, sa.literal_column("''")) if listing.columns[name].is_nullable else one


@functools.cache
def _subquery(view: str, *, is_past: bool) -> sa.Subquery:
    """The view's definition with instants as integers and JSON as text, as of `:known_by` where that is asked."""
    known_by = sa.bindparam("known_by", type_=sa.BigInteger) if is_past else None
    definition = views.define(_show_raw, known_by)[view]
    inner = definition.subquery("whole")
    raw = (sa.cast(one, sa.Text).label(one.name) if isinstance(one.type, sa.JSON) else _plain(one) for one in inner.c)
    return sa.select(*raw).subquery("listed")


def _show_raw(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, sa.BigInteger).label(str(getattr(column, "name", "")))


def _plain(one: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(one, sa.BigInteger) if isinstance(one.type, UtcDateTime) else one


@functools.cache
def _find_columns(view: str) -> Mapping[str, Column]:
    return {
        told.name: Column(told.name, Kind(told.kind.lower()), bool(told.null), told.meaning)
        for told in tell_columns(view)
        if not told.name.endswith("_us")
    }


def require(name: str) -> Listing:
    """The listing of this name. Raises `BadInput` naming those there are."""
    try:
        return LISTINGS[name]
    except KeyError:
        raise BadInput("listing", name, f"there are {', '.join(LISTINGS)}") from None
