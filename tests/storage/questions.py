"""Every question a report, an alignment or an export asks of the store, asked at once as of one instant."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import AlignedSeries, CandleColumns, ScoreColumns
from service.instants import Interval, Window
from storage import articles, candles, extractions, lookup, reports, scores, series, trials
from storage.census import load_arrivals, load_census
from storage.series import Declaration

Value = str | int | float | None
Answers = dict[str, tuple[Value, ...]]
"""Question → its answer laid flat; missing figures are None, instants text. Equal answers are equal to the last bit."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about. `window` bounds articles, candles, gaps and points by `available_at` or `open_at`."""

    window: Window
    scorings: tuple[tuple[str, str], ...]  # scorer, catalogue
    targets: tuple[str, ...]
    markets: tuple[tuple[str, str, Interval], ...]  # venue, symbol, interval
    declarations: tuple[Declaration, ...]
    articles: tuple[str, ...]  # keys
    extraction: tuple[str, str]  # version of both extractors, catalogue


Found = dict[str, list[Any]]
"""Question → what the store handed out for it."""


def answer(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> Answers:
    """What the store answers to every question about `scope` as of an instant (now, without one)."""
    return flatten(collect(connection, scope, as_of))


def flatten(found: Found) -> Answers:
    """Answers that can be compared."""
    return {question: _flatten(values) for question, values in found.items()}


def collect(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> Found:
    """The store's answers as it hands them out."""
    asked = (
        *_ask_articles(connection, scope, as_of),
        *_ask_prices(connection, scope, as_of),
        *_ask_series(connection, scope, as_of),
        *_ask_reports(connection, scope, as_of),
    )
    return dict(asked)


_Asked = Iterator[tuple[str, list[Any]]]


def _ask_articles(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> _Asked:
    yield "census", [load_census(connection, scope.window, as_of=as_of)]
    yield "arrivals", [load_arrivals(connection, scope.window, 7, as_of=as_of)]
    yield "articles as they read", [lookup.load_latest(connection, key, as_of=as_of) for key in scope.articles]
    for scorer, catalogue in scope.scorings:
        read = {"scorer": scorer, "catalogue": catalogue}
        spoken = scores.load_targets(connection, window=scope.window, as_of=as_of, **read)
        yield f"targets of {scorer}", spoken
        for target in scope.targets:
            seen: dict[str, Any] = {"target": target, "scorer": scorer, "catalogue": catalogue, "as_of": as_of}
            columns = scores.load_columns(connection, window=scope.window, **seen)
            yield f"readings of {target} by {scorer}", [columns]
            states = scores.load_states(connection, window=scope.window, **seen)
            yield f"states of {target} by {scorer}", [states]
            weighty = scores.load_weighty(connection, columns.revision.tolist(), **seen)
            yield f"evidence on {target} by {scorer}", weighty
        texts = articles.load(connection, columns.revision.tolist(), as_of=as_of) if scope.targets else []
        yield f"texts read by {scorer}", texts
    extraction: dict[str, Any] = {"version": scope.extraction[0], "catalogue": scope.extraction[1]}
    yield "quotes", extractions.load_quotes(connection, window=scope.window, as_of=as_of, **extraction)
    yield "events", extractions.load_events(connection, window=scope.window, as_of=as_of, **extraction)


def _ask_prices(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> _Asked:
    yield "markets", candles.venues(connection, as_of=as_of)
    for venue, symbol, interval in scope.markets:
        market: dict[str, Any] = {"venue": venue, "symbol": symbol, "interval": interval}
        name = f"{venue} {symbol} {interval.value}"
        bars = candles.load_columns(connection, window=scope.window, as_of=as_of, **market)
        yield f"candles of {name}", [bars]
        newest = candles.last_open_at(connection, as_of=as_of, **market)
        yield f"last candle of {name}", [newest]
        gaps = candles.load_gaps(connection, window=scope.window, as_of=as_of, **market)
        yield f"gaps of {name}", gaps


def _ask_series(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> _Asked:
    yield "declared series", [told.key for told in series.load_declarations(connection, as_of=as_of)]
    for told in scope.declarations:
        fields = {field.name: getattr(told, field.name) for field in dataclasses.fields(told)}
        found = series.load(connection, window=scope.window, as_of=as_of, **fields)
        interval = told.aggregation.interval.value
        yield f"series {told.target} {interval} by {told.scorer} {told.key[:8]}", [found]


def _ask_reports(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> _Asked:
    newest = reports.recent(connection, as_of=as_of)
    yield "reports", newest
    documents = [reports.load_document(connection, made.key, as_of=as_of) for made in newest]
    yield "report documents", documents
    tests = [trials.count_tests(connection, told.key, as_of=as_of) for told in scope.declarations]
    yield "tests made", tests


def _flatten(values: Sequence[Any]) -> tuple[Value, ...]:
    return tuple(flat for value in values for flat in _flatten_one(value))


def _flatten_one(value: Any) -> Iterator[Value]:
    if isinstance(value, ScoreColumns | CandleColumns | AlignedSeries):
        for field in dataclasses.fields(value):
            yield from _flatten_one(getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        missing = np.isnan(value) if value.dtype.kind == "f" else np.zeros(len(value), dtype=bool)
        pairs = zip(value.tolist(), missing.tolist(), strict=True)
        yield from (None if lacks else figure for figure, lacks in pairs)
    elif value is None or isinstance(value, int | float):
        yield value
    else:
        yield repr(value)
