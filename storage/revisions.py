"""An article's tellings one after another, and what was read in each: for whoever wants to know what was edited."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from service.instants import Window
from service.news.article import Article
from storage import articles
from storage.schema import article, score, scoring, tone
from storage.tellings import select_tellings
from storage.upsert import among


@dataclass(frozen=True, slots=True)
class Telling:
    """How an article read from `available_at` on: its `number` among the tellings, and the text.

    `revision` is the row id of the text, `is_return` whether its source went back to it.
    """

    number: int
    revision: int
    is_return: bool
    available_at: dt.datetime
    recorded_at: dt.datetime
    article: Article


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scorer read toward a target in a revision (row id); `score` is −1…1, None unless scored."""

    revision: int
    scorer: str
    target: str
    state: str
    score: float | None


def load_tellings(
    connection: sa.Connection, keys: Collection[str], *, as_of: dt.datetime | None = None
) -> dict[str, list[Telling]]:
    """The tellings of the articles with these keys, by number; with `as_of`, those known by then."""
    told = select_tellings()
    chosen = (
        sa.select(article.c.key, told)
        .join(article, article.c.id == told.c.article_id)
        .where(among(connection, article.c.key, keys))
        .order_by(article.c.key, told.c.number)
    )
    if as_of is not None:
        chosen = chosen.where(told.c.available_at <= as_of, told.c.recorded_at <= as_of)
    rows = connection.execute(chosen).all()
    texts = {one.id: one.article for one in articles.load(connection, {row.revision_id for row in rows})}
    tellings: dict[str, list[Telling]] = {}
    for row in rows:
        told_then = Telling(
            row.number, row.revision_id, bool(row.is_return), row.available_at, row.recorded_at, texts[row.revision_id]
        )
        tellings.setdefault(row.key, []).append(told_then)
    return tellings


def find_edited(connection: sa.Connection, window: Window, *, as_of: dt.datetime | None = None) -> list[str]:
    """The keys of articles of which a later telling than the first could be known within `window`, rising."""
    told = select_tellings()
    chosen = (
        sa.select(article.c.key)
        .join(told, article.c.id == told.c.article_id)
        .where(told.c.number > 1, told.c.available_at >= window.start, told.c.available_at < window.end)
        .distinct()
        .order_by(article.c.key)
    )
    if as_of is not None:
        chosen = chosen.where(told.c.available_at <= as_of, told.c.recorded_at <= as_of)
    return list(connection.scalars(chosen))


def load_readings(
    connection: sa.Connection, revisions: Collection[int], *, catalogue: str, as_of: dt.datetime | None = None
) -> list[Reading]:
    """What every scorer read with this catalogue in these revisions (row ids); with `as_of`, by then."""
    its_tone = sa.and_(tone.c.scoring_id == score.c.scoring_id, tone.c.revision_id == score.c.revision_id)
    chosen = (
        sa.select(score.c.revision_id, scoring.c.scorer, score.c.target, score.c.state, score.c.score)
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(tone, its_tone)
        .where(scoring.c.catalogue == catalogue, among(connection, score.c.revision_id, revisions))
        .order_by(score.c.revision_id, scoring.c.scorer, score.c.target)
    )
    if as_of is not None:
        chosen = chosen.where(tone.c.scored_at <= as_of)
    return [Reading(*row) for row in connection.execute(chosen)]
