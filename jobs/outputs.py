"""Every output of a store as tables that say when each row claims to be known: what an audit holds side by side.

Scope ─┬─ keep_aligned, list_moves   series rebuilt from what is held, bars and moves of every market
       ├─ list_told                  quotes and events
       ├─ list_findings              the studies of reports that end at an instant
       └─ readings.list_readings     what the store answers as of an instant, and the report told as of it
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from jobs.align import build_series
from jobs.house import House
from jobs.report import Study, Wanted, choose_window, study_target
from service.correlation.aligned import AlignedSeries
from service.correlation.lookahead import Answer
from service.correlation.study import StudySettings
from service.instants import EPOCH, Interval, Window, format_instant, to_millis
from service.market import moves, reference
from service.sentiment.events import Event
from service.sentiment.extraction import extractors
from service.sentiment.quotes import Quote
from storage import candles, database, extractions, series, venues
from storage.candles import Held
from storage.extractions import Found
from storage.series import Declaration

ALWAYS = Window(EPOCH, dt.datetime(9000, 1, 1, tzinfo=dt.UTC))
BARS = ("open", "high", "low", "close", "volume")
_POINTS = (
    *("sentiment", "scored", "no_signal", "no_mention", "unsupported"),
    *("close", "log_return", "realised_volatility", "volume"),
)
_MOVES = ("log_return", "volatility", "log_range", "volume_change")
_REFERENCE = (*BARS, "dispersion", "present", "used")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is audited, fixed before anything is scrambled: which market serves which interval is part of a series.

    `sampled` are the row ids of the texts whose words and evidence are read too, `articles` the keys of theirs.
    """

    markets: Mapping[Interval, Held]
    held: tuple[Held, ...]
    declarations: tuple[Declaration, ...]
    targets: tuple[str, ...]
    scorers: tuple[str, ...]
    sampled: tuple[int, ...]
    articles: tuple[str, ...]


def keep_aligned(house: House, scope: Scope) -> list[Answer]:
    """Build every series of the scope as `align` does, store those that reports read, and lay all of them out."""
    told = []
    for interval, market in scope.markets.items():
        for target in scope.targets:
            for scorer in scope.scorers:
                made = build_series(house, market, target, scorer, interval)
                told.append(lay_out(made))
                if target in house.settings.report.targets:
                    with database.begin(house.engine) as connection:
                        series.save(connection, made, catalogue=house.catalogue.digest, recorded_at=house.clock())
    return told


def lay_out(made: AlignedSeries) -> Answer:
    """A series as a table, each bar known where the series says so."""
    name = f"{made.target} {made.aggregation.interval.value} {made.scorer} on {made.venue} {made.symbol}"
    return Answer(f"series {name}", "bar", made.open_at, made.available_at, take(made, _POINTS))


def list_moves(house: House, scope: Scope) -> list[Answer]:
    """Bars, returns, ranges and volatility of every market held, and the reference of those several venues hold."""
    told = []
    for market in scope.held:
        with database.read(house.engine) as connection:
            bars = candles.load_columns(
                connection, venue=market.venue, symbol=market.symbol, interval=market.interval, window=ALWAYS
            )
        columns = {name: getattr(bars, name) for name in ("open_at", "high", "low", "close", "volume")}
        made = moves.measure(interval=market.interval, **columns)
        name = f"moves of {market.venue} {market.symbol} {market.interval.value}"
        told.append(Answer(name, "bar", bars.open_at, made.available_at, take(bars, BARS) | take(made, _MOVES)))
    for symbol, interval in dict.fromkeys((market.symbol, market.interval) for market in scope.held):
        told += _measure_reference(house, symbol, interval)
    return told


def _measure_reference(house: House, symbol: str, interval: Interval) -> list[Answer]:
    with database.read(house.engine) as connection:
        found = venues.load_venues(connection, symbol=symbol, interval=interval, window=ALWAYS)
    if len(found) < 2:
        return []
    made = reference.measure(found)
    name, known_at = f"reference of {symbol} {interval.value}", made.open_at + interval.millis
    return [Answer(name, "bar", made.open_at, known_at, take(made, _REFERENCE))]


def list_told(house: House) -> list[Answer]:
    """Quotes and events, each known from the millisecond after its article: one at the very instant is later."""
    with database.read(house.engine) as connection:
        return [
            replace(one, name=name, known_at=one.known_at + 1)
            for name, one in load_told(connection, house.catalogue.digest, None).items()
        ]


def load_told(connection: sa.Connection, catalogue: str, as_of: dt.datetime | None) -> dict[str, Answer]:
    """`quotes` and `events` as this release finds them, by text, then place in it; known when the text was available.

    With `as_of`, of what newscandle knew by then.
    """
    told = {}
    for name, version in extractors():
        asked: dict[str, Any] = {"version": version, "catalogue": catalogue, "window": ALWAYS, "as_of": as_of}
        found: Sequence[Found[Quote] | Found[Event]] = (
            extractions.load_quotes(connection, **asked)
            if name == "quotes"
            else extractions.load_events(connection, **asked)
        )
        places: Counter[int] = Counter()
        items = {}
        for one in found:
            items[f"{one.revision}/{places[one.revision]}"] = repr(one)
            places[one.revision] += 1
        known_at = np.array([to_millis(one.available_at) for one in found], np.int64)
        told[name] = replace(lay_out_items(name, items), known_at=known_at)
    return told


def list_findings(house: House, scope: Scope, until: dt.datetime) -> list[Answer]:
    """What reports that end at `until` find, field by field; nothing of a market without prices in their window."""
    days = dt.timedelta(days=house.settings.report.days)
    told = []
    for interval, market in scope.markets.items():
        has_ended = until - days >= market.last_open_at + market.interval.duration
        if has_ended or interval.floor(until) <= interval.ceil(market.first_open_at):
            continue
        window = choose_window(house, Wanted(end=format_instant(until)), market, interval)
        studies = [Study(target, interval, market, window) for target in house.settings.report.targets]
        told += [lay_out_report(house, study) for study in studies]
    return told


def lay_out_report(house: House, study: Study) -> Answer:
    """The JSON document of a study, field by field.

    Its worlds are few here: whether a finding changes shows in ninety-nine as well as in a thousand.
    """
    from dashboards.report import document

    few = StudySettings(seed=house.settings.report.seed, surrogates=99, bootstrap=99, certificate_runs=20)
    items = dict(_walk(document.build(study_target(house, study, few)), ""))
    return lay_out_items(f"report on {study.target} {study.interval.value}", items)


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _walk(inner, f"{path}/{place}")
    else:
        yield path, repr(value)


def lay_out_items(name: str, items: Mapping[str, str]) -> Answer:
    """Values by path as a table of rows that are all said to be known."""
    keys = np.array(list(items), dtype=object)
    columns = {"value": np.array(list(items.values()), dtype=object)}
    return Answer(name, "item", keys, np.zeros(len(keys), np.int64), columns)


def take(made: object, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The columns of these names."""
    return {name: getattr(made, name) for name in names}
