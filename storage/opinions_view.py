"""The view `v_opinions`: what other readers say of articles, with the article where it is held."""

from typing import Any

import sqlalchemy as sa

from storage.schema import article, opinion
from storage.shown import KnownBy, Shown, by, micros


def define_opinions(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """A row per opinion; `article` is null where newscandle holds none of that address."""
    its_article = sa.and_(article.c.key == opinion.c.article_key, *by(known_by, article.c.recorded_at))
    shown_columns = (
        *(opinion.c.source, opinion.c.record, article.c.key.label("article"), opinion.c.url, opinion.c.site),
        *(opinion.c.tone, opinion.c.positive, opinion.c.negative, opinion.c.polarity, opinion.c.words),
        *(opinion.c.language, opinion.c.themes, opinion.c.persons, opinion.c.organisations, opinion.c.names),
        shown(opinion.c.available_at),
        micros(opinion.c.available_at).label("available_at_us"),
        shown(opinion.c.recorded_at),
    )
    joined = opinion.join(article, its_article, isouter=True)
    known = by(known_by, opinion.c.recorded_at, opinion.c.available_at)
    return sa.select(*shown_columns).select_from(joined).where(*known)
