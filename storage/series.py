"""Aligned series: declared once, their points kept as computed, each change beside what stood before.

A series is its declaration: target, scorer, catalogue, venue, symbol and aggregation; `Declaration.key` names it. A
point that a late article or a restated candle changes gets a further `number`; the highest counts. NaN is NULL in the
tables.
"""

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from service.correlation.aggregation import read_declaration
from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Window
from storage.instant_column import UtcDateTime, to_micros
from storage.schema import series as declared
from storage.schema import series_point as point
from storage.upsert import Saved, encode_json, insert_new

_COUNTS = ("scored", "no_signal", "no_mention", "unsupported")
_FIGURES = ("sentiment", "close", "log_return", "realised_volatility", "volume")
_VALUES = ("available_at", "sentiment", *_COUNTS, *_FIGURES[1:])
_OPEN_MICROS = sa.type_coerce(point.c.open_at, sa.BigInteger)
_STORED = (
    _OPEN_MICROS,
    sa.type_coerce(point.c.available_at, sa.BigInteger),
    *(point.c[name] for name in _VALUES[1:]),
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a series is: everything that decides its points, apart from the articles and candles themselves."""

    target: str
    scorer: str
    catalogue: str
    venue: str
    symbol: str
    aggregation: Aggregation

    @property
    def key(self) -> str:
        """32 hex digits that name the series, the same in every database."""
        told = (self.target, self.scorer, self.catalogue, self.venue, self.symbol, self.aggregation.digest)
        return hashlib.sha256("\x00".join(told).encode()).hexdigest()[:32]


def save(connection: sa.Connection, series: AlignedSeries, *, catalogue: str, recorded_at: dt.datetime) -> Saved:
    """Store the points that are not held as they are; counts are of points."""
    stamped = to_micros(recorded_at, "recorded_at")
    told = Declaration(series.target, series.scorer, catalogue, series.venue, series.symbol, series.aggregation)
    series_id = _find_or_add(connection, told, stamped)
    fresh = _write_points(series)
    if not fresh:
        return Saved()
    held: dict[int, tuple[int, tuple[Any, ...]]] = {}
    chosen = (
        sa.select(point.c.number, *_STORED)
        .where(point.c.series_id == series_id, _OPEN_MICROS.between(min(fresh), max(fresh)))
        .order_by(point.c.open_at, point.c.number)
    )
    for number, open_at, *values in connection.execute(chosen):
        held[open_at] = (number, tuple(values))
    rows = []
    new = 0
    for open_at, point_values in fresh.items():
        number, known = held.get(open_at, (0, ()))
        if point_values != known:
            new += number == 0
            rows.append((series_id, open_at, number + 1, *point_values, stamped))
    insert_new(connection, point, ("series_id", "open_at", "number", *_VALUES, "recorded_at"), rows)
    return Saved(new=new, revised=len(rows) - new, unchanged=len(fresh) - len(rows))


def _write_points(series: AlignedSeries) -> dict[int, tuple[Any, ...]]:
    columns = {"available_at": (series.available_at * 1000).tolist()}
    columns |= {name: getattr(series, name).tolist() for name in _COUNTS}
    for name in _FIGURES:
        figure = getattr(series, name) + 0.0  # −0.0 would come back from SQLite as 0.0
        pairs = zip(figure.tolist(), np.isnan(figure).tolist(), strict=True)
        columns[name] = [None if missing else value for value, missing in pairs]
    values = zip(*(columns[name] for name in _VALUES), strict=True)
    return dict(zip((series.open_at * 1000).tolist(), values, strict=True))


def _find_or_add(connection: sa.Connection, told: Declaration, recorded_at: int) -> int:
    columns = ("key", "target", "scorer", "catalogue", "venue", "symbol", "aggregation", "declaration", "recorded_at")
    names = (told.target, told.scorer, told.catalogue, told.venue, told.symbol, told.aggregation.digest)
    row = (told.key, *names, encode_json(told.aggregation.declare()), recorded_at)
    insert_new(connection, declared, columns, [row])
    found: int | None = connection.scalar(sa.select(declared.c.id).where(declared.c.key == told.key))
    assert found is not None
    return found


def load(
    connection: sa.Connection,
    *,
    target: str,
    scorer: str,
    catalogue: str,
    venue: str,
    symbol: str,
    aggregation: Aggregation,
    window: Window | None = None,
    as_of: dt.datetime | None = None,
) -> AlignedSeries | None:
    """The points that open in `window` (all, without one) as last computed; with `as_of`, as computed by then.

    None where no such series was ever saved (by `as_of`); a series without points in `window` has length 0.
    """
    told = Declaration(target, scorer, catalogue, venue, symbol, aggregation)
    asked: dict[str, object] = {"key": told.key, "as_of": as_of}
    asked["series"] = connection.scalar(_select_id(is_past=as_of is not None), asked)
    if asked["series"] is None:
        return None
    if window is not None:
        asked |= {"start": window.start, "end": window.end}
    chosen = _select_points(is_past=as_of is not None, is_bounded=window is not None)
    newest = {row[0]: tuple(row) for row in connection.execute(chosen, asked)}
    columns = dict(zip(("open_at", *_VALUES), zip(*newest.values(), strict=True), strict=True)) if newest else {}
    figures = {name: np.array(columns.get(name, ()), dtype=np.float64) for name in _FIGURES}
    counts = {name: np.array(columns.get(name, ()), dtype=np.int32) for name in _COUNTS}
    return AlignedSeries(
        target=target,
        scorer=scorer,
        venue=venue,
        symbol=symbol,
        aggregation=aggregation,
        open_at=np.array(columns.get("open_at", ()), dtype=np.int64) // 1000,
        available_at=np.array(columns.get("available_at", ()), dtype=np.int64) // 1000,
        sentiment=figures["sentiment"],
        scored=counts["scored"],
        no_signal=counts["no_signal"],
        no_mention=counts["no_mention"],
        unsupported=counts["unsupported"],
        close=figures["close"],
        log_return=figures["log_return"],
        realised_volatility=figures["realised_volatility"],
        volume=figures["volume"],
    )


@functools.cache
def _select_id(*, is_past: bool) -> sa.Select[tuple[int]]:
    chosen = sa.select(declared.c.id).where(declared.c.key == sa.bindparam("key"))
    return chosen.where(declared.c.recorded_at <= sa.bindparam("as_of")) if is_past else chosen


@functools.cache
def _select_points(*, is_past: bool, is_bounded: bool) -> sa.Select[Any]:
    """The points of `:series` that open in `:start` … `:end`, as computed by `:as_of`; of all, where not asked."""
    inside: list[sa.ColumnElement[bool]] = [point.c.series_id == sa.bindparam("series")]
    if is_bounded:
        inside += [point.c.open_at >= sa.bindparam("start"), point.c.open_at < sa.bindparam("end")]
    if is_past:
        as_of = sa.bindparam("as_of", type_=UtcDateTime())
        inside += [point.c.recorded_at <= as_of, point.c.available_at <= as_of]
    return sa.select(*_STORED).where(*inside).order_by(point.c.open_at, point.c.number)


def load_declarations(connection: sa.Connection, *, as_of: dt.datetime | None = None) -> list[Declaration]:
    """Every series ever saved (by `as_of`), by target, interval and scorer."""
    chosen = sa.select(declared)
    if as_of is not None:
        chosen = chosen.where(declared.c.recorded_at <= as_of)
    rows = connection.execute(chosen).all()
    found = [
        Declaration(row.target, row.scorer, row.catalogue, row.venue, row.symbol, read_declaration(row.declaration))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.target, one.aggregation.interval.duration, one.scorer, one.key))
