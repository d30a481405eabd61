"""Shocks in the store now: the newest bars of each series of the settings, judged by the months before them.

stored points of the months before ─┐
newest bars, made as `align` does  ─┴▶ lay_on_grid ─▶ judge ─▶ a shock ─▶ its articles by `lineage.trace` ─▶ Alert
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.align import aggregation_of, build_series, require_target
from jobs.house import House
from jobs.markets import choose_market
from service.alerts.alert import Alert, Kind
from service.alerts.grid import lay_on_grid
from service.alerts.shock_words import Part, describe_shock
from service.alerts.shocks import Judged, Standing, judge_sentiment, judge_volume
from service.correlation.aligned import AlignedSeries
from service.correlation.lineage import trace
from service.errors import WorkFailed
from service.instants import Interval, Window, format_instant, from_millis
from storage import articles, database, health, scores, series
from storage.candles import Held

LATE, LATE_BARS = dt.timedelta(hours=6), 24
"""A bar is judged until so long, or so many bars, after the next one closed: news read late can make it a shock yet."""

UNREAD = "unread"
"""What a bar is while articles taken in before its close are not scored: it is judged when they are."""

_JUDGES = {Kind.SENTIMENT: judge_sentiment, Kind.VOLUME: judge_volume}


@dataclass(slots=True)
class Watched:
    """What was found: alerts, how many bars were what, the newest bar of each series, and what could not be done."""

    alerts: list[Alert] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    newest: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def watch(house: House, now: dt.datetime) -> Watched:
    """Judge the newest bars of every target and interval of the settings. Raises `BadInput` for an unknown target."""
    found, settings = Watched(), house.settings
    kinds = [kind for kind in _JUDGES if kind.value in settings.alerts.shocks]
    if not (kinds and settings.score.scorers):
        return found
    with database.read(house.engine) as connection:
        scorer = health.find_leading(connection, settings.score.scorers[0])
        unread = health.load_unread(connection, settings.score.scorers[0])
    for interval in settings.align.intervals:
        try:
            market = choose_market(house, interval)
        except WorkFailed as failure:
            found.notes.append(f"{interval.value}: no shocks are looked for: {failure}")
            continue
        for target in settings.align.targets:
            require_target(house, target)
            one = _load(house, market, target, scorer, interval, now)
            ripe_until = unread.oldest_at if unread else now
            for kind in kinds:
                _judge(house, kind, one, ripe_until, now, found)
    return found


def _load(house: House, market: Held, target: str, scorer: str, interval: Interval, now: dt.datetime) -> AlignedSeries:
    """The bars to judge, and before them a day more than the longest history."""
    end = interval.floor(now)
    start = interval.ceil(end - _reach(interval))
    before = Window(start - dt.timedelta(days=house.settings.alerts.history_days + 2), start)
    fresh = build_series(house, market, target, scorer, interval, window=Window(start, end))
    with database.read(house.engine) as connection:
        held = series.load(
            connection,
            target=target,
            scorer=scorer,
            catalogue=house.catalogue.digest,
            venue=market.venue,
            symbol=market.symbol,
            aggregation=aggregation_of(house, interval),
            window=before,
        )
    return lay_on_grid([held, fresh] if held else [fresh], Window(before.start, end))


def _reach(interval: Interval) -> dt.timedelta:
    """How far back bars are judged."""
    return interval.duration + min(LATE, LATE_BARS * interval.duration)


def _judge(
    house: House, kind: Kind, one: AlignedSeries, ripe_until: dt.datetime, now: dt.datetime, found: Watched
) -> None:
    since = now - _reach(one.aggregation.interval)
    rows = [row for row in range(one.length) if from_millis(int(one.available_at[row])) > since]
    ripe = [row for row in rows if from_millis(int(one.available_at[row])) <= ripe_until]
    found.counts[UNREAD] += len(rows) - len(ripe)
    rule = house.settings.alerts.shock_rule
    judged = _JUDGES[kind](one, ripe, rule)
    for bar in judged:
        found.counts[bar.standing.value] += 1
        if bar.standing is Standing.SHOCK:
            parts = _gather_parts(house, one, bar)
            if parts is not None:
                name = house.catalogue.name(one.target, "en")
                found.alerts.append(describe_shock(kind, name, one, bar, parts, rule))
    found.newest += [_describe(kind, one, bar) for bar in judged[-1:]]


def _gather_parts(house: House, one: AlignedSeries, bar: Judged) -> list[Part] | None:
    """Every article of the bar with its contribution; None where the store has moved on: the next look will see."""
    open_at = int(one.open_at[bar.row])
    opened = from_millis(open_at)
    told = one.aggregation
    with database.read(house.engine) as connection:
        read = scores.load_columns(
            connection,
            target=one.target,
            scorer=one.scorer,
            catalogue=house.catalogue.digest,
            window=told.news_window(Window(opened, opened + told.interval.duration)),
            with_origins=told.asks_origins,
            with_stories=told.asks_stories,
        )
        made = trace(read, told, open_at)
        ids = [part.revision for part in made.contributions]
        weighty = scores.load_weighty(
            connection, ids, target=one.target, scorer=one.scorer, catalogue=house.catalogue.digest
        )
        items = {item.revision: item for item in weighty}
        texts = {stored.id: stored.article for stored in articles.load(connection, ids)}
    stands = one.sentiment[bar.row] if made.sentiment is not None else None
    if made.sentiment != stands or len(ids) != bar.scored + bar.no_signal:
        return None
    return [
        Part(
            items[part.revision].title,
            items[part.revision].source,
            items[part.revision].url,
            items[part.revision].language,
            texts[part.revision].published.instant,
            items[part.revision].available_at,
            part.state.value,
            items[part.revision].score,
            part.weight,
            part.contribution,
        )
        for part in made.contributions
    ]


def _describe(kind: Kind, one: AlignedSeries, bar: Judged) -> dict[str, Any]:
    """The newest judged bar as plain values, with why it is no shock."""
    figures = {name: getattr(bar, name) for name in ("value", "usual", "distance", "needed")}
    return {
        "kind": kind.value,
        "series": f"{one.target}/{one.aggregation.interval.value}",
        "scorer": one.scorer,
        "open_at": format_instant(from_millis(int(one.open_at[bar.row]))),
        "standing": bar.standing.value,
        **{name: None if value != value else value for name, value in figures.items()},
        "scored": bar.scored,
        "no_signal": bar.no_signal,
        "history_days": bar.days,
    }


def describe_newest(newest: list[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each series."""
    for one in newest:
        far = "" if one["distance"] is None else f", {one['distance']:+.1f} of ±{one['needed']:.1f}"
        read = f"{one['scored']} scored, {one['no_signal']} without a signal, {one['history_days']} days before"
        yield f"  {one['kind']:<10}{one['series']:<24}{one['open_at']}  {one['standing']}{far} ({read})"
