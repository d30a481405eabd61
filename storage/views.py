"""The read-only SQL views: what quants may rely on, with the same columns on both databases.

Tables may change with any release; these columns stay. Every instant is shown in words: on PostgreSQL a
`timestamptz`, on SQLite text such as `2024-01-10T21:00:00.000000Z`, which sorts as time. The one to filter on also
comes as an integer, microseconds since 1970-01-01T00:00Z, in a column ending in `_us`, which the indexes serve. JSON
columns take `->>` on both.

They are laid anew after every migration, and when a store is opened whose views are another release's. On PostgreSQL
let a reading role keep its rights over that with `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateView, DropView

from storage import views_told
from storage.disagreement_view import define_disagreement
from storage.lineage_view import define_lineage
from storage.opinions_view import define_opinions
from storage.schema import (
    VIEWS_DIGEST,
    VIEWS_MARK,
    article,
    candle,
    gap,
    market,
    revision,
    score,
    scoring,
    series,
    series_point,
    tone,
)
from storage.shown import KnownBy, Shown, by, micros, show_on_postgresql, show_on_sqlite
from storage.stories_view import define_stories, define_story_members
from storage.tellings_view import define_tellings, is_current
from storage.trials_view import define_trials

ROWS = {
    "v_articles": "one row per revision of an article",
    "v_tellings": "one row per text, edit or return to an earlier text: how an article read, from when on",
    "v_stories": "one row per story: how many texts, articles, sources and languages tell it",
    "v_story_members": "one row per revision in its story: what it is to the texts before it, and how new",
    "v_tones": "one row per revision and scoring",
    "v_scores": "one row per revision, scoring and target mentioned",
    "v_quotes": "one row per quote and target spoken of in it, as the newest extraction found them",
    "v_events": "one row per event and target named beside it, as the newest extraction found them",
    "v_opinions": "one row per opinion another reader (GDELT) has of an article, whether or not that is held",
    "v_disagreement": "one row per revision, catalogue and target with several scorers, each in its last version",
    "v_candles": "one row per bar: its newest statement",
    "v_series": "one row per bar of a series: its newest value",
    "v_gaps": "one row per hole in the prices, filled ones too",
    "v_trials": "one row per study of a series, in the order in which they were made",
    "v_lineage": "one row per article that counts in a bar of a series, as `newscandle explain` lists them",
}
"""Every view, and what a row of it is."""

NAMES = tuple(ROWS)


def create(connection: sa.Connection) -> None:
    """Lay all views on the tables of this release."""
    shown = show_on_sqlite if connection.dialect.name == "sqlite" else show_on_postgresql
    for name, definition in define(shown).items():
        connection.execute(CreateView(definition, name))
    mark = sa.select(sa.literal_column(f"'{VIEWS_DIGEST}'", sa.Text).label("digest"))
    connection.execute(CreateView(mark, VIEWS_MARK))


def lay(connection: sa.Connection) -> None:
    """Put the views of this release in the place of another's; leaves them where somebody else just did."""
    if VIEWS_MARK in sa.inspect(connection).get_view_names():
        digest = sa.column("digest", sa.Text)
        if connection.scalar(sa.select(digest).select_from(sa.table(VIEWS_MARK))) == VIEWS_DIGEST:
            return
    drop(connection)
    create(connection)


def drop(connection: sa.Connection) -> None:
    """Take away the views there are."""
    held = set(sa.inspect(connection).get_view_names())
    for name in (VIEWS_MARK, *NAMES):
        if name in held:
            connection.execute(DropView(sa.Table(name, sa.MetaData())))


def define(shown: Shown, known_by: KnownBy = None) -> dict[str, sa.Select[Any] | sa.CompoundSelect[Any]]:
    """Every view by name; `shown` turns a column of instants into words. With `known_by`, as the view read then."""
    return {
        "v_articles": _define_articles(shown, known_by),
        "v_tellings": define_tellings(shown, known_by),
        "v_stories": define_stories(shown, known_by),
        "v_story_members": define_story_members(shown, known_by),
        "v_tones": _define_tones(shown, known_by),
        "v_scores": _define_scores(shown, known_by),
        "v_quotes": views_told.define_quotes(shown, known_by),
        "v_events": views_told.define_events(shown, known_by),
        "v_opinions": define_opinions(shown, known_by),
        "v_disagreement": define_disagreement(shown, known_by),
        "v_candles": _define_candles(shown, known_by),
        "v_series": _define_series(shown, known_by),
        "v_gaps": _define_gaps(shown, known_by),
        "v_trials": define_trials(shown, known_by),
        "v_lineage": define_lineage(shown, known_by),
    }


