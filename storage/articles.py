"""Articles and their revisions: saved once each, read back as they were.

An article is its canonical address (`Article.key`). The same address with another text is a further revision; the same
text again is nothing new. A text under an address not yet known is the same story, and is not stored, if its source
already gave exactly this text with this publication instant under another address (a section's copy, a mobile page).
The same text from another source, or on another day, is an article of its own: near-duplicates are clustered later,
where it can be explained.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from service.news.article import Article, Skipped
from storage.article_rows import (
    ARTICLE_COLUMNS,
    PASSAGE_COLUMNS,
    REVISION_COLUMNS,
    read_article,
    read_passage,
    select_revisions,
    write_article,
    write_passages,
    write_revision,
)
from storage.instant_column import UtcDateTime, to_micros
from storage.schema import article, passage, revision, skipped
from storage.upsert import Saved, among, among_sent, insert_new, split, storable


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision with its row id in this database."""

    id: int
    article: Article


@dataclass(slots=True)
class _Known:
    """What the store holds of one article: its row, the texts it has had, and the last number given."""

    article_id: int
    hashes: set[str] = field(default_factory=set)
    last_number: int = 0


def save(connection: sa.Connection, articles: Sequence[Article], *, recorded_at: dt.datetime) -> Saved:
    """Store articles and revisions not yet held; within one call the earliest first seen gets the lower number.

    Counts are of revisions. Raises `BadInput` on a naive instant.
    """
    stamped = to_micros(recorded_at, "recorded_at")
    hashed = [(found, found.key, found.content_hash) for found in articles]
    hashed.sort(key=_order_of_arrival)
    return sum((_save_part(connection, part, stamped) for part in split(hashed)), Saved())


_Hashed = tuple[Article, str, str]  # article, key, content hash


def _order_of_arrival(one: _Hashed) -> tuple[int, int, str, str, str, str]:
    found, key, content = one
    seen = to_micros(found.first_seen_at, "article.first_seen_at")
    available = to_micros(found.available_at, "article.available_at")
    return seen, available, key, content, found.source, found.language


def _save_part(connection: sa.Connection, part: Sequence[_Hashed], recorded_at: int) -> Saved:
    known = _load_known(connection, {key for _, key, _ in part})
    told = _load_told(connection, {content for _, key, content in part if key not in known})
    newcomers: dict[str, Article] = {}
    fresh: list[_Hashed] = []
    same_story = 0
    for one in part:
        found, key, content = one
        if key in known:
            fresh.append(one)
            continue
        story = (found.source, content, found.published.instant)
        if key not in newcomers and story in told:
            same_story += 1
            continue
        told.add(story)
        newcomers.setdefault(key, found)
        fresh.append(one)
    if newcomers:
        insert_new(
            connection, article, ARTICLE_COLUMNS, [write_article(one, recorded_at) for one in newcomers.values()]
        )
        rows = connection.execute(
            sa.select(article.c.key, article.c.id).where(among(connection, article.c.key, list(newcomers)))
        )
        known |= {key: _Known(article_id) for key, article_id in rows}
    return _save_revisions(connection, fresh, known, recorded_at) + Saved(same_story=same_story)


def _save_revisions(
    connection: sa.Connection, fresh: Sequence[_Hashed], known: dict[str, _Known], recorded_at: int
) -> Saved:
    written: dict[tuple[int, int], Article] = {}
    rows = []
    new = revised = unchanged = 0
    for found, key, content in fresh:
        held = known[key]
        if content in held.hashes:
            unchanged += 1
            continue
        held.hashes.add(content)
        held.last_number += 1
        new, revised = (new + 1, revised) if held.last_number == 1 else (new, revised + 1)
        written[(held.article_id, held.last_number)] = found
        rows.append(write_revision(found, held.article_id, held.last_number, content, recorded_at))
    insert_new(connection, revision, REVISION_COLUMNS, rows)
    if written:
        ids = connection.execute(
            sa.select(revision.c.id, revision.c.article_id, revision.c.number).where(
                among(connection, revision.c.article_id, {article_id for article_id, _ in written})
            )
        )
        passages: list[tuple[object, ...]] = []
        for revision_id, article_id, number in ids:
            if (article_id, number) in written:
                passages += write_passages(written[(article_id, number)], revision_id)
        insert_new(connection, passage, PASSAGE_COLUMNS, passages)
    return Saved(new, revised, unchanged)


