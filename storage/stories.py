"""Stories: texts not placed yet, what the store holds of the earlier ones, and where each was placed.

A text is placed once and stays where it is; its keys go with it in one transaction, so that none is found half.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.instants import Window
from service.news.passage.passages import scored_text
from service.news.stories.clusters import Placed
from service.news.stories.matching import Kind
from service.news.stories.prints import StoryText
from service.news.stories.shelf import Member, Order
from storage.article_rows import select_revisions
from storage.articles import attach_passages
from storage.instant_column import UtcDateTime, to_micros
from storage.schema import article, revision, score, scoring, story_key, story_member
from storage.upsert import Saved, among, insert_new

_MEMBER_COLUMNS = (
    *("revision_id", "story", "kind", "parent", "parent_number", "similarity", "place", "novelty", "recorded_at"),
)


def load_unplaced(connection: sa.Connection, *, limit: int, after: Order | None = None) -> list[StoryText]:
    """At most `limit` texts in no story yet, by when they could be known, then key and number, above `after`."""
    placed = sa.select(story_member.c.revision_id).where(story_member.c.revision_id == revision.c.id)
    chosen = _select_texts().where(~placed.exists())
    if after is not None:
        instant, key, number = after
        later_number = sa.and_(article.c.key == key, revision.c.number > number)
        same_instant = sa.and_(revision.c.available_at == instant, sa.or_(article.c.key > key, later_number))
        chosen = chosen.where(
            revision.c.available_at >= instant, sa.or_(revision.c.available_at > instant, same_instant)
        )
    order = (revision.c.available_at, article.c.key, revision.c.number)
    return _read_texts(connection, chosen.order_by(*order).limit(limit))


def load_texts(connection: sa.Connection, revision_ids: Collection[int]) -> list[StoryText]:
    """The texts of these revisions."""
    return _read_texts(connection, _select_texts().where(among(connection, revision.c.id, revision_ids)))


def _select_texts() -> sa.Select[Any]:
    return select_revisions().add_columns(article.c.key.label("article_key"))


def _read_texts(connection: sa.Connection, chosen: sa.Select[Any]) -> list[StoryText]:
    rows = connection.execute(chosen).all()
    return [
        StoryText(
            stored.id,
            row.article_key,
            row.number,
            stored.article.source,
            stored.article.language,
            stored.article.available_at,
            stored.article.title,
            scored_text(stored.article.text, stored.article.passages) or stored.article.title,
        )
        for row, stored in zip(rows, attach_passages(connection, rows), strict=True)
    ]


def find_texts(connection: sa.Connection, keys: Collection[int]) -> list[tuple[int, int]]:
    """(key, row id of a revision) of every placed text that is found under one of `keys`."""
    chosen = sa.select(story_key.c.key, story_key.c.text_id).where(among(connection, story_key.c.key, keys))
    return [(key, text) for key, text in connection.execute(chosen)]


def load_members(connection: sa.Connection, revision_ids: Collection[int]) -> dict[int, Member]:
    """Where these revisions were placed, by row id; those that were not are left out."""
    return _read_members(connection, among(connection, story_member.c.revision_id, revision_ids))


def load_members_of(connection: sa.Connection, articles: Collection[str]) -> dict[int, Member]:
    """Where the revisions of these articles (keys) were placed, by row id."""
    return _read_members(connection, among(connection, article.c.key, articles))


def _read_members(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[int, Member]:
    chosen = (
        sa.select(
            *(story_member.c.revision_id, revision.c.available_at, article.c.key, revision.c.number),
            story_member.c.story,
        )
        .select_from(_joined())
        .where(which)
    )
    return {text: Member(tuple(order), story) for text, *order, story in connection.execute(chosen)}


def _joined() -> sa.Join:
    return story_member.join(revision, revision.c.id == story_member.c.revision_id).join(
        article, article.c.id == revision.c.article_id
    )


def load_orders(connection: sa.Connection, stories: Collection[str]) -> dict[str, list[Order]]:
    """Per story when each of its texts could be known, with key and number, rising."""
    chosen = (
        sa.select(story_member.c.story, revision.c.available_at, article.c.key, revision.c.number)
        .select_from(_joined())
        .where(among(connection, story_member.c.story, stories))
    )
    orders: dict[str, list[Order]] = {}
    for story, available_at, key, number in connection.execute(chosen):
        orders.setdefault(story, []).append((available_at, key, number))
    return {story: sorted(held) for story, held in orders.items()}


def save(
    connection: sa.Connection, placed: Sequence[tuple[Placed, Iterable[int]]], *, recorded_at: dt.datetime
) -> Saved:
    """Store where texts were placed, each with its keys. One that is placed already stays where it is."""
    stamped = to_micros(recorded_at, "recorded_at")
    held = load_members(connection, [one.revision for one, _ in placed])
    fresh = [(one, keys) for one, keys in placed if one.revision not in held]
    rows = [
        (
            *(one.revision, one.story, one.kind.value, *(one.parent or ("", 0))),
            *(one.similarity, one.place, one.novelty, stamped),
        )
        for one, _ in fresh
    ]
    insert_new(connection, story_member, _MEMBER_COLUMNS, rows)
    pairs = sorted((key, one.revision) for one, keys in fresh for key in keys)
    insert_new(connection, story_key, ("key", "text_id"), pairs)
    return Saved(new=len(fresh), unchanged=len(held))


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A text as it stands in its story, for people and programs."""

    article: str
    number: int
    story: str
    kind: Kind
    parent: str
    similarity: float
    place: int
    novelty: int
    title: str
    url: str
    source: str
    language: str
    available_at: dt.datetime
    revision: int


