"""The views of what articles tell: quotes and events, each revision's by the newest extraction that read it."""

from typing import Any

import sqlalchemy as sa

from storage.schema import article, event, event_target, extracted, extraction, quote, quote_target, revision
from storage.shown import KnownBy, Shown, by, micros


def define_quotes(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """A row per quote and target; a quote of nobody listed has one without target."""
    return _define(
        quote,
        quote_target,
        shown,
        (quote.c.speaker, quote.c.is_target.label("speaker_is_target"), quote.c.verb, quote.c.is_direct),
        known_by,
    )


def define_events(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """A row per event and target; an event beside which nobody listed is named has one without target."""
    return _define(event, event_target, shown, (event.c.kind, event.c.rule), known_by)


def _define(
    told: sa.Table, target: sa.Table, shown: Shown, columns: tuple[sa.ColumnElement[Any], ...], known_by: KnownBy
) -> sa.Select[Any]:
    one = sa.literal_column("1", sa.Integer)
    words = sa.func.substr(
        revision.c.text, told.c.start_offset + one, told.c.end_offset - told.c.start_offset, type_=sa.Text
    )
    its_target = sa.and_(*(target.c[name] == told.c[name] for name in ("revision_id", "extraction_id", "position")))
    its_reading = sa.and_(*(extracted.c[name] == told.c[name] for name in ("revision_id", "extraction_id")))
    return (
        sa.select(
            article.c.key.label("article"),
            revision.c.id.label("revision_id"),
            revision.c.number.label("revision"),
            *(article.c.url, article.c.source, revision.c.language, told.c.position, *columns, target.c.target),
            words.label("words"),
            *(told.c.start_offset, told.c.end_offset, extraction.c.version, extraction.c.catalogue),
            shown(revision.c.available_at),
            micros(revision.c.available_at).label("available_at_us"),
            shown(extracted.c.extracted_at),
        )
        .select_from(told)
        .join(extraction, extraction.c.id == told.c.extraction_id)
        .join(extracted, its_reading)
        .join(revision, revision.c.id == told.c.revision_id)
        .join(article, article.c.id == revision.c.article_id)
        .join(target, its_target, isouter=True)
        .where(
            ~_was_read_later(told, known_by),
            *by(known_by, extracted.c.extracted_at, revision.c.available_at, revision.c.recorded_at),
        )
    )


def _was_read_later(told: sa.Table, known_by: KnownBy) -> sa.ColumnElement[bool]:
    """Whether a newer version of the same extractor, or the same with a newer catalogue, has read the revision."""
    read, newer = extracted.alias("read_later"), extraction.alias("newer")
    return (
        sa.select(read.c.extraction_id)
        .join(newer, newer.c.id == read.c.extraction_id)
        .where(
            read.c.revision_id == told.c.revision_id,
            read.c.extraction_id > told.c.extraction_id,
            newer.c.extractor == extraction.c.extractor,
            *by(known_by, read.c.extracted_at),
        )
        .exists()
    )
