"""The view that leads from a point of a series to what stood behind it when it took its value.

    series ─ series_point ─┬─ the articles of its window, known by then ─ score of the series' scoring and target
                           └─ the candle of its bar, as stated by then (where the venue is one, and holds such bars)

It lists what went in, as `newscandle explain` does; what each article weighs is told there.
"""

from typing import Any

import sqlalchemy as sa

from service.sentiment.scorer import State
from storage.schema import article, candle, market, revision, score, scoring, series, series_point
from storage.shown import KnownBy, Shown, by, micros

_MILLION = sa.literal_column("1000000", sa.BigInteger)


def _declared(name: str) -> sa.ColumnElement[int]:
    """A whole number of the series' declaration, 0 where it does not speak of it."""
    told = sa.cast(series.c.declaration[name].as_string(), sa.BigInteger)
    return sa.func.coalesce(told, sa.literal_column("0", sa.BigInteger))


def define_lineage(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """The view; `shown` turns a column of instants into words."""
    return (
        sa.select(
            series.c.key.label("series"),
            *(series.c.target, series.c.scorer, series.c.catalogue, series.c.venue, series.c.symbol),
            series.c.declaration["interval"].as_string().label("interval"),
            shown(series_point.c.open_at),
            micros(series_point.c.open_at).label("open_at_us"),
            series_point.c.number.label("point_number"),
            shown(series_point.c.recorded_at).label("point_recorded_at"),
            series_point.c.sentiment,
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.url, article.c.source, revision.c.title, revision.c.language),
            shown(revision.c.available_at),
            micros(revision.c.available_at).label("available_at_us"),
            *(score.c.state, score.c.score, score.c.relevance, shown(score.c.scored_at)),
            candle.c.number.label("candle_statement"),
            candle.c.close.label("candle_close"),
            shown(candle.c.fetched_at).label("candle_fetched_at"),
        )
        .select_from(series)
        .join(series_point, series_point.c.series_id == series.c.id)
        .join(scoring, sa.and_(scoring.c.scorer == series.c.scorer, scoring.c.catalogue == series.c.catalogue))
        .join(revision, sa.and_(*_within_reach()))
        .join(score, sa.and_(*_counting()))
        .join(article, article.c.id == revision.c.article_id)
        .join(market, _its_market(), isouter=True)
        .join(candle, _its_candle(), isouter=True)
        .where(~_is_recomputed(known_by), *by(known_by, series_point.c.recorded_at, series_point.c.available_at))
    )


def _is_recomputed(known_by: KnownBy) -> sa.ColumnElement[bool]:
    later = series_point.alias("later")
    return (
        sa.select(later.c.number)
        .where(
            later.c.series_id == series_point.c.series_id,
            later.c.open_at == series_point.c.open_at,
            later.c.number == series_point.c.number + sa.literal_column("1"),
            *by(known_by, later.c.recorded_at),
        )
        .exists()
    )


def _within_reach() -> list[sa.ColumnElement[bool]]:
    """First revisions that, held back by the embargo, came in the window before the bar's close, and were known."""
    close = micros(series_point.c.available_at)
    embargo = _declared("embargo_seconds") * _MILLION
    window = sa.func.coalesce(
        sa.func.nullif(_declared("window_seconds") * _MILLION, sa.literal_column("0", sa.BigInteger)),
        close - micros(series_point.c.open_at),
    )
    return [
        revision.c.number == sa.literal_column("1"),
        micros(revision.c.available_at) >= close - window - embargo,
        micros(revision.c.available_at) < close - embargo,
        revision.c.available_at <= series_point.c.recorded_at,
        revision.c.recorded_at <= series_point.c.recorded_at,
    ]


def _counting() -> list[sa.ColumnElement[bool]]:
    """Scores toward the target that the series counts, made by then."""
    states = (sa.literal_column(f"'{state.value}'", sa.Text) for state in (State.SCORED, State.NO_SIGNAL))
    return [
        score.c.scoring_id == scoring.c.id,
        score.c.target == series.c.target,
        score.c.revision_id == revision.c.id,
        sa.or_(*(score.c.state == state for state in states)),
        score.c.relevance >= _declared("relevance_floor"),
        score.c.scored_at <= series_point.c.recorded_at,
    ]


def _its_market() -> sa.ColumnElement[bool]:
    return sa.and_(
        market.c.venue == series.c.venue,
        market.c.symbol == series.c.symbol,
        market.c.interval == series.c.declaration["interval"].as_string(),
    )


def _its_candle() -> sa.ColumnElement[bool]:
    stated = candle.alias("stated")
    newest = (
        sa.select(sa.func.max(stated.c.number))
        .where(
            stated.c.market_id == market.c.id,
            stated.c.open_at == series_point.c.open_at,
            stated.c.fetched_at <= series_point.c.recorded_at,
        )
        .scalar_subquery()
    )
    return sa.and_(
        candle.c.market_id == market.c.id,
        candle.c.open_at == series_point.c.open_at,
        candle.c.number == newest,
    )
