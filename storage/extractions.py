"""What extractors found told in articles: saved once per extractor version and catalogue, handed out as it was found.

An extraction is one extractor version with one target catalogue. Reading a revision gives one `extracted` row, and a
`quote` or `event` row with its targets for whatever was found: a revision without any was read all the same.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from service.instants import Window
from service.sentiment.events import Event, EventKind
from service.sentiment.extraction import Extracted, Extractor
from service.sentiment.quotes import Quote
from storage.instant_column import to_micros
from storage.schema import event, event_target, extracted, extraction, quote, quote_target, revision
from storage.upsert import Saved, among, insert_new, split, storable

_KEY = ("revision_id", "extraction_id")
_EXTRACTED_COLUMNS = (*_KEY, "is_language_read", "extracted_at")
_QUOTE_COLUMNS = (
    *(*_KEY, "position", "speaker", "is_target", "verb"),
    *("start_offset", "end_offset", "is_direct"),
)
_EVENT_COLUMNS = (*_KEY, "position", "kind", "start_offset", "end_offset", "rule")
_TARGET_COLUMNS = (*_KEY, "position", "target", "place")

Told = TypeVar("Told", Quote, Event)
_Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Found(Generic[Told]):
    """A quote or an event and where it stands: the revision's row id, and when its text could be known."""

    revision: int
    available_at: dt.datetime
    told: Told


def save(connection: sa.Connection, found: Sequence[tuple[int, Extracted]], *, extracted_at: dt.datetime) -> Saved:
    """Store what was found in revisions (row id, what). A revision this extraction has read before stays as it is."""
    stamped = to_micros(extracted_at, "extracted_at")
    saved = Saved()
    for extractor, catalogue in sorted({(one.extractor, one.catalogue) for _, one in found}):
        extraction_id = _find_or_add_extraction(connection, extractor, catalogue, stamped)
        theirs = {
            revision_id: one
            for revision_id, one in reversed(found)  # of two for one revision the first counts
            if (one.extractor, one.catalogue) == (extractor, catalogue)
        }
        for part in split(sorted(theirs.items())):
            saved += _save_part(connection, extraction_id, part, stamped)
    return saved


def _save_part(
    connection: sa.Connection, extraction_id: int, part: Sequence[tuple[int, Extracted]], extracted_at: int
) -> Saved:
    chosen = sa.select(extracted.c.revision_id).where(
        extracted.c.extraction_id == extraction_id,
        among(connection, extracted.c.revision_id, [revision_id for revision_id, _ in part]),
    )
    held = set(connection.scalars(chosen))
    fresh = [(revision_id, one) for revision_id, one in part if revision_id not in held]
    read = [(revision_id, extraction_id, one.is_language_read, extracted_at) for revision_id, one in fresh]
    quotes: _Rows = []
    events: _Rows = []
    of_quotes: _Rows = []
    of_events: _Rows = []
    for revision_id, one in fresh:
        for position, told in enumerate(one.found):
            key = (revision_id, extraction_id, position)
            targets = [(*key, target, place) for place, target in enumerate(told.targets)]
            if isinstance(told, Quote):
                quotes.append((*key, *_write_quote(told)))
                of_quotes += targets
            else:
                events.append((*key, told.kind.value, told.start, told.end, told.rule))
                of_events += targets
    insert_new(connection, extracted, _EXTRACTED_COLUMNS, read)
    insert_new(connection, quote, _QUOTE_COLUMNS, quotes)
    insert_new(connection, quote_target, _TARGET_COLUMNS, of_quotes)
    insert_new(connection, event, _EVENT_COLUMNS, events)
    insert_new(connection, event_target, _TARGET_COLUMNS, of_events)
    return Saved(new=len(fresh), unchanged=len(held))


def _write_quote(told: Quote) -> tuple[object, ...]:
    return storable(told.speaker), told.is_target, storable(told.verb), told.start, told.end, told.is_direct


def _find_or_add_extraction(connection: sa.Connection, extractor: Extractor, catalogue: str, recorded_at: int) -> int:
    columns = ("extractor", "version", "catalogue", "recorded_at")
    insert_new(connection, extraction, columns, [(*extractor, catalogue, recorded_at)])
    found: int | None = connection.scalar(
        sa.select(extraction.c.id).where(
            extraction.c.extractor == extractor.name,
            extraction.c.version == extractor.version,
            extraction.c.catalogue == catalogue,
        )
    )
    assert found is not None
    return found


def load_quotes(
    connection: sa.Connection, *, version: str, catalogue: str, window: Window, as_of: dt.datetime | None = None
) -> list[Found[Quote]]:
    """The quotes in first revisions available in `window`, by `available_at`, then place, as this version found them.

    With `as_of`, only what newscandle knew by then.
    """
    extractor = Extractor("quotes", version)
    return [
        Found(
            row.revision_id,
            row.available_at,
            Quote(row.speaker, row.is_target, row.verb, row.start_offset, row.end_offset, targets, row.is_direct),
        )
        for row, targets in _load(connection, quote, quote_target, extractor, catalogue, window, as_of)
    ]


def load_events(
    connection: sa.Connection, *, version: str, catalogue: str, window: Window, as_of: dt.datetime | None = None
) -> list[Found[Event]]:
    """The events in first revisions available in `window`, by `available_at`, then place, as this version found them.

    With `as_of`, only what newscandle knew by then.
    """
    extractor = Extractor("events", version)
    return [
        Found(
            row.revision_id,
            row.available_at,
            Event(EventKind(row.kind), row.start_offset, row.end_offset, row.rule, targets),
        )
        for row, targets in _load(connection, event, event_target, extractor, catalogue, window, as_of)
    ]


def _load(
    connection: sa.Connection,
    told: sa.Table,
    target: sa.Table,
    extractor: Extractor,
    catalogue: str,
    window: Window,
    as_of: dt.datetime | None,
) -> Iterator[tuple[sa.Row[Any], tuple[str, ...]]]:
    """The rows of `told` with their targets, in order."""
    inside = [
        extraction.c.extractor == extractor.name,
        extraction.c.version == extractor.version,
        extraction.c.catalogue == catalogue,
        revision.c.number == 1,
        revision.c.available_at >= window.start,
        revision.c.available_at < window.end,
    ]
    if as_of is not None:
        inside += [revision.c.available_at <= as_of, revision.c.recorded_at <= as_of, extracted.c.extracted_at <= as_of]
    read = (
        told.join(extraction, extraction.c.id == told.c.extraction_id)
        .join(revision, revision.c.id == told.c.revision_id)
        .join(
            extracted,
            sa.and_(extracted.c.revision_id == told.c.revision_id, extracted.c.extraction_id == told.c.extraction_id),
        )
    )
    order = (revision.c.available_at, revision.c.id, told.c.position)
    rows = connection.execute(
        sa.select(told, revision.c.available_at).select_from(read).where(*inside).order_by(*order)
    ).all()
    its_key = sa.and_(*(target.c[name] == told.c[name] for name in (*_KEY, "position")))
    named: dict[tuple[int, int], list[str]] = {}
    for revision_id, position, name in connection.execute(
        sa.select(target.c.revision_id, target.c.position, target.c.target)
        .select_from(read.join(target, its_key))
        .where(*inside)
        .order_by(target.c.revision_id, target.c.position, target.c.place)
    ):
        named.setdefault((revision_id, position), []).append(name)
    for row in rows:
        yield row, tuple(named.get((row.revision_id, row.position), ()))
