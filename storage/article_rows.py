"""How an `Article` lies in the tables, there and back."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from service.news.article import Article, Dated, InstantOrigin, Passage, PassageKind
from storage.instant_column import to_micros
from storage.schema import article, revision
from storage.upsert import encode_json, storable

ARTICLE_COLUMNS = ("key", "url", "source", "guid", "first_seen_at", "recorded_at")
REVISION_COLUMNS = (
    *("article_id", "number", "content_hash", "title", "text", "language", "language_confidence"),
    *("published_at", "published_origin", "published_raw", "published_zone_assumed", "published_reason"),
    *("modified_at", "modified_origin", "modified_raw", "modified_zone_assumed", "modified_reason"),
    *("available_at", "is_assumed", "authors", "tags", "first_seen_at", "recorded_at"),
)
PASSAGE_COLUMNS = ("revision_id", "position", "kind", "start_offset", "end_offset", "rule", "confidence", "rules")
RETURNED_COLUMNS = ("revision_id", "number", "available_at", "first_seen_at", "recorded_at")


def write_article(found: Article, recorded_at: int) -> tuple[object, ...]:
    """A row of `ARTICLE_COLUMNS`."""
    return (
        found.key,
        storable(found.url),
        storable(found.source),
        storable(found.guid),
        to_micros(found.first_seen_at, "article.first_seen_at"),
        recorded_at,
    )


def write_revision(
    found: Article, article_id: int, number: int, content_hash: str, recorded_at: int
) -> tuple[object, ...]:
    """A row of `REVISION_COLUMNS`."""
    return (
        article_id,
        number,
        content_hash,
        storable(found.title),
        storable(found.text),
        found.language,
        found.language_confidence,
        *_write_dated(found.published),
        *_write_dated(found.modified),
        to_micros(found.available_at, "article.available_at"),
        found.is_assumed,
        encode_json([storable(author) for author in found.authors]),
        encode_json([storable(tag) for tag in found.tags]),
        to_micros(found.first_seen_at, "article.first_seen_at"),
        recorded_at,
    )


def write_passages(found: Article, revision_id: int) -> list[tuple[object, ...]]:
    """Rows of `PASSAGE_COLUMNS`."""
    return [
        (
            *(revision_id, position, passage.kind.value, passage.start, passage.end, passage.rule),
            *(passage.confidence, passage.rules),
        )
        for position, passage in enumerate(found.passages)
    ]


def write_return(found: Article, revision_id: int, number: int, recorded_at: int) -> tuple[object, ...]:
    """A row of `RETURNED_COLUMNS`: the article, found to read as the revision does, as its telling of this number."""
    available_at = to_micros(found.available_at, "article.available_at")
    return revision_id, number, available_at, to_micros(found.first_seen_at, "article.first_seen_at"), recorded_at


def select_revisions() -> sa.Select[Any]:
    """What `read_article` needs, without passages."""
    return sa.select(revision, article.c.url, article.c.source, article.c.guid).join(
        article, article.c.id == revision.c.article_id
    )


def read_passage(row: sa.Row[Any]) -> Passage:
    """A passage from its row."""
    return Passage(PassageKind(row.kind), row.start_offset, row.end_offset, row.rule, row.confidence, row.rules)


def read_article(row: sa.Row[Any], passages: Sequence[Passage]) -> Article:
    """The article as it was saved, from a row of `select_revisions`."""
    return Article(
        url=row.url,
        source=row.source,
        title=row.title,
        text=row.text,
        passages=tuple(passages),
        language=row.language,
        language_confidence=row.language_confidence,
        published=_read_dated(row, "published"),
        modified=_read_dated(row, "modified"),
        first_seen_at=row.first_seen_at,
        available_at=row.available_at,
        is_assumed=row.is_assumed,
        guid=row.guid,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
    )


def _write_dated(dated: Dated) -> tuple[object, ...]:
    instant = None if dated.instant is None else to_micros(dated.instant, "dated.instant")
    return (instant, dated.origin.value, storable(dated.raw), dated.zone_assumed, dated.reason)


def _read_dated(row: sa.Row[Any], which: str) -> Dated:
    fields = row._mapping  # noqa: SLF001 - the public way to read a Row by name
    return Dated(
        fields[f"{which}_at"],
        InstantOrigin(fields[f"{which}_origin"]),
        fields[f"{which}_raw"],
        fields[f"{which}_zone_assumed"],
        fields[f"{which}_reason"],
    )
