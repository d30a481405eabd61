"""What an article tells beside its scores: who says what of whom, and what happened.

Prepared ─▶ quotes.find, events.find ─▶ Extracted per extractor
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from service.sentiment import events, quotes
from service.sentiment.catalogue import Catalogue
from service.sentiment.events import Event
from service.sentiment.prepared import Prepared
from service.sentiment.quotes import Quote

Found = tuple[Quote | Event, ...]


class Extractor(NamedTuple):
    """An extractor as it is stored: `quotes` or `events`, and its version, which changes whenever any output could."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one extractor found in one article with one catalogue (its digest), in order of the text.

    `is_language_read` is False where it does not know the article's language; then nothing is found.
    """

    extractor: Extractor
    catalogue: str
    is_language_read: bool
    found: Found


@functools.cache
def extractors() -> tuple[Extractor, ...]:
    """Every extractor in the version of this release."""
    return Extractor("quotes", quotes.version()), Extractor("events", events.version())


def extract(prepared: Prepared, *, catalogue: Catalogue, extractor: Extractor) -> Extracted:
    """What `extractor`, one of `extractors()`, finds in the title and body of an article."""
    languages, find = _FINDERS[extractor.name]
    is_read = prepared.article.language in languages
    return Extracted(extractor, catalogue.digest, is_read, find(prepared, catalogue) if is_read else ())


def _find_quotes(prepared: Prepared, catalogue: Catalogue) -> Found:
    return quotes.find(
        prepared.article.text,
        prepared.mentions,
        language=prepared.article.language,
        catalogue=catalogue,
        spans=prepared.spans,
        sentences=prepared.sentences,
    )


def _find_events(prepared: Prepared, _catalogue: Catalogue) -> Found:
    language = prepared.article.language
    return events.find(prepared.article.text, prepared.mentions, language=language, sentences=prepared.sentences)


_FINDERS: dict[str, tuple[frozenset[str], Callable[[Prepared, Catalogue], Found]]] = {
    "quotes": (quotes.LANGUAGES, _find_quotes),
    "events": (events.LANGUAGES, _find_events),
}
