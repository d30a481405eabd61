"""A mention in its sentence (or a whole text) as hashed features, each of them owned by words of that text.

names hidden ─▶ words, clause borders and hits (the rule scorer's reader) ─▶ words, pairs and triples, bare and by
where they stand from the target ─▶ slots of one table; with each its value and the words it belongs to

Names cannot carry weight: a fixed word stands for the target, another for other targets, before anything is read.
"""

import hashlib
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.sentiment import dutch, english
from service.sentiment.attribution import attribute, attribute_whole
from service.sentiment.hits import Sentence
from service.sentiment.learned.hiding import Hidden, hide
from service.sentiment.scorer import Evidence, MentionContext

BITS: Final = 19
SLOTS: Final = 1 << BITS  # rows of the table
LANGUAGES: Final = frozenset({"en", "nl"})
_NEAR: Final = 4
_BARE_VALUE, _PLACED_VALUE, _PIECE_VALUE, _HIT_VALUE = 1.0, 1.0, 0.35, 1.5
_LONGEST_WORD: Final = 40  # letters of a word that are cut into pieces
_PIECES: Final = (3, 4, 5)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)
_TOP: Final = np.uint64(64 - BITS)
_TYPICAL: Final = 98  # features of a sentence; values of longer ones are smaller, so that sums keep their size
_STRONG: Final = 1.5  # weight of a hit from which it counts as strong

Slots = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Features:
    """`slots` (n) of the table with their `checks` (n) and `values` (n); `first`/`last` (n): the words each belongs to.

    A slot's weight counts where its check agrees: words never learned then weigh nothing (but for one in 500).

    `spans` (words): where each word stands in `text`, which was given, code points; `hits`: words the rule scorer
    weighed, with the codes of its rules; `is_tone` tells a whole text from a mention.
    """

    slots: Slots
    checks: NDArray[np.uint8]
    values: NDArray[np.float32]
    first: Slots
    last: Slots
    text: str
    spans: list[Span]
    hits: tuple[tuple[int, str], ...]
    is_tone: bool


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")


@lru_cache(maxsize=1 << 15)
def _pieces(word: str) -> Hashes:
    """The 3- to 5-letter pieces of a word with its ends marked: what compounds share."""
    whole = f"<{word[:_LONGEST_WORD]}>"
    return np.array([_hash(whole[at : at + n]) for n in _PIECES for at in range(len(whole) - n + 1)], dtype=np.uint64)


def _salts(name: str, number: int) -> Hashes:
    return np.array([_hash(f"salt {name} {at}") for at in range(number)], dtype=np.uint64)


