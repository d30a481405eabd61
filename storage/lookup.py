"""One article by its key."""

import datetime as dt

import sqlalchemy as sa

from storage import articles
from storage.articles import StoredRevision
from storage.schema import article
from storage.tellings import select_tellings


def load_latest(connection: sa.Connection, key: str, *, as_of: dt.datetime | None = None) -> StoredRevision | None:
    """The text the article with this key (`service.news.article.key_of` its address) has now, or had at `as_of`.

    That is its last telling, be it a new text or one its source went back to. None: not held, or not known by then.
    """
    telling = select_tellings()
    last = (
        sa.select(telling.c.revision_id)
        .join(article, article.c.id == telling.c.article_id)
        .where(article.c.key == key)
        .order_by(telling.c.number.desc())
        .limit(1)
    )
    if as_of is not None:
        last = last.where(telling.c.available_at <= as_of, telling.c.recorded_at <= as_of)
    found = connection.scalar(last)
    return None if found is None else articles.load(connection, [found])[0]
