"""What the store answers as of an instant, to every question that reports, alignments and exports ask of it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from jobs.house import House
from jobs.markets import choose_market
from jobs.outputs import ALWAYS, BARS, Scope, lay_out, lay_out_items, lay_out_report, load_told, take
from jobs.report import Study, Wanted, choose_window
from service.correlation.lookahead import Answer
from service.errors import BadInput, WorkFailed
from storage import articles, candles, database, lookup, reports, scores, series, stories, trials, venues
from storage.census import load_census

_READINGS = ("available_at", "score", "relevance", "state")


QUOTES, EVENTS, REPORT = "quotes as of", "events as of", "report as of"
REFUSED = "refused"


def list_readings(house: House, scope: Scope, as_of: dt.datetime | None) -> list[Answer]:
    """Every answer as of an instant (now, without one); all of it claims to have been known by then."""
    report = _tell_report(house, scope, as_of)
    with database.read(house.engine) as connection:
        lists = {
            f"{name}/{place}": repr(item)
            for name, items in _ask_lists(connection, house, scope, as_of)
            for place, item in enumerate(items)
        }
        return [
            lay_out_items("lists as of", lists),
            *_read_scores(connection, house, scope, as_of),
            *_read_prices(connection, scope, as_of),
            *_read_series(connection, scope, as_of),
            *_read_told(connection, house, as_of),
            report,
        ]


def _tell_report(house: House, scope: Scope, as_of: dt.datetime | None) -> Answer:
    """The leading target's report at the first interval as of then, from the market that would have been chosen then.

    Where there could be none (nothing aligned, no prices yet), the reason, under `REFUSED`.
    """
    interval = next(iter(scope.markets))
    try:
        market = choose_market(house, interval, as_of)
        window = choose_window(house, Wanted(), market, interval)
        told = lay_out_report(house, Study(scope.targets[0], interval, market, window, as_of))
    except (BadInput, WorkFailed) as error:
        told = lay_out_items(REPORT, {REFUSED: str(error)})
    return replace(told, name=REPORT)


def _read_told(connection: sa.Connection, house: House, as_of: dt.datetime | None) -> Iterator[Answer]:
    for name, told in load_told(connection, house.catalogue.digest, as_of).items():
        yield replace(told, name=f"{name} as of", known_at=np.zeros_like(told.known_at))


def _ask_lists(
    connection: sa.Connection, house: House, scope: Scope, as_of: dt.datetime | None
) -> Iterator[tuple[str, list[Any]]]:
    yield "census", [load_census(connection, ALWAYS, as_of=as_of)]
    yield "texts", articles.load(connection, scope.sampled, as_of=as_of)
    yield "articles as they read", [lookup.load_latest(connection, key, as_of=as_of) for key in scope.articles]
    yield "stories", list(stories.load_window(connection, ALWAYS, as_of=as_of).values())
    yield "markets", candles.venues(connection, as_of=as_of)
    for one in scope.held:
        market: dict[str, Any] = {"venue": one.venue, "symbol": one.symbol, "interval": one.interval, "as_of": as_of}
        name = f"{one.venue} {one.symbol} {one.interval.value}"
        yield f"gaps of {name}", candles.load_gaps(connection, **market)
        yield f"last bar of {name}", [candles.last_open_at(connection, **market)]
    yield "declared series", series.load_declarations(connection, as_of=as_of)
    for told in scope.declarations:
        yield f"tests of {told.key[:8]}", [trials.count_tests(connection, told.key, as_of=as_of)]
    made = reports.recent(connection, as_of=as_of)
    yield "reports", made
    yield "documents", [reports.load_document(connection, one.key, as_of=as_of) for one in made]
    for scorer in scope.scorers:
        read: dict[str, Any] = {"scorer": scorer, "catalogue": house.catalogue.digest, "as_of": as_of}
        yield f"targets of {scorer}", scores.load_targets(connection, window=ALWAYS, **read)
        for target in scope.targets:
            states = scores.load_states(connection, target=target, window=ALWAYS, **read)
            yield f"states of {target} by {scorer}", list(states.items())
            evidence = scores.load_weighty(connection, scope.sampled, target=target, **read)
            yield f"evidence on {target} by {scorer}", evidence


def _read_scores(connection: sa.Connection, house: House, scope: Scope, as_of: dt.datetime | None) -> Iterator[Answer]:
    for scorer in scope.scorers:
        for target in scope.targets:
            read = scores.load_columns(
                connection,
                target=target,
                scorer=scorer,
                catalogue=house.catalogue.digest,
                window=ALWAYS,
                as_of=as_of,
            )
            yield _known("revision", f"scores of {target} by {scorer} as of", read.revision, take(read, _READINGS))


def _read_prices(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> Iterator[Answer]:
    for one in scope.held:
        bars = candles.load_columns(
            connection, venue=one.venue, symbol=one.symbol, interval=one.interval, window=ALWAYS, as_of=as_of
        )
        name = f"candles of {one.venue} {one.symbol} {one.interval.value} as of"
        yield _known("bar", name, bars.open_at, take(bars, BARS))
    for symbol, interval in dict.fromkeys((one.symbol, one.interval) for one in scope.held):
        found = venues.load_venues(connection, symbol=symbol, interval=interval, window=ALWAYS, as_of=as_of)
        for beside in found:
            name = f"{beside.venue} {symbol} {interval.value} beside others as of"
            yield _known("bar", name, beside.open_at, take(beside, (*BARS, "available_at")))


def _read_series(connection: sa.Connection, scope: Scope, as_of: dt.datetime | None) -> Iterator[Answer]:
    for told in scope.declarations:
        asked = {field.name: getattr(told, field.name) for field in fields(told)}
        found = series.load(connection, **asked, as_of=as_of)
        if found is not None:
            made = lay_out(found)
            yield replace(made, name=f"{made.name} ({told.key[:8]}) as of", known_at=np.zeros_like(made.known_at))


def _known(kind: str, name: str, keys: NDArray[np.int64], columns: dict[str, NDArray[Any]]) -> Answer:
    return Answer(name, kind, keys, np.zeros(len(keys), np.int64), columns)
