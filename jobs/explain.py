"""Explain: one stored point of a series → everything it was made of, as plain values or as text."""

import datetime as dt
from difflib import get_close_matches
from importlib.metadata import version
from typing import Any

from jobs.align import aggregation_of
from jobs.asof import parse_as_of
from jobs.house import House
from jobs.markets import REFERENCE
from service.correlation.lineage import Contribution, PointName, parse_point, trace
from service.errors import BadInput
from service.instants import Window, format_instant, parse_instant, to_millis
from service.sentiment.score import MentionScore
from storage import articles, database, lineage, scores, series
from storage.articles import StoredRevision
from storage.lineage import StatedCandle, StoredPoint
from storage.pruned import find_pruned
from storage.scores import ScoredArticle
from storage.series import Declaration


def explain_point(house: House, text: str, as_of: str | None = None) -> dict[str, Any]:
    """The lineage of the point spelled `TARGET/INTERVAL[/SCORER]@INSTANT`, its bar's opening instant, as JSON values.

        text ─ parse_point ─▶ Declaration ─▶ StoredPoint ─┬─ scores known when it was recorded ─ trace ─▶ contributions
                                                          └─ candles stated by then

    With `as_of` (as typed), of the value the point had then. Raises `BadInput` where no such series or point is
    stored, naming the nearest there are.
    """
    name = parse_point(text)
    instant = parse_instant(name.instant, "point")
    asked_at = parse_as_of(house, as_of)
    with database.read(house.engine) as connection:
        told = _choose(house, name, series.load_declarations(connection, as_of=asked_at))
        point = lineage.load_point(connection, told, instant, as_of=asked_at)
        if point is None:
            there = lineage.load_neighbours(connection, told, instant, as_of=asked_at)
            near = [format_instant(one) for one in there]
            raise BadInput("point", text, f"no point opens then; the nearest open at {' and '.join(near) or 'none'}")
        length = told.aggregation.interval.duration
        read = scores.load_columns(
            connection,
            target=told.target,
            scorer=told.scorer,
            catalogue=told.catalogue,
            window=told.aggregation.news_window(Window(point.open_at, point.open_at + length)),
            with_origins=told.aggregation.asks_origins,
            with_stories=told.aggregation.asks_stories,
            as_of=point.recorded_at,
        )
        made = trace(read, told.aggregation, to_millis(point.open_at))
        ids = [one.revision for one in made.contributions]
        weighty = scores.load_weighty(connection, ids, target=told.target, scorer=told.scorer, catalogue=told.catalogue)
        texts = articles.load(connection, ids)
        gone = find_pruned(connection, ids)
        stated = lineage.load_candles(
            connection,
            symbol=told.symbol,
            venue=None if told.venue == REFERENCE else told.venue,
            coarsest=told.aggregation.interval,
            window=Window(point.open_at - length, point.open_at + length),
            as_of=point.recorded_at,
        )
    by_id = {item.revision: (item, stored) for item, stored in zip(weighty, texts, strict=True)}
    return {
        "series": _write_series(told),
        "point": _write_point(point),
        "articles": [_write_article(one, *by_id[one.revision], gone.get(one.revision)) for one in made.contributions],
        "total_weight": made.total_weight,
        "recomputed": made.sentiment,
        "is_reproduced": made.sentiment == point.sentiment,
        "candles": [_write_candle(one) for one in stated],
        "explained_by": f"newscandle {version('newscandle')}",
    }


def _choose(house: House, name: PointName, held: list[Declaration]) -> Declaration:
    """The one series meant: the settings' own catalogue, aggregation and leading scorer, where several are stored."""
    wanted = (name.target, name.interval)
    fitting = [one for one in held if (one.target, one.aggregation.interval) == wanted]
    if name.scorer:
        fitting = [one for one in fitting if one.scorer == name.scorer or one.scorer.startswith(f"{name.scorer}/")]
    spelled = "/".join(part for part in (name.target, name.interval.value, name.scorer) if part)
    if not fitting:
        names = sorted({f"{one.target}/{one.aggregation.interval.value}/{one.scorer}" for one in held})
        near = get_close_matches(spelled, names, n=3, cutoff=0.3) or names[:3]
        remedy = f"stored near it: {', '.join(near)}" if near else "no series is stored: run `newscandle align`"
        raise BadInput("point", spelled, remedy)
    leading = f"{house.settings.score.scorers[0]}/"
    ours = aggregation_of(house, name.interval)
    for kept in (
        [one for one in fitting if one.aggregation == ours],
        [one for one in fitting if one.catalogue == house.catalogue.digest],
        [one for one in fitting if one.scorer.startswith(leading)],
    ):
        both = [one for one in fitting if one in kept]
        fitting = both or fitting
    if len(fitting) > 1:
        which = ", ".join(f"{one.scorer} on {one.venue} {one.symbol}" for one in fitting)
        raise BadInput("point", spelled, f"several series fit ({which}); name the scorer or set align.venue")
    return fitting[0]