def _load_known(connection: sa.Connection, keys: Collection[str]) -> dict[str, _Known]:
    rows = connection.execute(
        sa.select(article.c.key, article.c.id, revision.c.content_hash, revision.c.number)
        .join(revision, revision.c.article_id == article.c.id)
        .where(among(connection, article.c.key, keys))
    )
    known: dict[str, _Known] = {}
    for key, article_id, content, number in rows:
        held = known.setdefault(key, _Known(article_id))
        held.hashes.add(content)
        held.last_number = max(held.last_number, number)
    return known


def _load_told(connection: sa.Connection, contents: Collection[str]) -> set[tuple[str, str, dt.datetime | None]]:
    if not contents:
        return set()
    rows = connection.execute(
        sa.select(article.c.source, revision.c.content_hash, revision.c.published_at)
        .join(article, article.c.id == revision.c.article_id)
        .where(among(connection, revision.c.content_hash, contents))
    )
    return {(source, content, published_at) for source, content, published_at in rows}


def load(
    connection: sa.Connection, revision_ids: Collection[int], *, as_of: dt.datetime | None = None
) -> list[StoredRevision]:
    """The revisions with these ids, by rising id; an id that is not there, or not known by `as_of`, is left out."""
    chosen = _select_chosen(connection.dialect.name, is_past=as_of is not None)
    return attach_passages(
        connection, connection.execute(chosen, {"revisions": list(revision_ids), "as_of": as_of}).all()
    )


@functools.cache
def _select_chosen(dialect_name: str, *, is_past: bool) -> sa.Select[Any]:
    inside = [among_sent(dialect_name, revision.c.id, "revisions")]
    if is_past:
        as_of = sa.bindparam("as_of", type_=UtcDateTime())
        inside += [revision.c.available_at <= as_of, revision.c.recorded_at <= as_of]
    return select_revisions().where(*inside).order_by(revision.c.id)


def attach_passages(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[StoredRevision]:
    """Rows of `select_revisions` as revisions with their passages, in the same order."""
    labelled: dict[int, list[Any]] = {row.id: [] for row in rows}
    for row in connection.execute(_select_passages(connection.dialect.name), {"revisions": list(labelled)}):
        labelled[row.revision_id].append(read_passage(row))
    return [StoredRevision(row.id, read_article(row, labelled[row.id])) for row in rows]


@functools.cache
def _select_passages(dialect_name: str) -> sa.Select[Any]:
    inside = among_sent(dialect_name, passage.c.revision_id, "revisions")
    return sa.select(passage).where(inside).order_by(passage.c.revision_id, passage.c.position)


def save_skipped(
    connection: sa.Connection, skips: Sequence[Skipped], *, source: str, stage: str, recorded_at: dt.datetime
) -> Saved:
    """Note what was not taken in; the same again (source, stage, reason, what) is counted, not repeated."""
    stamped = to_micros(recorded_at, "recorded_at")
    noted: dict[str, tuple[Skipped, int]] = {}
    for skip in sorted(skips, key=lambda one: (one.reason, one.what, one.detail)):
        key = hashlib.sha256("\x00".join((source, stage, skip.reason, skip.what)).encode(errors="replace"))
        first, count = noted.get(key.hexdigest()[:32], (skip, 0))
        noted[key.hexdigest()[:32]] = (first, count + 1)
    chosen = sa.select(skipped.c.key).where(among(connection, skipped.c.key, noted.keys()))
    met = set(connection.scalars(chosen))
    again = [{"the_key": key, "times": noted[key][1]} for key in sorted(met)]
    if again:
        connection.execute(
            sa.update(skipped)
            .where(skipped.c.key == sa.bindparam("the_key"))
            .values(count=skipped.c.count + sa.bindparam("times"), last_recorded_at=recorded_at),
            again,
        )
    columns = ("key", "source", "stage", "reason", "what", "detail", "first_recorded_at", "last_recorded_at", "count")
    rows = [
        (key, source, stage, skip.reason, storable(skip.what), storable(skip.detail), stamped, stamped, count)
        for key, (skip, count) in noted.items()
        if key not in met
    ]
    insert_new(connection, skipped, columns, rows)
    return Saved(new=len(rows), unchanged=len(met))
