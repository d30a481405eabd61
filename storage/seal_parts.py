"""What seals hold: the tables of content in parts, each read in ranges of row ids or of the instants rows came at.

A row that came is never changed, so a range is closed once no further row can come into it: a range of row ids as soon
as a higher one is held, a range of instants once the clock has passed it by `MARGIN` (whoever writes takes its instant
a moment before it commits, and several machines' clocks differ by a little).

Columns are hashed in the order given here. A column added later goes to the end: see `digests.encode_row`.
"""

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from storage import schema
from storage.instant_column import UtcDateTime

MARGIN: Final = dt.timedelta(hours=1)
"""How long after an instant a row that bears it may still come."""

_IDS_IN_A_RANGE = 2_000
_DAY = 86_400_000_000

NOT_SEALED: Final = {
    "source_state": "how sources stand, kept current in place",
    "source_yield": "the last readings of each source, older ones are dropped",
    "entry": "what feeds last said, kept current in place",
    "imported": "how far archives were read, kept current in place",
    "host_state": "which hosts are left alone, kept current in place",
    "robots_file": "kept for a day",
    "run": "how runs went: a row is written when one begins and again when it ends",
    "schedule": "kept current in place",
    "slot": "kept current in place",
    "lease": "kept current in place",
    "story_key": "made from the texts, and holds nothing they do not",
    "series_input": "what the points of a day were computed from, replaced whenever they are computed again",
    "seal": "holds itself: each seal is chained with the one before it",
    "folded": "counts of rows that were pruned, kept current in place",
    "alert": "what was told, kept current in place as it gets worse, is acknowledged and resolved",
    "alert_trouble": "what is not as it should be now, kept current in place",
    "alert_message": "messages on their way, kept current in place",
    "api_key": "who may ask over HTTP, kept current in place",
    "report_file": "kept current in place; held against the files themselves",
}
"""Tables that no seal holds, because they may change by design, with the reason."""

COLUMNS_NOT_SEALED: Final = {
    ("gap", "filled_at"): "set once, when the hole is found filled: sealed then, in a part of its own",
    ("gap", "retried"): "how often a hole was asked for again, kept current in place",
    ("gap", "last_retried_at"): "when a hole was last asked for again, kept current in place",
    ("skipped", "last_recorded_at"): "when it was last met, kept current in place",
    ("skipped", "count"): "how often it was met, kept current in place",
}
"""Columns of sealed tables that no seal holds, with the reason."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows sealed together. `selects`: one each of `tables`, giving the position in the range and then what is hashed.

    `step` is how much of the position one range takes in. `is_by_instant`: the position is an instant (µs), not a row
    id. `came_at`: when a row came; None where nothing tells.
    """

    name: str
    tables: tuple[str, ...]
    position: sa.ColumnElement[int]
    step: int
    selects: tuple[sa.Select[Any], ...]
    is_by_instant: bool
    came_at: sa.ColumnElement[int] | None


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """The column as a text, a whole number or a double, alike on both databases."""
    if isinstance(column.type, UtcDateTime):
        return sa.type_coerce(column, sa.BigInteger)
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text)
    if isinstance(column.type, sa.Boolean):
        return sa.cast(column, sa.Integer)
    return column


def _micros(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    return sa.type_coerce(column, sa.BigInteger)


def _rows(
    table: sa.Table, position: sa.ColumnElement[int], joined: sa.FromClause | None = None, *, also: tuple[str, ...] = ()
) -> sa.Select[Any]:
    left_out = {name for owner, name in COLUMNS_NOT_SEALED if owner == table.name} - set(also)
    hashed = [_plain(column) for column in table.c if column.name not in left_out]
    told = sa.select(position.label("position"), sa.literal_column(f"'{table.name}'"), *hashed)
    return told.select_from(table if joined is None else joined)


def _by_id(table: sa.Table, came_at: str, *children: tuple[sa.Table, str]) -> Part:
    selects = [_rows(table, table.c.id), *(_rows(child, child.c[name]) for child, name in children)]
    names = (table.name, *(child.name for child, _ in children))
    return Part(table.name, names, table.c.id, _IDS_IN_A_RANGE, tuple(selects), False, _micros(table.c[came_at]))  # noqa: FBT003


def _by_instant(table: sa.Table, came_at: str, *children: sa.Table, keys: tuple[str, ...] = ()) -> Part:
    position = _micros(table.c[came_at])
    selects = [_rows(table, position)]
    for child in children:
        same = sa.and_(*(child.c[name] == table.c[name] for name in keys))
        selects.append(_rows(child, position, table.join(child, same)))
    names = (table.name, *(child.name for child in children))
    return Part(table.name, names, position, _DAY, tuple(selects), True, position)  # noqa: FBT003


@functools.cache
def all_parts() -> dict[str, Part]:
    """Every part by name."""
    gap = schema.gap
    filled_at = _micros(gap.c.filled_at)
    filled = _rows(gap, filled_at, also=("filled_at",)).where(gap.c.filled_at.is_not(None))
    market = schema.market
    parts = (
        _by_id(schema.article, "recorded_at"),
        _by_instant(schema.article_alias, "recorded_at"),
        _by_id(schema.revision, "recorded_at", (schema.passage, "revision_id")),
        _by_instant(schema.pruned_text, "pruned_at"),
        _by_instant(schema.returned, "recorded_at"),
        _by_instant(schema.opinion, "recorded_at"),
        _by_id(schema.skipped, "first_recorded_at"),
        _by_instant(schema.story_member, "recorded_at"),
        _by_id(schema.scoring, "recorded_at"),
        _by_instant(schema.tone, "scored_at", schema.score, keys=("scoring_id", "revision_id")),
        _by_id(schema.extraction, "recorded_at"),
        _by_instant(
            *(schema.extracted, "extracted_at", schema.quote, schema.quote_target, schema.event, schema.event_target),
            keys=("extraction_id", "revision_id"),
        ),
        _by_instant(schema.candle, "fetched_at"),
        _by_id(schema.quarantined_candle, "noticed_at"),
        _by_id(gap, "recorded_at"),
        Part("gap_filled", ("gap",), filled_at, _DAY, (filled,), True, filled_at),  # noqa: FBT003
        _by_id(schema.series, "recorded_at"),
        _by_instant(schema.series_point, "recorded_at"),
        _by_id(schema.report, "made_at", (schema.trial, "report_id")),
        Part("market", ("market",), market.c.id, _IDS_IN_A_RANGE, (_rows(market, market.c.id),), False, None),  # noqa: FBT003
    )
    return {part.name: part for part in parts}
