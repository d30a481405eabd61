"""Mentions nobody labelled, for a teacher to read: the catalogue's targets in archived crypto news."""

import csv
import zlib
from collections.abc import Iterator
from typing import Final

from benchmarks.sets import data_folder
from service.news.text import sentences
from service.sentiment import mentions, targets
from service.sentiment.catalogue import Catalogue
from service.sentiment.contexts import place
from service.sentiment.scorer import MentionContext
from training.examples import archived_headlines, is_for_calibration

_LONGEST: Final = 400  # code points of a sentence
_SHORTEST: Final = 30
_KEPT_OF_COMMON: Final = 3  # one in so many mentions of the most frequent target: it is two thirds of them
_COMMON: Final = "bitcoin"


def unlabelled() -> list[MentionContext]:
    """One mention of each target of each English sentence, in the order of the archives; repeated sentences once."""
    catalogue = targets.load()
    found: list[MentionContext] = []
    seen: set[str] = set()
    for text in _sentences():
        if text in seen or not _SHORTEST <= len(text) <= _LONGEST or is_for_calibration(text):
            continue
        seen.add(text)
        found += _contexts(text, catalogue)
    return found


def _contexts(text: str, catalogue: Catalogue) -> Iterator[MentionContext]:
    whole = [(0, len(text))]
    named = mentions.find(text, language="en", catalogue=catalogue, spans=whole, at=None, sentences=whole)
    met: set[str] = set()
    for one in place(text, "en", whole, list(named)):
        if one.mention.target in met:
            continue
        met.add(one.mention.target)
        if one.mention.target != _COMMON or zlib.crc32(text.encode()) % _KEPT_OF_COMMON == 0:
            yield one.context


def _sentences() -> Iterator[str]:
    yield from archived_headlines()
    for path in sorted((data_folder() / "news" / "uic_2017_2019").glob("**/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for record in csv.DictReader(file):
                text = " ".join((record.get("text") or "").split())
                for start, end in sentences.split(text, "en"):
                    yield text[start:end]
