"""The view `v_tellings`, and whether a revision is what its article reads like now."""

from typing import Any

import sqlalchemy as sa

from storage.schema import article, returned, revision
from storage.shown import KnownBy, Shown, by, micros


def define_tellings(shown: Shown, known_by: KnownBy = None) -> sa.CompoundSelect[Any]:
    """A row per telling: from then on, until its next telling, the article reads as the revision does."""
    of_revision = revision.c.id == returned.c.revision_id
    of_article = article.c.id == revision.c.article_id
    return sa.union_all(
        sa.select(*_tell(revision, sa.false(), shown))
        .select_from(revision.join(article, of_article))
        .where(*by(known_by, revision.c.available_at, revision.c.recorded_at)),
        sa.select(*_tell(returned, sa.true(), shown))
        .select_from(returned.join(revision, of_revision).join(article, of_article))
        .where(*by(known_by, returned.c.available_at, returned.c.recorded_at)),
    )


def _tell(told: sa.Table, is_return: sa.ColumnElement[bool], shown: Shown) -> list[sa.ColumnElement[Any]]:
    return [
        article.c.key.label("article"),
        told.c.number.label("telling"),
        revision.c.id.label("revision_id"),
        revision.c.number.label("revision"),
        is_return.label("is_return"),
        shown(told.c.available_at),
        micros(told.c.available_at).label("available_at_us"),
        shown(told.c.recorded_at),
        micros(told.c.recorded_at).label("recorded_at_us"),
    ]


def is_current(known_by: KnownBy = None) -> sa.ColumnElement[bool]:
    """Whether nothing was told of the article after the row of `revision`, or after the last return to it."""
    again, later, later_return, its_revision = (
        *(returned.alias("again"), revision.alias("later")),
        *(returned.alias("later_return"), revision.alias("its_revision")),
    )
    returns = sa.select(sa.func.max(again.c.number)).where(
        again.c.revision_id == revision.c.id, *by(known_by, again.c.available_at, again.c.recorded_at)
    )
    last_return = returns.correlate(revision).scalar_subquery()
    last_told = sa.func.coalesce(last_return, revision.c.number)
    edited = (
        sa.select(later.c.id)
        .where(
            later.c.article_id == revision.c.article_id,
            later.c.number > last_told,
            *by(known_by, later.c.available_at, later.c.recorded_at),
        )
        .correlate(revision)
        .exists()
    )
    gone_back = (
        sa.select(later_return.c.number)
        .join(its_revision, its_revision.c.id == later_return.c.revision_id)
        .where(
            its_revision.c.article_id == revision.c.article_id,
            later_return.c.number > last_told,
            *by(known_by, later_return.c.available_at, later_return.c.recorded_at),
        )
        .correlate(revision)
        .exists()
    )
    return sa.and_(~edited, ~gone_back)
