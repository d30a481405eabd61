"""How well a page was read: the body by shingles, segments by presence, metadata by equality."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.page_sets import GoldPage

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of right, superfluous and missing shingles of one page; they add up to 1 (0 where both are empty)."""

    right: float
    superfluous: float
    missing: float


def overlap(gold: str, found: str, *, size: int = 4) -> Overlap:
    """Shingles of `size` words that gold and found text share, counted with multiplicity.

    The definition of the article-extraction-benchmark: words are `\\w+`, a text shorter than a shingle is one.
    """
    wanted, had = _shingles(gold, size), _shingles(found, size)
    right = (wanted & had).total()
    superfluous, missing = had.total() - right, wanted.total() - right
    total = (right + superfluous + missing) or 1
    return Overlap(right / total, superfluous / total, missing / total)


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1)))


def mean_f1(overlaps: Sequence[Overlap]) -> tuple[float, float, float]:
    """(F1, precision, recall): F1 of the mean precision and the mean recall over pages, as that benchmark has it."""
    precision = [one.right / (one.right + one.superfluous) for one in overlaps if one.right + one.superfluous]
    recall = [one.right / (one.right + one.missing) for one in overlaps if one.right + one.missing]
    return _harmonic(fmean(precision or [0.0]), fmean(recall or [0.0]))


def segment_f1(pages: Sequence[GoldPage], texts: Sequence[str]) -> tuple[float, float, float]:
    """(F1, precision, recall) over all segments of all pages: present or not, white space folded."""
    right = wrong = missing = 0
    for page, text in zip(pages, texts, strict=True):
        shown = " ".join(text.split())
        present = sum(" ".join(segment.split()) in shown for segment in page.wanted)
        right, missing = right + present, missing + len(page.wanted) - present
        wrong += sum(" ".join(segment.split()) in shown for segment in page.unwanted)
    return _harmonic(right / max(1, right + wrong), right / max(1, right + missing))


def _harmonic(precision: float, recall: float) -> tuple[float, float, float]:
    return 2 * precision * recall / ((precision + recall) or 1), precision, recall


def same_title(gold: str, found: str) -> bool:
    """Letters and digits alike, case aside."""
    return _letters(gold) == _letters(found)


def same_names(gold: Sequence[str], found: Sequence[str]) -> bool:
    """The same names in any order, letters only."""
    return {_letters(name) for name in gold} == {_letters(name) for name in found}


def same_instant(gold: dt.datetime | dt.date, found: dt.datetime | None) -> bool:
    """Within a minute of an instant; for a day, somewhere on it in some zone (UTC-12 to UTC+14)."""
    if found is None:
        return False
    if isinstance(gold, dt.datetime):
        known = gold if gold.tzinfo else gold.replace(tzinfo=dt.UTC)
        return abs(known - found) < dt.timedelta(minutes=1)
    return any((found + dt.timedelta(hours=hours)).date() == gold for hours in (-12, 0, 14))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())