_BARE: Final = _salts("bare", 4)  # words, pairs, pieces, pieces in the target's clause
_STEP: Final = _salts("step", 11)
_SIDE: Final = _salts("side", 4)
_CLAUSE: Final = _salts("clause", 2)
_TRIPLE: Final = _salts("triple", 3)
_SIZES: Final = np.array([0, 1, 2, 3, 3, 4, 4, 4, 4, 5])  # distances told apart: 1, 2, 3–4, 5–8, further
_NOTHING: Final = (np.zeros(0, np.uint64), np.zeros(0, np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
_MEASURED: Final = np.array([_hash("rule measured")], dtype=np.uint64)


def _digits(word: str) -> str:
    """Numbers alike, whatever they say."""
    return re.sub(r"\d+(?:[.,]\d+)*", "0", word) if any(map(str.isdigit, word)) else word


def _place(hashes: Hashes) -> tuple[Slots, NDArray[np.uint8]]:
    """The slot, from the top bits, and the check (1…255; 0 is an empty slot), from those below."""
    mixed = (hashes ^ (hashes >> _SHIFT)) * _MIX
    checks = (mixed >> (_TOP - np.uint64(8))).astype(np.uint8)
    return (mixed >> _TOP).astype(np.int64), np.maximum(checks, 1)


def read_mention(context: MentionContext) -> Features:
    """The features of a mention, its language one of LANGUAGES; an empty span asks for the whole text."""
    if not context.span[0] < context.span[1]:
        return read_tone(context.text, context.language)
    hidden = hide(context)
    reader = english.reader() if context.language == "en" else dutch.reader()
    sentence = reader.read(hidden.text)
    inside = MentionContext(hidden.text, hidden.own[0], context.language, hidden.own[1:], hidden.others)
    gathering = _Gathering(sentence, context.language, hidden)
    return gathering.gather(attribute(sentence, inside, reader.weights), context.text)


def read_tone(text: str, language: str) -> Features:
    """The features of a whole text in one of LANGUAGES."""
    sentence = (english.reader() if language == "en" else dutch.reader()).read(text)
    gathering = _Gathering(sentence, language, Hidden(text))
    return gathering.gather(attribute_whole(sentence), text)


class _Gathering:
    """One text's features, group by group."""

    def __init__(self, sentence: Sentence, language: str, hidden: Hidden) -> None:
        self.sentence, self.language, self.hidden = sentence, language, hidden
        self.hashes = np.array([_hash(f"{language} {_digits(word)}") for word in sentence.words], dtype=np.uint64)
        self.places = np.arange(len(sentence.words))
        self.borders = np.array(sentence.borders)
        own = sorted(bisect_right(sentence.ends, start) for start, _ in hidden.own)  # a hidden name is one word
        self.own = np.array(own, dtype=np.int64)
        self.is_own = np.zeros(len(self.places), dtype=bool)
        self.is_own[self.own] = True
        self.parts: list[tuple[Hashes, NDArray[np.float32], Slots, Slots]] = []

    def gather(self, evidence: Sequence[Evidence], text: str) -> Features:
        """Everything at once; no feature where there is no word but the target."""
        words = self.places[~self.is_own]
        hits = [(bisect_right(self.sentence.ends, one.start), one) for one in evidence]
        if len(words):
            self._take_words(words)
            self._take_pairs()
            if len(self.own):
                self._take_triples()
            if self.language == "nl":
                self._take_pieces(words)
            self._take_hits(hits)
        joined = [np.concatenate(part) for part in zip(*self.parts, strict=True)] if self.parts else _NOTHING
        hashes, values, first, last = joined
        values = values * np.float32(math.sqrt(_TYPICAL / max(len(values), 1)))
        spans = [self.hidden.back(span) for span in zip(self.sentence.starts, self.sentence.ends, strict=True)]
        rules = tuple((word, one.rule) for word, one in hits)
        return Features(*_place(hashes), values, first, last, text, spans, rules, not len(self.own))

    def _add(self, hashes: Hashes, value: float, first: Slots, last: Slots) -> None:
        self.parts.append((hashes, np.full(len(hashes), value, dtype=np.float32), first, last))

    def _from_target(self, places: Slots) -> tuple[Slots, NDArray[np.bool_]]:
        """Signed distance in words to the nearest mention of the target, and whether it is in the same clause."""
        after = np.minimum(np.searchsorted(self.own, places), len(self.own) - 1)
        before = np.maximum(after - 1, 0)
        is_before = np.abs(places - self.own[before]) <= np.abs(places - self.own[after])
        nearest = self.own[np.where(is_before, before, after)]
        return places - nearest, self.borders[places] == self.borders[nearest]

    def _take_words(self, words: Slots) -> None:
        hashes = self.hashes[words]
        self._add(hashes + _BARE[0], _BARE_VALUE, words, words)
        if not len(self.own):
            return
        gaps, is_here = self._from_target(words)
        steps = _SIZES[np.minimum(np.abs(gaps), 9)]
        self._add(hashes ^ _STEP[steps + 5 * (gaps > 0)], _PLACED_VALUE, words, words)
        here = words[is_here]
        self._add(hashes[is_here] ^ _CLAUSE[(gaps[is_here] > 0) * 1], _PLACED_VALUE, here, here)

    def _take_pairs(self) -> None:
        first = self.places[:-1][~(self.is_own[:-1] & self.is_own[1:])]
        hashes = self.hashes[first] * _MIX + self.hashes[first + 1]
        left, right = first + self.is_own[first], first + 1 - self.is_own[first + 1]
        self._add(hashes + _BARE[1], _BARE_VALUE, left, right)
        if len(self.own) and len(first):
            gaps, _ = self._from_target(first)
            self._add(hashes ^ _SIDE[(gaps > 0) * 2 + (np.abs(gaps) <= _NEAR)], _PLACED_VALUE, left, right)

    def _take_triples(self) -> None:
        """The target with two neighbours: before it, around it, after it."""
        for at in range(3):
            first = self.own - at
            first = first[(first >= 0) & (first + 2 < len(self.places))]
            hashes = (self.hashes[first] * _MIX + self.hashes[first + 1]) * _MIX + self.hashes[first + 2]
            left, right = first + (at == 0), first + 2 - (at == 2)
            free = ~(self.is_own[left] | self.is_own[right])
            self._add(hashes[free] ^ _TRIPLE[at], _PLACED_VALUE, left[free], right[free])

    def _take_pieces(self, words: Slots) -> None:
        pieces = [_pieces(self.sentence.words[word]) for word in words]
        places = np.repeat(words, [len(one) for one in pieces])
        hashes = np.concatenate(pieces)
        self._add(hashes + _BARE[2], _PIECE_VALUE, places, places)
        if len(self.own):
            _, is_here = self._from_target(places)
            self._add(hashes[is_here] + _BARE[3], _PIECE_VALUE, places[is_here], places[is_here])

    def _take_hits(self, hits: Sequence[tuple[int, Evidence]]) -> None:
        """What the rule scorer weighed: each weight, its sign and strength by side, and the sign of the sum."""
        if not hits:
            return
        words = np.array([word for word, _ in hits])
        weights = np.array([one.weight for _, one in hits])
        kind = f"{self.language} {'mention' if len(self.own) else 'tone'}"
        sides = ["whole"] * len(words)
        if len(self.own):
            sides = ["after" if gap > 0 else "before" for gap in self._from_target(words)[0]]
        total = float(weights.sum())
        level = min(int(abs(total) / _STRONG), 2) * (1 if total > 0 else -1)
        names = [
            f"rule {kind} {side} {np.sign(one):+.0f} {abs(one) > _STRONG}"
            for side, one in zip(sides, weights, strict=True)
        ]
        self._add(np.array([_hash(name) for name in names], dtype=np.uint64), _HIT_VALUE, words, words)
        self.parts.append(
            (np.repeat(_MEASURED, len(words)), np.clip(weights, -4, 4).astype(np.float32) / 2, words, words)
        )
        share = np.abs(weights) / np.abs(weights).sum()
        summed = np.repeat(np.array([_hash(f"sum {kind} {level} {total > 0}")], dtype=np.uint64), len(words))
        self.parts.append((summed, share.astype(np.float32), words, words))
