"""Reading with a scorer that may raise: what it reads is kept, what it cannot read is told with its reason.

A scorer may be anybody's (a plug-in, a model), and reads a batch in one call. Where that call raises, each half of the
batch is tried by itself, and so on down to the articles it raises for: one of a thousand costs some twenty calls more.
"""

from collections.abc import Mapping, Sequence

from service.news.article import Skipped
from service.sentiment.catalogue import Catalogue
from service.sentiment.prepared import Prepared
from service.sentiment.score import ArticleReading
from service.sentiment.scorer import Scorer
from service.sentiment.toward import score_prepared

_SHOWN = 200  # characters of a foreign error's own words

_GREATEST = 1.0 + 1e-9  # a mean may be off by its rounding

_Read = tuple[list[tuple[int, ArticleReading]], list[Skipped]]


def attempt_all(ready: Mapping[int, Prepared], catalogue: Catalogue, scorer: Scorer) -> _Read:
    """Readings by revision, and the articles for which the scorer raised or gave a score outside −1…1."""
    return _attempt(list(ready.items()), catalogue, scorer) if ready else ([], [])


def _attempt(ready: Sequence[tuple[int, Prepared]], catalogue: Catalogue, scorer: Scorer) -> _Read:
    try:
        found = score_prepared([one for _, one in ready], catalogue=catalogue, scorer=scorer)
        for reading in found:
            _ensure_in_range(reading)
    except Exception as error:  # noqa: BLE001 - foreign code raises what it likes; it is stored with the article
        if len(ready) == 1:
            [(_, failed)] = ready
            words = " ".join(f"{type(error).__name__}: {error}".split())
            return [], [Skipped("scorer_failed", failed.article.url, words[:_SHOWN])]
        middle = len(ready) // 2
        first, second = (_attempt(half, catalogue, scorer) for half in (ready[:middle], ready[middle:]))
        return first[0] + second[0], first[1] + second[1]
    return [(row, reading) for (row, _), reading in zip(ready, found, strict=True)], []


def _ensure_in_range(reading: ArticleReading) -> None:
    for value in (reading.tone, *(score.score for score in reading.scores)):
        if value is not None and not abs(value) <= _GREATEST:  # nor is NaN
            raise ValueError(f"a score of {value}, not within -1 and 1")
