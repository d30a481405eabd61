"""The view `v_disagreement`: the scorers side by side on one article and target, each in its last version."""

from typing import Any

import sqlalchemy as sa

from storage.schema import article, revision, score, scoring, tone
from storage.shown import KnownBy, Shown, by, micros


def define_disagreement(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """Lowest, highest, spread and signs, the same figures as `service.sentiment.disagreement.compare` gives."""
    later, read_by_it = scoring.alias("later"), tone.alias("read_by_it")
    is_superseded = (
        sa.select(later.c.id)
        .join(read_by_it, read_by_it.c.scoring_id == later.c.id)
        .where(
            read_by_it.c.revision_id == score.c.revision_id,
            *by(known_by, read_by_it.c.scored_at),
            later.c.catalogue == scoring.c.catalogue,
            _name_of(later.c.scorer) == _name_of(scoring.c.scorer),
            sa.or_(
                later.c.recorded_at > scoring.c.recorded_at,
                sa.and_(later.c.recorded_at == scoring.c.recorded_at, later.c.id > scoring.c.id),
            ),
        )
        .exists()
    )
    lowest, highest = sa.func.min(score.c.score), sa.func.max(score.c.score)
    signs = {word: sa.literal_column(number, sa.Integer) for word, number in (("negative", "-1"), ("positive", "1"))}
    sign = sa.case(signs, value=score.c.label, else_=sa.literal_column("0", sa.Integer))
    zero = sa.literal_column("0", sa.Integer)
    whole = (article.c.key, revision.c.id, revision.c.number, article.c.source, revision.c.available_at)
    return (
        sa.select(
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.source, scoring.c.catalogue, score.c.target),
            *(shown(revision.c.available_at), micros(revision.c.available_at).label("available_at_us")),
            sa.func.count(score.c.score).label("scorers"),
            *(lowest.label("lowest"), highest.label("highest"), (highest - lowest).label("spread")),
            sa.and_(sa.func.min(sign) < zero, sa.func.max(sign) > zero).label("signs_differ"),
        )
        .join(scoring, scoring.c.id == score.c.scoring_id)
        .join(revision, revision.c.id == score.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .where(
            score.c.score.is_not(None),
            ~is_superseded,
            *by(known_by, score.c.scored_at, revision.c.available_at, revision.c.recorded_at),
        )
        .group_by(*whole, scoring.c.catalogue, score.c.target)
        .having(sa.func.count(score.c.score) > sa.literal_column("1", sa.Integer))
    )


def _name_of(scorer: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`name/` of `name/version`: all behind the slash is trimmed, spelled so that both databases understand it."""
    slash = sa.literal_column("'/'", sa.Text)
    return sa.func.rtrim(scorer, sa.func.replace(scorer, slash, sa.literal_column("''", sa.Text)))
