"""What other readers say of articles, kept beside our own scores and never among them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from service.news.bulk.gdelt import Opinion
from service.sentiment.scorer import State
from storage.instant_column import to_micros
from storage.schema import article, opinion, revision, scoring, tone
from storage.upsert import Saved, among, encode_json, insert_new, storable

_COLUMNS = (
    *("source", "record", "article_key", "url", "site", "tone", "positive", "negative", "polarity", "words"),
    *("language", "themes", "persons", "organisations", "names", "available_at", "recorded_at"),
)


def save(connection: sa.Connection, opinions: Sequence[Opinion], *, recorded_at: dt.datetime) -> Saved:
    """Store opinions not yet held, by source and record; one that is held stays as it was told first."""
    stamped = to_micros(recorded_at, "recorded_at")
    distinct = {(one.source, storable(one.record)): one for one in reversed(opinions)}
    is_held = sa.select(opinion.c.source, opinion.c.record).where(
        among(connection, opinion.c.record, [record for _, record in distinct])
    )
    held = {(source, record) for source, record in connection.execute(is_held)}
    rows = [_write(one, stamped) for key, one in reversed(distinct.items()) if key not in held]
    insert_new(connection, opinion, _COLUMNS, rows)
    return Saved(new=len(rows), unchanged=len(opinions) - len(rows))


def _write(one: Opinion, stamped: int) -> tuple[object, ...]:
    lists = (encode_json([storable(name) for name in some]) for some in _lists(one))
    return (
        *(one.source, storable(one.record), one.key, storable(one.url), storable(one.site)),
        *(one.tone, one.positive, one.negative, one.polarity, one.words, storable(one.language)),
        *lists,
        *(to_micros(one.available_at, "opinion.available_at"), stamped),
    )


def _lists(one: Opinion) -> tuple[tuple[str, ...], ...]:
    return one.themes, one.persons, one.organisations, one.names


@dataclass(frozen=True, slots=True)
class TonePairs:
    """Two readers' tones of the same articles: ours −1…1, theirs −100…100, one pair an article; `articles` its keys.

    In the order in which the other reader told them.
    """

    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]
    articles: tuple[str, ...]


def load_scorers(connection: sa.Connection, *, as_of: dt.datetime | None = None) -> list[tuple[str, str]]:
    """Scorer and catalogue of every scoring that gave a tone to an article others have an opinion of."""
    found = sa.select(scoring.c.scorer, scoring.c.catalogue).distinct().select_from(_joined()).where(*_known(as_of))
    return [(scorer, catalogue) for scorer, catalogue in connection.execute(found.order_by(*found.selected_columns))]


def load_pairs(
    connection: sa.Connection, *, source: str, scorer: str, catalogue: str, as_of: dt.datetime | None = None
) -> TonePairs:
    """The tone of each article's first text by one scoring beside the first opinion of `source`, both known by `as_of`.

    Articles in which the scorer found no tone are left out: nothing was measured.
    """
    chosen = (
        sa.select(article.c.key, tone.c.tone, opinion.c.tone)
        .select_from(_joined())
        .where(
            *_known(as_of),
            opinion.c.source == source,
            scoring.c.scorer == scorer,
            scoring.c.catalogue == catalogue,
            tone.c.state == State.SCORED.value,
        )
        .order_by(opinion.c.available_at, opinion.c.record)
    )
    pairs: dict[str, tuple[float, float]] = {}
    for key, ours, theirs in connection.execute(chosen):
        pairs.setdefault(key, (ours, theirs))
    columns = np.array(list(pairs.values()), dtype=np.float64).reshape(-1, 2)
    return TonePairs(columns[:, 0].copy(), columns[:, 1].copy(), tuple(pairs))


def _joined() -> sa.FromClause:
    first = sa.and_(revision.c.article_id == article.c.id, revision.c.number == 1)
    return (
        opinion.join(article, article.c.key == opinion.c.article_key)
        .join(revision, first)
        .join(tone, tone.c.revision_id == revision.c.id)
        .join(scoring, scoring.c.id == tone.c.scoring_id)
    )


def _known(as_of: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    if as_of is None:
        return []
    instants = (
        *(opinion.c.available_at, opinion.c.recorded_at, revision.c.available_at, revision.c.recorded_at),
        tone.c.scored_at,
    )
    return [instant <= as_of for instant in instants]
