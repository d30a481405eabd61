"""What is still to be read: revisions, each with the scorers and extractors that have not read it yet."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import compress

import sqlalchemy as sa

from service.news.article import Article
from service.sentiment.extraction import Extractor
from storage.article_rows import select_revisions
from storage.articles import attach_passages
from storage.pruned import is_pruned
from storage.schema import extracted, extraction, revision, scoring, tone


@dataclass(frozen=True, slots=True)
class Unread:
    """A revision (row id, text) and who has not read it: scorers by name/version, extractors."""

    id: int
    article: Article
    scorers: frozenset[str]
    extractors: frozenset[Extractor]


def load(
    connection: sa.Connection,
    *,
    scorers: Collection[str],
    extractors: Collection[Extractor] = (),
    catalogue: str,
    limit: int,
    after: int = 0,
) -> list[Unread]:
    """At most `limit` revisions above id `after` that one of these has not read with this catalogue, by rising id."""
    lacking = [~_was_scored(scorer, catalogue) for scorer in scorers]
    lacking += [~_was_extracted(extractor, catalogue) for extractor in extractors]
    chosen = (
        select_revisions()
        .add_columns(*(lacks.label(f"lacks_{place}") for place, lacks in enumerate(lacking)))
        .where(revision.c.id > after, sa.or_(sa.false(), *lacking), ~is_pruned())
        .order_by(revision.c.id)
        .limit(limit)
    )
    rows = connection.execute(chosen).all()
    unread = []
    for row, stored in zip(rows, attach_passages(connection, rows), strict=True):
        lacks = row[len(row) - len(lacking) :]
        by_scorers = frozenset(compress(scorers, lacks))
        by_extractors = frozenset(compress(extractors, lacks[len(scorers) :]))
        unread.append(Unread(stored.id, stored.article, by_scorers, by_extractors))
    return unread


def _was_scored(scorer: str, catalogue: str) -> sa.ColumnElement[bool]:
    return (
        sa.select(tone.c.revision_id)
        .join(scoring, scoring.c.id == tone.c.scoring_id)
        .where(scoring.c.scorer == scorer, scoring.c.catalogue == catalogue, tone.c.revision_id == revision.c.id)
        .exists()
    )


def _was_extracted(extractor: Extractor, catalogue: str) -> sa.ColumnElement[bool]:
    return (
        sa.select(extracted.c.revision_id)
        .join(extraction, extraction.c.id == extracted.c.extraction_id)
        .where(
            extraction.c.extractor == extractor.name,
            extraction.c.version == extractor.version,
            extraction.c.catalogue == catalogue,
            extracted.c.revision_id == revision.c.id,
        )
        .exists()
    )
