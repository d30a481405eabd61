"""Somebody else's text classifier as a scorer: what it is given to read, and what its outputs mean.

mention: contexts ─▶ (sentence, target) ─▶ distinct ones ─▶ Classify ─▶ softmax ─▶ sums by class ─▶ Reading
tone:    text ─▶ sentences ─▶ the same, without a target ─▶ mean weighted by length ─▶ Reading
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from service.news.text import sentences
from service.sentiment.learned import hiding
from service.sentiment.learned.outcomes import NO_SIGNAL, UNSUPPORTED, conclude, decline, softmax, words
from service.sentiment.scorer import Label, MentionContext, Reading

READING: Final = "1"  # version of how inputs are built and outputs read; raise it whenever either changes
MOST_SENTENCES: Final = 32  # of a text read for its tone, as with our own encoders


class Classify(Protocol):
    """What is asked of a classifier."""

    def __call__(self, texts: Sequence[str], targets: Sequence[str] | None) -> NDArray[np.float64]:
        """Logits (texts × the model's labels), in order; `targets`: the second text of each pair, None: no pairs."""
        ...


@dataclass(frozen=True, slots=True)
class Classifier:
    """How one classifier is read.

    `classes` has the class of each of its labels, in the order of its logits. `is_targeted`: it reads the pair of
    sentence and target, else the sentence alone, so that all targets of a sentence get one score unless `hide`, which
    puts one fixed word for the target and another for other targets, tells them apart. Logits are divided by
    `temperature` (> 0).
    """

    name: str
    version: str
    languages: frozenset[str]
    classes: tuple[Label, ...]
    is_targeted: bool = False
    hide: bool = False
    temperature: float = 1.0


class ClassifierScorer:
    """Probabilities as the classifier gives them, summed by class; no evidence. It is opened at the first reading."""

    def __init__(self, classifier: Classifier, open_model: Callable[[], Classify]) -> None:
        self._classifier, self._open_model = classifier, open_model
        self.name: Final = classifier.name
        self.version: Final = classifier.version
        self.languages: Final = classifier.languages

    @cached_property
    def _classify(self) -> Classify:
        return self._open_model()

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """What each sentence says of its mention; NO_SIGNAL where it holds no word but the mention.

        Equal inputs are read once. Raises `ModelFailed` at the first reading where the model cannot be used.
        """
        readings = [decline(context, self.languages) for context in contexts]
        asked = [at for at, reading in enumerate(readings) if reading is None]
        found = self._read([self._prepare(contexts[at]) for at in asked], is_pair=self._classifier.is_targeted)
        for at, row in zip(asked, found, strict=True):
            readings[at] = conclude(row)
        return [reading for reading in readings if reading is not None]

    def score_tone(self, text: str, language: str) -> Reading:
        """The mean of the probabilities of the first `MOST_SENTENCES` sentences, by their length in characters."""
        if language not in self.languages:
            return UNSUPPORTED
        lines = [text[start:end] for start, end in sentences.split(text, language)]
        told = [line for line in lines if words(line)][:MOST_SENTENCES]
        if not told:
            return NO_SIGNAL
        found = self._read([(line, "") for line in told], is_pair=False)
        return conclude(np.average(found, axis=0, weights=[len(line) for line in told]))

    def _prepare(self, context: MentionContext) -> tuple[str, str]:
        start, end = context.span
        text, target = context.text, context.text[start:end]
        if self._classifier.hide:
            text, target = hiding.hide(context).text, hiding.TARGET
        return text, target if self._classifier.is_targeted else ""

    def _read(self, rows: Sequence[tuple[str, str]], *, is_pair: bool) -> NDArray[np.float64]:
        """Probabilities (rows × negative, neutral, positive)."""
        if not rows:
            return np.zeros((0, len(Label)))
        distinct = {row: at for at, row in enumerate(dict.fromkeys(rows))}
        texts, targets = zip(*distinct, strict=True)
        logits = self._classify(texts, targets if is_pair else None)
        shares = softmax(logits, self._classifier.temperature) @ self._sums
        return shares[[distinct[row] for row in rows]]

    @cached_property
    def _sums(self) -> NDArray[np.float64]:
        """1 where a label (row) counts for a class (column)."""
        return np.array([[float(own is label) for label in Label] for own in self._classifier.classes])