def _write_series(told: Declaration) -> dict[str, Any]:
    chosen = told.aggregation
    return {
        "key": told.key,
        "target": told.target,
        "scorer": told.scorer,
        "catalogue": told.catalogue,
        "venue": told.venue,
        "symbol": told.symbol,
        "aggregation": {"digest": chosen.digest, **chosen.declare()},
    }


def _write_point(point: StoredPoint) -> dict[str, Any]:
    instants = ("open_at", "available_at", "recorded_at")
    return {
        name: format_instant(getattr(point, name)) if name in instants else getattr(point, name)
        for name in StoredPoint.__dataclass_fields__
    }


def _write_article(
    one: Contribution, item: ScoredArticle, stored: StoredRevision, pruned_at: dt.datetime | None
) -> dict[str, Any]:
    return {
        "revision_id": one.revision,
        "title": item.title,
        "url": item.url,
        "source": item.source,
        "language": item.language,
        "available_at": format_instant(item.available_at),
        "state": one.state.value,
        "score": item.score,
        "reading": one.reading,
        "value": one.value,
        "relevance": item.relevance,
        "weight": one.weight,
        "contribution": one.contribution,
        "text_pruned_at": None if pruned_at is None else format_instant(pruned_at),
        "mentions": [write_mention(mention, stored) for mention in item.mentions],
    }


def write_mention(read: MentionScore, stored: StoredRevision) -> dict[str, Any]:
    """A mention in its text: its place (code points), passage and state, and the words that made its score."""
    text, start, end = stored.article.text, read.mention.start, read.mention.end
    kinds = [part.kind.value for part in stored.article.passages if part.start <= start < part.end]
    return {
        "text": text[start:end],
        "start": start,
        "end": end,
        "form": read.mention.form.value,
        "passage": kinds[0] if kinds else None,
        "state": read.state.value,
        "score": read.score,
        "is_repeat": read.is_repeat,
        "evidence": [
            {"word": word.word, "start": word.start, "end": word.end, "weight": word.weight, "rule": word.rule}
            for word in read.evidence
        ],
    }


def _write_candle(one: StatedCandle) -> dict[str, Any]:
    return {
        "venue": one.venue,
        "interval": one.interval.value,
        "open_at": format_instant(one.open_at),
        "close_at": format_instant(one.open_at + one.interval.duration),
        "statement": one.statement,
        **{name: getattr(one, name) for name in ("open", "high", "low", "close", "volume")},
        "fetched_at": format_instant(one.fetched_at),
    }


def describe(told: dict[str, Any]) -> str:
    """What `explain_point` gave, for people."""
    series_, point = told["series"], told["point"]
    counts = ", ".join(f"{point[name]} {name}" for name in ("scored", "no_signal", "no_mention", "unsupported"))
    lines = [
        f"{series_['target']} {series_['aggregation']['interval']} {point['open_at']}: sentiment {point['sentiment']}",
        f"  known {point['available_at']}; computed {point['recorded_at']} (value {point['number']}); {counts}",
        f"  series {series_['key']}, scorer {series_['scorer']}, catalogue {series_['catalogue']}",
        "  aggregation " + ", ".join(f"{name} {value}" for name, value in series_["aggregation"].items()),
        f"articles that count: {len(told['articles'])}, total weight {told['total_weight']}",
    ]
    for one in told["articles"]:
        reading = f"{one['weight']:g} × {one['value']:+.6f} / {told['total_weight']:g}"
        if one["value"] != one["reading"]:
            reading += f", winsorised from {one['reading']:+.6f}"
        lines.append(f"  {_sign(one['contribution'])} = {reading}, {one['state']}: {one['title']}")
        lines.append(f"      {one['source']}, available {one['available_at']}, {one['url']}")
        if one["text_pruned_at"]:
            lines.append(f"      its text was taken out {one['text_pruned_at']} (newscandle prune): places, no words")
        for mention in one["mentions"]:
            words = ", ".join(f"{word['word']} {word['weight']:+.3g}" for word in mention["evidence"] if word["weight"])
            where = f"{mention['text']!r} in {mention['passage']} [{mention['start']}, {mention['end']})"
            said = "said before, not counted again" if mention["is_repeat"] else f"{_sign(mention['score'])} {words}"
            lines.append(f"      {where}: {said.rstrip()}")
    agrees = "the stored value, to the last bit" if told["is_reproduced"] else "NOT the stored value: run `align` again"
    lines.append(f"  together {told['recomputed']}: {agrees}")
    lines.append(f"candles of {series_['symbol']} ({series_['venue']}), this bar and the one before:")
    lines += [
        f"  {one['venue']} {one['interval']} {one['open_at']} … {one['close_at']}: open {one['open']:g}, "
        f"close {one['close']:g}, fetched {one['fetched_at']} (statement {one['statement']})"
        for one in told["candles"]
    ]
    return "\n".join([*lines, f"explained by {told['explained_by']}"])


def _sign(value: float | None) -> str:
    return "none" if value is None else f"{value:+.6f}"
