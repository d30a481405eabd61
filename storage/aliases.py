"""The names articles go by: every address and GUID under which a feed told one, so that it is met again under each.

A GUID is a name within its source, an address for everybody. One name may belong to two articles (a reused GUID).
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from service.news.article import key_of
from service.news.identity import Likeness, read_said
from storage import months
from storage.instant_column import to_micros
from storage.schema import article, article_alias, revision
from storage.upsert import among, insert_new, storable

_COLUMNS = ("key", "article_id", "kind", "value", "source", "first_seen_at", "recorded_at")
_MOST_RECENT = 1_000
"""Articles of one source that a new item is held against by its words."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of the article with the key `article`: an address, or (`is_guid`) the GUID that `source` gives it."""

    article: str
    value: str
    source: str
    first_seen_at: dt.datetime
    is_guid: bool = False

    @property
    def key(self) -> str:
        """32 hex digits; of an address the same as the key of an article known by it."""
        return guid_key(self.source, self.value) if self.is_guid else key_of(self.value)


def guid_key(source: str, guid: str) -> str:
    """What a GUID of a source is found by."""
    return hashlib.sha256(f"guid\x00{source}\x00{guid}".encode(errors="replace")).hexdigest()[:32]


def save(connection: sa.Connection, named: Sequence[Alias], *, recorded_at: dt.datetime) -> None:
    """Remember these names; those of articles that are not held are left out, those known before stay as they were."""
    stamped = to_micros(recorded_at, "recorded_at")
    chosen = sa.select(article.c.key, article.c.id).where(
        among(connection, article.c.key, {one.article for one in named})
    )
    ids = {row.key: row.id for row in connection.execute(chosen)}
    rows = {
        (one.key, ids[one.article]): (
            *(one.key, ids[one.article], "guid" if one.is_guid else "url", storable(one.value), storable(one.source)),
            *(to_micros(one.first_seen_at, "alias.first_seen_at"), stamped),
        )
        for one in reversed(named)
        if one.article in ids
    }
    insert_new(connection, article_alias, _COLUMNS, list(rows.values()))


def find_addresses(connection: sa.Connection, keys: Collection[str]) -> dict[str, str]:
    """The article that each of these addresses (by key) is another name of, by its own: of several the first so called.

    Addresses that are themselves an article's are left out.
    """
    if not keys:
        return {}
    rows = connection.execute(
        sa.select(article_alias.c.key, article.c.url, article.c.key)
        .join(article, article.c.id == article_alias.c.article_id)
        .where(among(connection, article_alias.c.key, keys))
        .order_by(article_alias.c.first_seen_at.desc(), article.c.key.desc())
    ).all()
    own = {alias for alias, _, key in rows if alias == key}
    return {alias: url for alias, url, _ in rows if alias not in own}


def load_named(
    connection: sa.Connection, *, source: str, addresses: Collection[str], guids: Collection[str]
) -> list[Likeness]:
    """The texts of articles known by these addresses, or by these GUIDs of `source`; all of each article's texts.

    Each is told by the article's own address, once for each GUID it is known by here.
    """
    by_key = {key_of(address): ("url", address) for address in addresses}
    by_key |= {guid_key(source, guid): ("guid", guid) for guid in guids}
    own = sa.select(article.c.id, article.c.key).where(among(connection, article.c.key, list(by_key)))
    aliased = sa.select(article_alias.c.article_id, article_alias.c.key).where(
        among(connection, article_alias.c.key, list(by_key))
    )
    names: dict[int, set[tuple[str, str]]] = {}
    for article_id, key in [*connection.execute(own), *connection.execute(aliased)]:
        names.setdefault(article_id, set()).add(by_key[key])
    return _load_texts(connection, names)


def load_recent(connection: sa.Connection, *, source: str, since: dt.datetime) -> list[Likeness]:
    """The texts of the articles that `source` has told since then, at most the latest thousand articles'."""
    chosen = (
        sa.select(article_alias.c.article_id)
        .where(article_alias.c.source == source, article_alias.c.first_seen_at >= since)
        .group_by(article_alias.c.article_id)
        .order_by(sa.func.max(article_alias.c.first_seen_at).desc(), article_alias.c.article_id.desc())
        .limit(_MOST_RECENT)
    )
    return _load_texts(connection, {article_id: set() for article_id in connection.scalars(chosen)})


def _load_texts(connection: sa.Connection, names: dict[int, set[tuple[str, str]]]) -> list[Likeness]:
    if not names:
        return []
    held = months.find_texts(connection)
    rows = connection.execute(
        sa.select(
            *(article.c.id, article.c.url, article.c.source, article.c.guid, article.c.first_seen_at),
            *(revision.c.title, revision.c.text, revision.c.published_at),
        )
        .select_from(held.whole.join(article, article.c.id == held.key.c.article_id))
        .where(among(connection, held.key.c.article_id, list(names)))
        .order_by(article.c.key, held.key.c.number)
    )
    found = []
    for article_id, url, source, guid, seen_at, title, text, published_at in rows:
        guids = {guid, *(value for kind, value in names[article_id] if kind == "guid")}
        said = read_said(title, text)
        found += [Likeness(url, source, one, said, published_at, seen_at) for one in sorted(guids)]
    return found