def load_story_of(
    connection: sa.Connection, revision_id: int, *, as_of: dt.datetime | None = None
) -> list[StoredMember]:
    """The texts of the story in which a revision is, first to last; none where it is not placed (by `as_of`)."""
    its_story = sa.select(story_member.c.story).where(story_member.c.revision_id == revision_id)
    found = _load(connection, [story_member.c.story.in_(its_story)], as_of)
    return found if any(one.revision == revision_id for one in found) else []


def load_window(
    connection: sa.Connection, window: Window, *, as_of: dt.datetime | None = None
) -> dict[str, list[StoredMember]]:
    """Per story of which a text could first be known within `window`, all its texts known (by `as_of`), in order."""
    inside = (
        sa.select(story_member.c.story)
        .join(revision, revision.c.id == story_member.c.revision_id)
        .where(revision.c.available_at >= window.start, revision.c.available_at < window.end)
    )
    stories: dict[str, list[StoredMember]] = {}
    for one in _load(connection, [story_member.c.story.in_(inside)], as_of):
        stories.setdefault(one.story, []).append(one)
    return {
        story: texts
        for story, texts in sorted(stories.items(), key=lambda pair: (pair[1][0].available_at, pair[0]))
        if any(one.available_at in window for one in texts)
    }


def _load(
    connection: sa.Connection, which: Sequence[sa.ColumnElement[bool]], as_of: dt.datetime | None
) -> list[StoredMember]:
    chosen = (
        sa.select(
            *(article.c.key, revision.c.number, story_member.c.story, story_member.c.kind, story_member.c.parent),
            *(story_member.c.similarity, story_member.c.place, story_member.c.novelty, revision.c.title),
            *(article.c.url, article.c.source, revision.c.language, revision.c.available_at, revision.c.id),
        )
        .select_from(_joined())
        .where(*which, *known_by(as_of))
        .order_by(story_member.c.story, revision.c.available_at, article.c.key, revision.c.number)
    )
    return [
        StoredMember(row[0], row[1], row[2], Kind(row[3]), *row[4:])  # type: ignore[call-arg]
        for row in connection.execute(chosen)
    ]


def find_naming(
    connection: sa.Connection,
    revision_ids: Collection[int],
    target: str,
    *,
    catalogue: str,
    as_of: dt.datetime | None = None,
) -> set[int]:
    """Those of these revisions in which a scorer with this catalogue found `target` named (by `as_of`)."""
    chosen = (
        sa.select(score.c.revision_id)
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .where(
            scoring.c.catalogue == catalogue,
            score.c.target == target,
            among(connection, score.c.revision_id, revision_ids),
        )
    )
    if as_of is not None:
        chosen = chosen.where(score.c.scored_at <= as_of)
    return set(connection.scalars(chosen))


def known_by(as_of: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """What holds of a placed text newscandle knew of by `as_of`; of all, without an instant."""
    if as_of is None:
        return []
    stamps = (revision.c.available_at, revision.c.recorded_at, story_member.c.recorded_at)
    return [sa.type_coerce(stamp, UtcDateTime()) <= as_of for stamp in stamps]


def count_stories(connection: sa.Connection) -> dict[str, int]:
    """How many texts were placed, and in how many stories."""
    chosen = sa.select(sa.func.count(), sa.func.count(story_member.c.story.distinct()))
    texts, stories = connection.execute(chosen).one()
    return {"placed_texts": texts, "stories": stories}
