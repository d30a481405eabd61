"""The view `v_opinions`: what other readers say of articles, with the article where it is held."""

from typing import Any

import sqlalchemy as sa

from storage.schema import article, opinion
from storage.shown import Shown, micros


def define_opinions(shown: Shown) -> sa.Select[Any]:
    """A row per opinion; `article` is null where newscandle holds none of that address."""
    return sa.select(
        *(opinion.c.source, opinion.c.record, article.c.key.label("article"), opinion.c.url, opinion.c.site),
        *(opinion.c.tone, opinion.c.positive, opinion.c.negative, opinion.c.polarity, opinion.c.words),
        *(opinion.c.language, opinion.c.themes, opinion.c.persons, opinion.c.organisations, opinion.c.names),
        shown(opinion.c.available_at),
        micros(opinion.c.available_at).label("available_at_us"),
        shown(opinion.c.recorded_at),
    ).join(article, article.c.key == opinion.c.article_key, isouter=True)
