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
from service.sentiment.score import ArticleReading, MentionScore, Score
from service.sentiment.scorer import State
from storage import months
from storage.explanations import read_explanation, write_explanation
from storage.instant_column import to_micros
from storage.schema import score, scoring, tone
from storage.score_statements import count_states, count_targets, select_articles, select_columns
from storage.upsert import Saved, among, encode_json, insert_new, split

_TONE_COLUMNS = ("scoring_id", "revision_id", "language", "state", "tone", "scored_at")
_SCORE_COLUMNS = (
    *("scoring_id", "target", "revision_id", "state", "score", "label", "relevance", "reasons"),
    *("mention_count", "explanation", "scored_at", "negative", "neutral", "positive", "low", "high"),
)


@dataclass(frozen=True, slots=True)
class TargetCount:
    """How often a target is spoken of: articles that mention it and their mean relevance (0–100)."""

    target: str
    articles: int
    mean_relevance: float


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """One article toward one target, with all that a reader needs to judge the score; `score` is None unless scored.

    `probabilities` and `interval` as in `Score`: None where the scorer is not calibrated, or was read before they were
    kept.
    """

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
    probabilities: tuple[float, float, float] | None = None
    interval: tuple[float, float] | None = None


def save(connection: sa.Connection, readings: Sequence[tuple[int, ArticleReading]], *, scored_at: dt.datetime) -> Saved:
    """Store what was read in revisions (row id, reading). A revision this scoring has read before stays as it is."""
    stamped = to_micros(scored_at, "scored_at")
    months.lay(connection, score.name, [stamped])
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
            len(one.counted),
            encode_json(write_explanation(one.mentions)),
            scored_at,
            *_sureness(one),
        )
        for revision_id, reading in fresh
        for one in reading.scores
    ]
    insert_new(connection, tone, _TONE_COLUMNS, tones)
    insert_new(connection, score, _SCORE_COLUMNS, scores)
    return Saved(new=len(fresh), unchanged=len(held))


def _sureness(one: Score) -> tuple[float | None, ...]:
    """Columns negative, neutral, positive, low, high; all null where the scorer is not calibrated."""
    figures = (*(one.probabilities or (None,) * 3), *(one.interval or (None,) * 2))
    return tuple(_unsigned_zero(figure) for figure in figures)


def _unsigned_zero(value: float | None) -> float | None:
    return None if value is None else value + 0.0  # SQLite would turn −0.0 into 0.0, PostgreSQL would not


def _find_or_add_scoring(connection: sa.Connection, scorer: str, catalogue: str, recorded_at: int) -> int:
    insert_new(connection, scoring, ("scorer", "catalogue", "recorded_at"), [(scorer, catalogue, recorded_at)])
    found: int | None = connection.scalar(
        sa.select(scoring.c.id).where(scoring.c.scorer == scorer, scoring.c.catalogue == catalogue)
    )
    assert found is not None
    return found


def load_columns(
    connection: sa.Connection,
    *,
    target: str,
    scorer: str,
    catalogue: str,
    window: Window,
    with_origins: bool = False,
    with_stories: bool = False,
    as_of: dt.datetime | None = None,
) -> ScoreColumns:
    """All articles available in `window` that this scoring read, as `target` sees them, by `available_at`, then id.

    `with_origins` tells their sources, titles and texts' hashes too, `with_stories` with them their stories and
    novelty. With `as_of`, only what newscandle knew by then.
    """
    asked = {"target": target, "scorer": scorer, "catalogue": catalogue, "start": window.start, "end": window.end}
    chosen = select_columns(is_past=as_of is not None, with_origins=with_origins, with_stories=with_stories)
    rows = connection.execute(chosen, asked | {"as_of": as_of})
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * 10
    available_at, scores, relevance, states, revisions, *origins = columns
    return ScoreColumns(
        target=target,
        scorer=scorer,
        available_at=np.array(available_at, dtype=np.int64) // 1000,
        score=np.array(scores, dtype=np.float64),
        relevance=np.array(relevance, dtype=np.float64),
        state=np.array(states, dtype=np.int8),
        revision=np.array(revisions, dtype=np.int64),
        origins=Origins(*origins[: 5 if with_stories else 3]) if with_origins else None,
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
    asked = {"target": target, "scorer": scorer, "catalogue": catalogue, "start": window.start, "end": window.end}
    chosen = count_states(is_past=as_of is not None)
    counted = {State(name): count for name, count in connection.execute(chosen, asked | {"as_of": as_of})}
    return {state: counted.get(state, 0) for state in STATES}


def load_targets(
    connection: sa.Connection, *, scorer: str, catalogue: str, window: Window, as_of: dt.datetime | None = None
) -> list[TargetCount]:
    """The targets spoken of in the articles of `window`, most articles first, then by name.

    With `as_of`, only what newscandle knew by then.
    """
    asked = {"scorer": scorer, "catalogue": catalogue, "start": window.start, "end": window.end, "as_of": as_of}
    counted = connection.execute(count_targets(is_past=as_of is not None), asked)
    # divided here, where both databases give the same: their own averages are of different types
    return [TargetCount(target, count, int(total) / count) for target, count, total in counted]


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
    asked = {"target": target, "scorer": scorer, "catalogue": catalogue, "revisions": list(revision_ids)}
    chosen = select_articles(connection.dialect.name, is_past=as_of is not None)
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
            None if row.negative is None else (row.negative, row.neutral, row.positive),
            None if row.low is None else (row.low, row.high),
        )
        for row in connection.execute(chosen, asked | {"as_of": as_of})
    ]
