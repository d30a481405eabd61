"""What scorers read in articles: saved once per scorer version and catalogue, handed out as columns.

A scoring is one scorer version with one target catalogue. Reading a revision gives one `tone` row and a `score` row for
each target mentioned, so a target without a score row beside a tone is `no_mention`. A series sees every article once,
through its first revision: a later edit is scored too, but does not enter the flow of news a second time.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import STATES, Origins, ScoreColumns
from service.instants import Window
from service.sentiment.score import ArticleReading, MentionScore
from service.sentiment.scorer import State
from storage.explanations import read_explanation, write_explanation
from storage.instant_column import to_micros
from storage.schema import article, revision, score, scoring, tone
from storage.upsert import Saved, among, encode_json, insert_new, split

_TONE_COLUMNS = ("scoring_id", "revision_id", "language", "state", "tone", "scored_at")
_SCORE_COLUMNS = (
    *("scoring_id", "target", "revision_id", "state", "score", "label", "relevance", "reasons"),
    *("mention_count", "explanation", "scored_at"),
)


@dataclass(frozen=True, slots=True)
class TargetCount:
    """How often a target is spoken of: articles that mention it and their mean relevance (0–100)."""

    target: str
    articles: int
    mean_relevance: float


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """One article toward one target, with all that a reader needs to judge the score; `score` is None unless scored."""

    revision: int
    title: str
    url: str
    source: str
    language: str
    available_at: dt.datetime
    state: State
    score: float | None
    relevance: int
    mentions: tuple[MentionScore, ...]


def save(connection: sa.Connection, readings: Sequence[tuple[int, ArticleReading]], *, scored_at: dt.datetime) -> Saved:
    """Store what was read in revisions (row id, reading). A revision this scoring has read before stays as it is."""
    stamped = to_micros(scored_at, "scored_at")
    saved = Saved()
    for scorer, catalogue in sorted({(reading.scorer, reading.catalogue) for _, reading in readings}):
        scoring_id = _find_or_add_scoring(connection, scorer, catalogue, stamped)
        theirs = {
            revision_id: reading
            for revision_id, reading in reversed(readings)  # of two readings of one revision the first counts
            if (reading.scorer, reading.catalogue) == (scorer, catalogue)
        }
        for part in split(sorted(theirs.items())):
            saved += _save_part(connection, scoring_id, part, stamped)
    return saved


def _save_part(
    connection: sa.Connection, scoring_id: int, part: Sequence[tuple[int, ArticleReading]], scored_at: int
) -> Saved:
    chosen = sa.select(tone.c.revision_id).where(
        tone.c.scoring_id == scoring_id, among(connection, tone.c.revision_id, [revision_id for revision_id, _ in part])
    )
    held = set(connection.scalars(chosen))
    fresh = [(revision_id, reading) for revision_id, reading in part if revision_id not in held]
    tones = [
        (scoring_id, revision_id, reading.language, reading.state.value, _unsigned_zero(reading.tone), scored_at)
        for revision_id, reading in fresh
    ]
    scores = [
        (
            scoring_id,
            one.target,
            revision_id,
            one.state.value,
            _unsigned_zero(one.score),
            one.label.value if one.label else "",
            one.relevance,
            encode_json(one.reasons),
            len(one.mentions),
            encode_json(write_explanation(one.mentions)),
            scored_at,
        )
        for revision_id, reading in fresh
        for one in reading.scores
    ]
    insert_new(connection, tone, _TONE_COLUMNS, tones)
    insert_new(connection, score, _SCORE_COLUMNS, scores)
    return Saved(new=len(fresh), unchanged=len(held))


def _unsigned_zero(value: float | None) -> float | None:
    return None if value is None else value + 0.0  # SQLite would turn −0.0 into 0.0, PostgreSQL would not


def _find_or_add_scoring(connection: sa.Connection, scorer: str, catalogue: str, recorded_at: int) -> int:
    insert_new(connection, scoring, ("scorer", "catalogue", "recorded_at"), [(scorer, catalogue, recorded_at)])
    found: int | None = connection.scalar(
        sa.select(scoring.c.id).where(scoring.c.scorer == scorer, scoring.c.catalogue == catalogue)
    )
    assert found is not None
    return found


def _known_by(as_of: dt.datetime | None, scored_at: sa.ColumnElement[dt.datetime]) -> list[sa.ColumnElement[bool]]:
    """What holds of a reading newscandle had made by `as_of`; of every reading, without one."""
    if as_of is None:
        return []
    return [revision.c.available_at <= as_of, revision.c.recorded_at <= as_of, scored_at <= as_of]


def _as_seen_by(target: str, scorer: str, catalogue: str, window: Window, as_of: dt.datetime | None) -> sa.Select[Any]:
    """Every article read, one row each, with the target's score beside it or nulls; columns are added by the caller."""
    inside = [
        scoring.c.scorer == scorer,
        scoring.c.catalogue == catalogue,
        revision.c.number == 1,
        revision.c.available_at >= window.start,
        revision.c.available_at < window.end,
    ]
    inside += _known_by(as_of, tone.c.scored_at)
    its_score = sa.and_(
        score.c.scoring_id == tone.c.scoring_id,
        score.c.revision_id == tone.c.revision_id,
        score.c.target == target,
    )
    read = (
        tone.join(scoring, scoring.c.id == tone.c.scoring_id)
        .join(revision, revision.c.id == tone.c.revision_id)
        .join(score, its_score, isouter=True)
    )
    return sa.select().select_from(read).where(*inside)


