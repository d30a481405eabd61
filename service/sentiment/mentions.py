"""Where a text speaks of which target.

names (longest match) → what may be meant there → titles by date, surnames after the full name → “he”, “the bank”
"""

import datetime as dt
import re
from collections.abc import Sequence

from service.news.text import sentences as sentence_marks
from service.sentiment import coreference
from service.sentiment.aliases import fold
from service.sentiment.catalogue import Catalogue
from service.sentiment.naming import find_names
from service.sentiment.score import Mention, MentionForm

Span = tuple[int, int]


def find(
    text: str,
    *,
    language: str,
    catalogue: Catalogue,
    spans: Sequence[Span],
    at: dt.datetime | None,
    sentences: Sequence[Span] | None = None,
) -> tuple[Mention, ...]:
    """All mentions of the catalogue's targets within `spans` ([start, end) in code points; title and body passages).

    Sorted, never overlapping, never across the border of a span. `at` is when the article appeared (UTC), for titles
    such as “SEC chair”; without it only undisputed ones count. `sentences` (of `cut_sentences`) saves cutting again
    where they are known. Time is linear in the text.
    """
    spans = sorted(spans)
    named = find_names(text, language=language, catalogue=catalogue, spans=spans, at=at)
    if not named or not coreference.has_followers(text, language, catalogue):
        return tuple(named)
    if sentences is None:
        sentences = cut_sentences(text, language, spans)
    return tuple(coreference.follow(text, named, language=language, catalogue=catalogue, sentences=sentences, at=at))


def cut_sentences(text: str, language: str, spans: Sequence[Span]) -> list[Span]:
    """The sentences of each span, in order; none runs across the border of a span."""
    return [
        (start + first, start + last)
        for start, end in sorted(spans)
        for first, last in sentence_marks.split(text[start:end], language)
    ]


def find_literal(text: str, name: str, spans: Sequence[Span]) -> tuple[Mention, ...]:
    """Where `name` itself stands in the spans: as it is written, else in other capitals, else beginning a word.

    Whole words only in the first two steps; the last finds a name in a closed compound (`Ajax` in `Ajaxfans`).
    """
    parts = [re.escape(part) for part in name.split()]
    if not parts:
        return ()
    before = r"(?<!\w)" if re.match(r"\w", name.strip()) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", name.strip()) else ""
    exact = r"\s+".join(parts)
    loose = r"\s+".join(re.escape(part) for part in fold(name).split())
    folded = fold(text)
    for pattern, searched in (
        (before + exact + after, text),
        (before + loose + after, folded),
        (before + loose, folded),
    ):
        compiled = re.compile(pattern)
        found = [match.span() for start, end in sorted(spans) for match in compiled.finditer(searched, start, end)]
        if found:
            return tuple(Mention(name, start, end, MentionForm.LITERAL) for start, end in found)
    return ()
