"""Articles and their revisions: saved once each, read back as they were.

An article is its canonical address (`Article.key`), or that of which its address is another name (`aliases.py`). The
same address with another text is a further revision; the same text again is nothing new, and an earlier one again is a
return to it (`tellings.py`). A text under an address not yet known is the same story, and is not stored, if its source
already gave exactly this text with this publication instant under another address (a section's copy, a mobile page).
The same text from another source, or on another day, is an article of its own: near-duplicates are clustered later,
where it can be explained.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.news.article import Article, Skipped, key_of
from storage import aliases, months
from storage.article_rows import (
    ARTICLE_COLUMNS,
    PASSAGE_COLUMNS,
    RETURNED_COLUMNS,
    REVISION_COLUMNS,
    read_article,
    read_passage,
    select_revisions,
    write_article,
    write_passages,
    write_return,
    write_revision,
)
from storage.instant_column import UtcDateTime, to_micros
from storage.months import Texts
from storage.schema import article, passage, returned, revision, skipped
from storage.tellings import Told, load_told
from storage.upsert import Saved, among, among_sent, insert_new, split, storable


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision with its row id in this database."""

    id: int
    article: Article


def save(connection: sa.Connection, articles: Sequence[Article], *, recorded_at: dt.datetime) -> Saved:
    """Store articles and revisions not yet held; within one call the earliest first seen gets the lower number.

    Counts are of revisions; a return to an earlier text counts as revised. Raises `BadInput` on a naive instant.
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
    held = months.find_texts(connection)
    known = load_told(connection, held, {key for _, key, _ in part})
    moved = aliases.find_addresses(connection, {key for _, key, _ in part if key not in known})
    if moved:  # an address that is another name of an article held
        part = [(found, key_of(moved[key]) if key in moved else key, content) for found, key, content in part]
        known |= load_told(connection, held, {key for _, key, _ in part} - known.keys())
    stories = _load_stories(connection, held, {content for _, key, content in part if key not in known})
    newcomers: dict[str, Article] = {}
    fresh: list[_Hashed] = []
    same_story = 0
    for one in part:
        found, key, content = one
        if key in known:
            fresh.append(one)
            continue
        story = (found.source, content, found.published.instant)
        if key not in newcomers and story in stories:
            same_story += 1
            continue
        stories.add(story)
        newcomers.setdefault(key, found)
        fresh.append(one)
    if newcomers:
        insert_new(
            connection, article, ARTICLE_COLUMNS, [write_article(one, recorded_at) for one in newcomers.values()]
        )
        rows = connection.execute(
            sa.select(article.c.key, article.c.id).where(among(connection, article.c.key, list(newcomers)))
        )
        known |= {key: Told(article_id) for key, article_id in rows}
    return _save_revisions(connection, held, fresh, known, recorded_at) + Saved(same_story=same_story)


_Telling = tuple[int, int]  # row id of an article, number among its tellings


def _save_revisions(
    connection: sa.Connection, held: Texts, fresh: Sequence[_Hashed], known: dict[str, Told], recorded_at: int
) -> Saved:
    """Store the texts that are new of their article, and note which of the held ones it went back to."""
    texts: dict[_Telling, Article] = {}
    returns: dict[_Telling, tuple[int, Article]] = {}  # with the number of the text gone back to
    rows = []
    new = revised = 0
    looks = _gather_looks(fresh)
    for found, key, content in fresh:
        told, seen_at = known[key], to_micros(found.first_seen_at)
        number = told.last_number + 1
        if content not in told.numbers:
            new, revised = (new + 1, revised) if number == 1 else (new, revised + 1)
            texts[(told.article_id, number)] = found
            rows.append(write_revision(found, told.article_id, number, content, recorded_at))
            told.hear(content, number, seen_at)
        elif not found.is_assumed and told.goes_back(content, seen_at, beside=looks[key, seen_at]):
            revised += 1
            returns[(told.article_id, number)] = (told.numbers[content], found)
            told.hear(content, number, seen_at)
    months.lay(connection, revision.name, (to_micros(found.available_at) for found in texts.values()))
    insert_new(connection, revision, REVISION_COLUMNS, rows)
    _save_what_refers(connection, held.key, texts, returns, recorded_at)
    return Saved(new, revised, len(fresh) - new - revised)


def _gather_looks(fresh: Sequence[_Hashed]) -> dict[tuple[str, int], set[str]]:
    """The texts of each article (by key) that were seen at one instant (µs)."""
    looks: dict[tuple[str, int], set[str]] = {}
    for found, key, content in fresh:
        looks.setdefault((key, to_micros(found.first_seen_at)), set()).add(content)
    return looks


def _save_what_refers(
    connection: sa.Connection,
    key: sa.Table,
    texts: dict[_Telling, Article],
    returns: dict[_Telling, tuple[int, Article]],
    recorded_at: int,
) -> None:
    """Passages of new texts, and returns to texts new or held."""
    touched = {article_id for article_id, _ in (*texts, *returns)}
    if not touched:
        return
    chosen = sa.select(key.c.article_id, key.c.number, key.c.id)
    rows = connection.execute(chosen.where(among(connection, key.c.article_id, touched)))
    ids = {(article_id, number): revision_id for article_id, number, revision_id in rows}
    passages = [row for telling, found in texts.items() for row in write_passages(found, ids[telling])]
    insert_new(connection, passage, PASSAGE_COLUMNS, passages)
    again = [
        write_return(found, ids[article_id, text], number, recorded_at)
        for (article_id, number), (text, found) in returns.items()
    ]
    insert_new(connection, returned, RETURNED_COLUMNS, again)


def _load_stories(
    connection: sa.Connection, held: Texts, contents: Collection[str]
) -> set[tuple[str, str, dt.datetime | None]]:
    if not contents:
        return set()
    rows = connection.execute(
        sa.select(article.c.source, revision.c.content_hash, revision.c.published_at)
        .select_from(held.whole.join(article, article.c.id == held.key.c.article_id))
        .where(among(connection, held.key.c.content_hash, contents))
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