def _define_articles(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    known = by(known_by, revision.c.available_at, revision.c.recorded_at)
    shown_columns = (
        article.c.key.label("article"),
        revision.c.id.label("revision_id"),
        revision.c.number.label("revision"),
        *(article.c.url, article.c.source, article.c.guid, revision.c.title, revision.c.text),
        *(revision.c.language, revision.c.language_confidence, revision.c.authors, revision.c.tags),
        *(shown(revision.c.published_at), revision.c.published_origin, revision.c.published_reason),
        *(shown(revision.c.modified_at), shown(revision.c.first_seen_at), shown(revision.c.available_at)),
        micros(revision.c.available_at).label("available_at_us"),
        revision.c.is_assumed.label("available_is_assumed"),
        shown(revision.c.recorded_at),
        is_current(known_by).label("is_current"),
    )
    return sa.select(*shown_columns).join(article, article.c.id == revision.c.article_id).where(*known)


def _define_tones(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    return (
        sa.select(
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.source, tone.c.language, scoring.c.scorer, scoring.c.catalogue, tone.c.state, tone.c.tone),
            shown(revision.c.available_at),
            micros(revision.c.available_at).label("available_at_us"),
            shown(tone.c.scored_at),
        )
        .join(scoring, scoring.c.id == tone.c.scoring_id)
        .join(revision, revision.c.id == tone.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .where(*by(known_by, tone.c.scored_at, revision.c.available_at, revision.c.recorded_at))
    )


def _define_scores(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    return (
        sa.select(
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.source, revision.c.language, scoring.c.scorer, scoring.c.catalogue, score.c.target),
            *(score.c.state, score.c.score, score.c.label, score.c.relevance, score.c.reasons),
            *(score.c.mention_count, score.c.explanation, shown(revision.c.available_at)),
            micros(revision.c.available_at).label("available_at_us"),
            *(shown(score.c.scored_at), score.c.negative, score.c.neutral, score.c.positive, score.c.low, score.c.high),
        )
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .where(*by(known_by, score.c.scored_at, revision.c.available_at, revision.c.recorded_at))
    )


def _define_candles(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    later = candle.alias("later")
    restated = (
        sa.select(later.c.number)
        .where(
            later.c.market_id == candle.c.market_id,
            later.c.open_at == candle.c.open_at,
            later.c.number == candle.c.number + sa.literal_column("1"),
            *by(known_by, later.c.fetched_at),
        )
        .exists()
    )
    return (
        sa.select(
            *(market.c.venue, market.c.symbol, market.c.interval, shown(candle.c.open_at)),
            micros(candle.c.open_at).label("open_at_us"),
            *(candle.c.open, candle.c.high, candle.c.low, candle.c.close, candle.c.volume),
            candle.c.number.label("statement"),
            shown(candle.c.fetched_at),
        )
        .join(market, market.c.id == candle.c.market_id)
        .where(~restated, *by(known_by, candle.c.fetched_at))
    )


def _define_series(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    later = series_point.alias("later")
    recomputed = (
        sa.select(later.c.number)
        .where(
            later.c.series_id == series_point.c.series_id,
            later.c.open_at == series_point.c.open_at,
            later.c.number == series_point.c.number + sa.literal_column("1"),
            *by(known_by, later.c.recorded_at),
        )
        .exists()
    )
    return (
        sa.select(
            series.c.key.label("series"),
            *(series.c.target, series.c.scorer, series.c.catalogue, series.c.venue, series.c.symbol),
            series.c.declaration["interval"].as_string().label("interval"),
            *(series.c.aggregation, series.c.declaration, shown(series_point.c.open_at)),
            micros(series_point.c.open_at).label("open_at_us"),
            *(shown(series_point.c.available_at), series_point.c.sentiment, series_point.c.scored),
            *(series_point.c.no_signal, series_point.c.no_mention, series_point.c.unsupported),
            *(series_point.c.close, series_point.c.log_return, series_point.c.realised_volatility),
            *(series_point.c.volume, shown(series_point.c.recorded_at)),
        )
        .join(series, series.c.id == series_point.c.series_id)
        .where(~recomputed, *by(known_by, series_point.c.recorded_at, series_point.c.available_at))
    )


def _define_gaps(shown: Shown, known_by: KnownBy) -> sa.Select[Any]:
    shown_columns = (
        *(market.c.venue, market.c.symbol, market.c.interval, shown(gap.c.start_at)),
        micros(gap.c.start_at).label("start_at_us"),
        *(shown(gap.c.end_at), gap.c.reason, shown(gap.c.noticed_at), shown(gap.c.recorded_at)),
        *(_if_known(shown(gap.c.filled_at), gap.c.filled_at, known_by),),
        *(_if_known(one, gap.c.last_retried_at, known_by) for one in (gap.c.retried, shown(gap.c.last_retried_at))),
    )
    joined = sa.select(*shown_columns).join(market, market.c.id == gap.c.market_id)
    return joined.where(*by(known_by, gap.c.recorded_at))


def _if_known(element: sa.ColumnElement[Any], stamp: sa.ColumnElement[Any], known_by: KnownBy) -> sa.ColumnElement[Any]:
    """The element where what it tells had happened by then, else null: it is kept current in place."""
    name = str(getattr(element, "name", ""))
    return element if known_by is None else sa.case((stamp <= known_by, element), else_=sa.null()).label(name)
