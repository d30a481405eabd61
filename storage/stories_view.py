"""The views `v_stories` and `v_story_members`: what tells the same, and how new each text was."""

from typing import Any

import sqlalchemy as sa

from storage.instant_column import UtcDateTime
from storage.schema import article, revision, story_member
from storage.shown import KnownBy, Shown, by, micros


def define_story_members(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """A row per placed text."""
    return (
        sa.select(
            story_member.c.story,
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.url, article.c.source, revision.c.language, revision.c.title, story_member.c.kind),
            *(story_member.c.parent, story_member.c.parent_number, story_member.c.similarity, story_member.c.place),
            *(story_member.c.novelty, shown(revision.c.available_at)),
            micros(revision.c.available_at).label("available_at_us"),
            shown(story_member.c.recorded_at),
        )
        .select_from(_joined())
        .where(*_known(known_by))
    )


def define_stories(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """A row per story."""
    told = (
        sa.select(
            story_member.c.story,
            sa.func.count().label("texts"),
            sa.func.count(article.c.key.distinct()).label("articles"),
            sa.func.count(article.c.source.distinct()).label("sources"),
            sa.func.count(revision.c.language.distinct()).label("languages"),
            sa.func.min(revision.c.available_at, type_=UtcDateTime()).label("first_available_at"),
            sa.func.max(revision.c.available_at, type_=UtcDateTime()).label("last_available_at"),
        )
        .select_from(_joined())
        .where(*_known(known_by))
        .group_by(story_member.c.story)
        .subquery("told")
    )
    first: Any = told.c.first_available_at
    last: Any = told.c.last_available_at
    return sa.select(
        *(told.c.story, told.c.texts, told.c.articles, told.c.sources, told.c.languages),
        shown(first),
        micros(first).label("first_available_at_us"),
        shown(last),
    )


def _known(known_by: KnownBy) -> list[sa.ColumnElement[bool]]:
    return by(known_by, story_member.c.recorded_at, revision.c.recorded_at, revision.c.available_at)


def _joined() -> sa.Join:
    return story_member.join(revision, revision.c.id == story_member.c.revision_id).join(
        article, article.c.id == revision.c.article_id
    )
