"""Parts that behave, where a real one would hide what a test is about."""

import re
from collections.abc import Sequence

from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, State

_WORD = re.compile(r"\w+")
WORDS = {
    "en": {"praises": 0.8, "rises": 0.5, "wins": 0.6, "falls": -0.5, "crashes": -0.9, "attacks": -0.6},
    "nl": {"prijst": 0.8, "stijgt": 0.5, "wint": 0.6, "daalt": -0.5, "crasht": -0.9, "bekritiseert": -0.6},
}


class WordListScorer:
    """A scorer of a dozen words: the mean of those in the sentence, halved where another target stands in between.

    `calls` counts calls of score_mentions and `read` the contexts read, so that tests can see batches.
    """

    name = "wordlist"
    version = "1"
    languages = frozenset(WORDS)

    def __init__(self) -> None:
        self.calls = 0
        self.read: list[MentionContext] = []

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        self.calls += 1
        self.read.extend(contexts)
        return [self._read(context.text, context.language, context) for context in contexts]

    def score_tone(self, text: str, language: str) -> Reading:
        return self._read(text, language, None)

    def _read(self, text: str, language: str, context: MentionContext | None) -> Reading:
        if language not in WORDS:
            return Reading(State.UNSUPPORTED_LANGUAGE, None, None)
        evidence = []
        for match in _WORD.finditer(text):
            weight = WORDS[language].get(match[0].lower())
            if weight is None:
                continue
            rule = "listed"
            if context is not None and _is_across(match.start(), context):
                weight, rule = weight / 2, "listed crossing"
            evidence.append(Evidence(match[0], match.start(), match.end(), weight, rule))
        if not evidence:
            return Reading(State.NO_SIGNAL, None, Label.NEUTRAL)
        score = sum(one.weight for one in evidence) / len(evidence)
        label = Label.POSITIVE if score > 0.2 else Label.NEGATIVE if score < -0.2 else Label.NEUTRAL
        return Reading(State.SCORED, score, label, tuple(evidence))


def _is_across(place: int, context: MentionContext) -> bool:
    low, high = sorted((place, context.span[0]))
    return any(low < start < high for start, _ in context.others)