_STATE_SEEN = sa.case(
    (tone.c.state == State.UNSUPPORTED_LANGUAGE.value, tone.c.state),
    else_=sa.func.coalesce(score.c.state, State.NO_MENTION.value),
)


def load_columns(
    connection: sa.Connection,
    *,
    target: str,
    scorer: str,
    catalogue: str,
    window: Window,
    with_origins: bool = False,
    as_of: dt.datetime | None = None,
) -> ScoreColumns:
    """All articles available in `window` that this scoring read, as `target` sees them, by `available_at`, then id.

    `with_origins` tells their sources, titles and texts' hashes too. With `as_of`, only what newscandle knew by then.
    """
    codes = {state.value: code for code, state in enumerate(STATES)}
    coded = sa.case(codes, value=_STATE_SEEN)
    micros = sa.type_coerce(revision.c.available_at, sa.BigInteger)
    chosen = (
        _as_seen_by(target, scorer, catalogue, window, as_of)
        .add_columns(micros, score.c.score, sa.func.coalesce(score.c.relevance, 0), coded, revision.c.id)
        .order_by(revision.c.available_at, revision.c.id)
    )
    if with_origins:
        chosen = chosen.join(article, article.c.id == revision.c.article_id)
        chosen = chosen.add_columns(article.c.source, revision.c.title, revision.c.content_hash)
    columns: list[tuple[Any, ...]] = list(zip(*connection.execute(chosen), strict=True)) or [()] * 8
    available_at, scores, relevance, states, revisions, *origins = columns
    return ScoreColumns(
        target=target,
        scorer=scorer,
        available_at=np.array(available_at, dtype=np.int64) // 1000,
        score=np.array(scores, dtype=np.float64),
        relevance=np.array(relevance, dtype=np.float64),
        state=np.array(states, dtype=np.int8),
        revision=np.array(revisions, dtype=np.int64),
        origins=Origins(*origins) if with_origins else None,
    )


def load_states(
    connection: sa.Connection,
    *,
    target: str,
    scorer: str,
    catalogue: str,
    window: Window,
    as_of: dt.datetime | None = None,
) -> dict[State, int]:
    """How many articles of `window` are in each of the four states toward `target`; all four are named.

    With `as_of`, only what newscandle knew by then.
    """
    chosen = (
        _as_seen_by(target, scorer, catalogue, window, as_of)
        .add_columns(_STATE_SEEN, sa.func.count())
        .group_by(_STATE_SEEN)
    )
    counted = {State(name): count for name, count in connection.execute(chosen)}
    return {state: counted.get(state, 0) for state in STATES}


def load_targets(
    connection: sa.Connection, *, scorer: str, catalogue: str, window: Window, as_of: dt.datetime | None = None
) -> list[TargetCount]:
    """The targets spoken of in the articles of `window`, most articles first, then by name.

    With `as_of`, only what newscandle knew by then.
    """
    chosen = (
        sa.select(score.c.target, sa.func.count(), sa.func.sum(score.c.relevance))
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .where(
            scoring.c.scorer == scorer,
            scoring.c.catalogue == catalogue,
            revision.c.number == 1,
            revision.c.available_at >= window.start,
            revision.c.available_at < window.end,
            *_known_by(as_of, score.c.scored_at),
        )
        .group_by(score.c.target)
        .order_by(sa.func.count().desc(), score.c.target)
    )
    # divided here, where both databases give the same: their own averages are of different types
    return [TargetCount(target, count, int(total) / count) for target, count, total in connection.execute(chosen)]


def load_weighty(
    connection: sa.Connection,
    revision_ids: Collection[int],
    *,
    target: str,
    scorer: str,
    catalogue: str,
    as_of: dt.datetime | None = None,
) -> list[ScoredArticle]:
    """These revisions as they speak of `target`, with every mention and its evidence, by rising id.

    With `as_of`, only what newscandle knew by then.
    """
    chosen = (
        sa.select(
            *(revision.c.id, revision.c.title, article.c.url, article.c.source, revision.c.language),
            *(revision.c.available_at, score.c.state, score.c.score, score.c.relevance, score.c.explanation),
        )
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .where(
            scoring.c.scorer == scorer,
            scoring.c.catalogue == catalogue,
            score.c.target == target,
            among(connection, revision.c.id, revision_ids),
            *_known_by(as_of, score.c.scored_at),
        )
        .order_by(revision.c.id)
    )
    return [
        ScoredArticle(
            row.id,
            row.title,
            row.url,
            row.source,
            row.language,
            row.available_at,
            State(row.state),
            row.score,
            row.relevance,
            read_explanation(target, row.explanation),
        )
        for row in connection.execute(chosen)
    ]
