"""What an article has read like, telling by telling: its first text, each edit, and each return to an earlier text.

A revision is a text, stored once; a telling says from when on an article reads so. The highest number counts. Texts of
one look at a source (one `first_seen_at`) are told beside one another, and a text that is only read in an archive tells
what was said at some time: neither is a return, so that a feed that holds two texts of an article, a second import or a
re-run after a crash changes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa

from storage.months import Texts
from storage.schema import article, returned, revision
from storage.upsert import among

_SEEN_MICROS = sa.type_coerce(revision.c.first_seen_at, sa.BigInteger)
_SEEN_AGAIN_MICROS = sa.type_coerce(returned.c.first_seen_at, sa.BigInteger)


@dataclass(slots=True)
class Told:
    """What is held of one article: its row, its texts' numbers by hash, the hash of the one told last, and when."""

    article_id: int
    numbers: dict[str, int] = field(default_factory=dict)
    last_number: int = 0
    current: str = ""
    seen_at: int = 0

    def hear(self, content: str, number: int, seen_at: int) -> None:
        """Take in a telling of the text with this hash: its first, or a return to it."""
        self.numbers.setdefault(content, number)
        if number > self.last_number:
            self.last_number, self.current = number, content
        self.seen_at = max(self.seen_at, seen_at)

    def goes_back(self, content: str, seen_at: int, beside: Collection[str]) -> bool:
        """Whether a held text, seen at `seen_at` (µs) with those `beside` it, is the article's text once more."""
        return content != self.current and self.current not in beside and seen_at > self.seen_at


def load_told(connection: sa.Connection, held: Texts, keys: Collection[str]) -> dict[str, Told]:
    """What is held of the articles with these keys."""
    of_these = among(connection, article.c.key, keys)
    texts_of_articles = held.whole.join(article, article.c.id == held.key.c.article_id)
    texts = connection.execute(
        sa.select(article.c.key, article.c.id, revision.c.content_hash, revision.c.number, _SEEN_MICROS)
        .select_from(texts_of_articles)
        .where(of_these)
        .order_by(revision.c.number)
    )
    told: dict[str, Told] = {}
    for key, article_id, *telling in texts:
        told.setdefault(key, Told(article_id)).hear(*telling)
    returns = connection.execute(
        sa.select(article.c.key, revision.c.content_hash, returned.c.number, _SEEN_AGAIN_MICROS)
        .select_from(texts_of_articles.join(returned, returned.c.revision_id == held.key.c.id))
        .where(of_these)
        .order_by(returned.c.number)
    )
    for key, *telling in returns:
        told[key].hear(*telling)
    return told


def select_tellings() -> sa.Subquery:
    """Every telling of every article: article_id, number, revision_id, is_return, available_at, recorded_at."""
    first = sa.select(
        *(revision.c.article_id, revision.c.number, revision.c.id.label("revision_id")),
        sa.literal_column("0", sa.Integer).label("is_return"),
        *(revision.c.available_at, revision.c.recorded_at),
    )
    again = sa.select(
        *(revision.c.article_id, returned.c.number, returned.c.revision_id),
        sa.literal_column("1", sa.Integer).label("is_return"),
        *(returned.c.available_at, returned.c.recorded_at),
    ).join(revision, revision.c.id == returned.c.revision_id)
    return sa.union_all(first, again).subquery("telling")
