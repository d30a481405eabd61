"""One article by its key."""

import sqlalchemy as sa

from storage import articles
from storage.articles import StoredRevision
from storage.schema import article, revision


def load_latest(connection: sa.Connection, key: str) -> StoredRevision | None:
    """The newest revision of the article with this key (`service.news.article.key_of` its address); None: not held."""
    newest = (
        sa.select(revision.c.id)
        .join(article, article.c.id == revision.c.article_id)
        .where(article.c.key == key)
        .order_by(revision.c.number.desc())
        .limit(1)
    )
    found = connection.scalar(newest)
    return None if found is None else articles.load(connection, [found])[0]
