"""What is asked of the scores, each written once: composing a statement costs more than a small store's answer.

Named in them: `:scorer` and `:catalogue`, a window `:start` … `:end` of first revisions by `available_at`, and `:as_of`
where the past is asked (`is_past`).
"""

import datetime as dt
import functools
from typing import Any

import sqlalchemy as sa

from service.correlation.aligned import STATES
from service.sentiment.scorer import State
from storage.instant_column import UtcDateTime
from storage.schema import article, revision, score, scoring, story_member, tone
from storage.upsert import among_sent

_BY_SCORING = (scoring.c.scorer == sa.bindparam("scorer"), scoring.c.catalogue == sa.bindparam("catalogue"))
_IN_WINDOW = (
    revision.c.number == 1,
    revision.c.available_at >= sa.bindparam("start"),
    revision.c.available_at < sa.bindparam("end"),
)


def _known_by(scored_at: sa.ColumnElement[dt.datetime], *, is_past: bool) -> list[sa.ColumnElement[bool]]:
    """What holds of a reading newscandle had made by `:as_of`; of every reading, unless the past is asked."""
    if not is_past:
        return []
    as_of = sa.bindparam("as_of", type_=UtcDateTime())
    return [revision.c.available_at <= as_of, revision.c.recorded_at <= as_of, scored_at <= as_of]


def _as_seen_by_target(*, is_past: bool) -> sa.Select[Any]:
    """Every article read, a row each, the score of `:target` beside it or nulls; the caller adds the columns."""
    its_score = sa.and_(
        score.c.scoring_id == tone.c.scoring_id,
        score.c.revision_id == tone.c.revision_id,
        score.c.target == sa.bindparam("target"),
        # as its tone was, which is asked for below: said here too, it leaves out the months after `:as_of`
        *([score.c.scored_at <= sa.bindparam("as_of", type_=UtcDateTime())] if is_past else []),
    )
    read = (
        tone.join(scoring, scoring.c.id == tone.c.scoring_id)
        .join(revision, revision.c.id == tone.c.revision_id)
        .join(score, its_score, isouter=True)
    )
    return sa.select().select_from(read).where(*_BY_SCORING, *_IN_WINDOW, *_known_by(tone.c.scored_at, is_past=is_past))


_STATE_SEEN = sa.case(
    (tone.c.state == State.UNSUPPORTED_LANGUAGE.value, tone.c.state),
    else_=sa.func.coalesce(score.c.state, State.NO_MENTION.value),
)


@functools.cache
def select_columns(*, is_past: bool, with_origins: bool, with_stories: bool = False) -> sa.Select[Any]:
    """`available_at` in microseconds, score, relevance, state as its place in `STATES`, and revision, in that order.

    `with_origins`: source, title and content hash too; `with_stories`: after them story and novelty, "" and 100 where
    the text is not placed (by `:as_of`).
    """
    codes = {state.value: code for code, state in enumerate(STATES)}
    coded = sa.case(codes, value=_STATE_SEEN)
    micros = sa.type_coerce(revision.c.available_at, sa.BigInteger)
    chosen = (
        _as_seen_by_target(is_past=is_past)
        .add_columns(micros, score.c.score, sa.func.coalesce(score.c.relevance, 0), coded, revision.c.id)
        .order_by(revision.c.available_at, revision.c.id)
    )
    if not with_origins:
        return chosen
    chosen = chosen.join(article, article.c.id == revision.c.article_id)
    chosen = chosen.add_columns(article.c.source, revision.c.title, revision.c.content_hash)
    if not with_stories:
        return chosen
    known = [story_member.c.recorded_at <= sa.bindparam("as_of", type_=UtcDateTime())] if is_past else []
    chosen = chosen.join(story_member, sa.and_(story_member.c.revision_id == revision.c.id, *known), isouter=True)
    return chosen.add_columns(sa.func.coalesce(story_member.c.story, ""), sa.func.coalesce(story_member.c.novelty, 100))


@functools.cache
def count_states(*, is_past: bool) -> sa.Select[Any]:
    """State toward `:target` → how many articles of the window."""
    return _as_seen_by_target(is_past=is_past).add_columns(_STATE_SEEN, sa.func.count()).group_by(_STATE_SEEN)


@functools.cache
def count_targets(*, is_past: bool) -> sa.Select[Any]:
    """Target → how many articles of the window, and the sum of their relevances; most articles first, then by name."""
    return (
        sa.select(score.c.target, sa.func.count(), sa.func.sum(score.c.relevance))
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .where(*_BY_SCORING, *_IN_WINDOW, *_known_by(score.c.scored_at, is_past=is_past))
        .group_by(score.c.target)
        .order_by(sa.func.count().desc(), score.c.target)
    )


@functools.cache
def select_articles(dialect_name: str, *, is_past: bool) -> sa.Select[Any]:
    """The articles among `:revisions` with their scores toward `:target` by `:scorer` with `:catalogue`, by id."""
    return (
        sa.select(
            *(revision.c.id, revision.c.title, article.c.url, article.c.source, revision.c.language),
            *(revision.c.available_at, score.c.state, score.c.score, score.c.relevance, score.c.explanation),
            *(score.c.negative, score.c.neutral, score.c.positive, score.c.low, score.c.high),
        )
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .where(
            *_BY_SCORING,
            score.c.target == sa.bindparam("target"),
            among_sent(dialect_name, revision.c.id, "revisions"),
            *_known_by(score.c.scored_at, is_past=is_past),
        )
        .order_by(revision.c.id)
    )
