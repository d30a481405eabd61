"""Keys under which a text is found again by those that tell the same: all but certain for copies, rare for others.

MinHash (Broder 1997, "On the resemblance and containment of documents") in bands (Indyk & Motwani 1998): two texts
whose runs of words overlap by a Jaccard index J share one of the 40 bands of 3 with probability 1 − (1 − J³)⁴⁰: 0.9998
at J = 0.57 (each tenth word replaced), 0.82 at 0.35, 0.0003 at 0.02. Texts in two languages meet under their numbers.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from service.instants import EPOCH
from service.news.stories.numbers import is_rare
from service.news.stories.words import stir

BANDS, ROWS = 40, 3
PERIOD = dt.timedelta(hours=72)
"""How long after a text another can still be told to be of its story: copies come within days, columns after a week."""

MOST_FACTS = 8
"""Numbers, quotes and links of a text that it is found under, the longest first."""

_FEWEST_TITLE_WORDS = 4  # shorter ones ("Market wrap") are used again for other texts
_BITS = 40  # of a key; the rest is the period it lies in
_CHUNK = 2048

_SEEDS = np.arange(1, 2 * BANDS * ROWS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
_FACTORS = stir(_SEEDS)[: BANDS * ROWS] | np.uint64(1)
_SHIFTS = stir(_SEEDS)[BANDS * ROWS :]


def place_in_time(plain: NDArray[np.uint64], instant: dt.datetime) -> list[int]:
    """Keys within the period in which `instant` lies, each once: 40 bits, and the period's number above them."""
    period = (instant - EPOCH) // PERIOD
    placed: NDArray[np.int64] = (plain >> np.uint64(64 - _BITS)).astype(np.int64) + (period << _BITS)
    return sorted(set(placed.tolist()))


def find_plain(
    words: Sequence[str], title_words: Sequence[str], telling: Iterable[str], shingles: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """The keys of a text: one for all its words, its title, each of its rarest facts, and each band of its runs."""
    named = [f"text {' '.join(words)}"]
    if len(title_words) >= _FEWEST_TITLE_WORDS:
        named.append(f"title {' '.join(title_words)}")
    named += [f"fact {one}" for one in _choose(telling)]
    return np.concatenate([_hash_names(named), _hash_bands(shingles)])


def _choose(facts: Iterable[str]) -> list[str]:
    rare = (one for one in facts if not one[0].isdigit() or is_rare(one))
    return sorted(rare, key=lambda one: (-len(one.strip("0%")), one))[:MOST_FACTS]


def _hash_names(names: list[str]) -> NDArray[np.uint64]:
    digests = (hashlib.blake2b(name.encode(errors="replace"), digest_size=8).digest() for name in names)
    return np.array([int.from_bytes(digest, "little") for digest in digests], np.uint64)


def _hash_bands(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    if not len(shingles):
        return np.empty(0, np.uint64)
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(shingles), _CHUNK):
        part = shingles[start : start + _CHUNK, None] * _FACTORS + _SHIFTS
        least = np.minimum(least, part.min(axis=0))
    rows = stir(least).reshape(BANDS, ROWS)
    mixed = np.arange(1, BANDS + 1, dtype=np.uint64)
    for row in range(ROWS):
        mixed = stir(mixed + rows[:, row])
    return mixed
