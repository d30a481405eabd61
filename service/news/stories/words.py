"""A text as folded words and as hashed runs of three of them."""

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 20_000
"""Words of a text that are looked at: what stands further down a page decides no story."""

_WORD = re.compile(r"\w+")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def fold_words(text: str) -> list[str]:
    """The words of a text without signs, spacing, letter case and forms of letters, at most `LONGEST`."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _WORD.findall(plain.casefold())[:LONGEST]


@functools.lru_cache(maxsize=1 << 17)
def hash_word(word: str) -> int:
    """64 bits of a word, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "little")


def hash_runs(words: Sequence[str]) -> NDArray[np.uint64]:
    """A hash for every three words that follow one another, in order; of fewer words one for all, of none nothing."""
    if not words:
        return np.empty(0, np.uint64)
    hashes = np.fromiter(map(hash_word, words), np.uint64, len(words))
    width = min(3, len(words))
    mixed = np.zeros(len(words) - width + 1, np.uint64)
    for place in range(width):
        part = hashes[place : place + len(mixed)]
        mixed = stir(mixed + part * np.uint64(_FACTORS[place]))
    return mixed


def stir(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of a value (the finaliser of splitmix64, Steele et al. 2014)."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    stirred: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return stirred


def share_unseen(runs: NDArray[np.uint64], seen: NDArray[np.uint64]) -> float:
    """The share, 0–1, of words that stand in no run of three that was `seen`: one changed word is one unseen word."""
    if not len(runs):
        return 0.0
    known = np.isin(runs, seen)
    covered = np.zeros(len(runs) + 2, bool)
    for place in range(3):
        covered[place : place + len(runs)] |= known
    return float(1.0 - covered.mean())
