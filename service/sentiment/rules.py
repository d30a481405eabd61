"""The rule scorer: word lists, clauses and a few weights; every figure is the sum of the words it shows.

mention: sentence → clauses.SentenceReader → hits → attribution → Σ weights → s/√(s² + α) → label
tone:    English: VADER's compound exactly; Dutch: all hits of the text → the same squashing
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.sentiment import dutch, english, vader
from service.sentiment.attribution import attribute, attribute_whole
from service.sentiment.clauses import SentenceReader
from service.sentiment.hits import Sentence
from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, State

VERSION: Final = "1"
ALPHA: Final = 6.0  # a sum of evidence of ±2.4 is ±0.7
UNSUPPORTED: Final = Reading(State.UNSUPPORTED_LANGUAGE, None, None)
NO_SIGNAL: Final = Reading(State.NO_SIGNAL, None, Label.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Raw sums at and beyond which a reading is called negative or positive."""

    negative: float
    positive: float


MENTION: Final = {"en": Thresholds(0.4, 0.4), "nl": Thresholds(0.4, 0.4)}
DUTCH_TONE: Final = Thresholds(0.7, 1.1)


def squash(raw: float) -> float:
    """A sum of evidence brought into −1…1."""
    return raw / math.sqrt(raw * raw + ALPHA)


def _conclude(evidence: Sequence[Evidence], thresholds: Thresholds) -> Reading:
    if not evidence:
        return NO_SIGNAL
    raw = math.fsum(item.weight for item in evidence)
    label = Label.NEUTRAL
    if raw >= thresholds.positive:
        label = Label.POSITIVE
    elif raw <= -thresholds.negative:
        label = Label.NEGATIVE
    return Reading(State.SCORED, squash(raw), label, tuple(evidence))


class RulesScorer:
    """Reads English and Dutch toward a mention; see the module for the walk."""

    name: Final = "rules"
    version: Final = VERSION
    languages: Final = frozenset({"en", "nl"})

    def __init__(self) -> None:
        self._readers: dict[str, SentenceReader] = {}

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """What each sentence says of the mention marked in it; neighbours on one sentence share its reading."""
        readings: list[Reading] = []
        previous: tuple[str, str] | None = None
        sentence: Sentence | None = None
        for context in contexts:
            reader = self._reader(context.language)
            if reader is None:
                readings.append(UNSUPPORTED)
                continue
            if sentence is None or previous != (context.language, context.text):
                previous, sentence = (context.language, context.text), reader.read(context.text)
            evidence = attribute(sentence, context, reader.weights)
            readings.append(_conclude(evidence, MENTION[context.language]))
        return readings

    def score_tone(self, text: str, language: str) -> Reading:
        """The tone of a whole text: in English exactly VADER's compound and labels."""
        if language == "en":
            return vader.read(text, language)
        reader = self._reader(language)
        if reader is None:
            return UNSUPPORTED
        return _conclude(attribute_whole(reader.read(text)), DUTCH_TONE)

    def _reader(self, language: str) -> SentenceReader | None:
        if language not in self.languages:
            return None
        if language not in self._readers:
            self._readers[language] = english.reader() if language == "en" else dutch.reader()
        return self._readers[language]


def build() -> RulesScorer:
    """The scorer `rules`."""
    return RulesScorer()
