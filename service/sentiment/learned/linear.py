"""The linear scorer: a table of learned weights over hashed n-grams, and the sum of them with every word's share.

mention or text ─▶ ngrams.Features ─▶ Σ value × weight + bias ─▶ ÷ temperature ─▶ softmax ─▶ P(+) − P(−)
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.errors import ModelFailed
from service.sentiment.learned.models import ModelFolder, open_model
from service.sentiment.learned.ngrams import LANGUAGES, SLOTS, Features, read_mention, read_tone
from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, State

READING: Final = "1"  # of the code that reads, features included
NAME: Final = "linear"
WEIGHTS: Final = "weights.npz"
CARD: Final = "card.json"
KINDS: Final = (("en", False), ("en", True), ("nl", False), ("nl", True))  # language, whole text: a bias each
UNSUPPORTED: Final = Reading(State.UNSUPPORTED_LANGUAGE, None, None)
NO_SIGNAL: Final = Reading(State.NO_SIGNAL, None, Label.NEUTRAL)
_LABELS: Final = tuple(Label)


def kind_of(language: str, is_tone: bool) -> int:  # noqa: FBT001
    """The row of KINDS."""
    return KINDS.index((language, is_tone))


@dataclass(frozen=True, slots=True)
class Table:
    """`weights` int8 (slots × negative, positive; neutral is 0) times `scale`, each valid for its slot's `checks` only.

    `bias` (KINDS × negative, positive); all is divided by `temperature`. A reading whose likeliest class stays below
    `abstain_below` (0…1) is not sure.
    """

    weights: NDArray[np.int8]
    checks: NDArray[np.uint8]
    scale: float
    bias: NDArray[np.float32]
    temperature: float
    abstain_below: float = 0.5


class LinearScorer:
    """Reads English and Dutch; the evidence and the bias sum to the log-odds of positive over negative."""

    name: Final = NAME
    languages: Final = LANGUAGES

    def __init__(self, table: Table, version: str) -> None:
        self.version: Final = version
        self._table = table

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """What each sentence says of the mention marked in it; its name and those of other targets are not read."""
        return [
            self._conclude(read_mention(context), context.language) if context.language in LANGUAGES else UNSUPPORTED
            for context in contexts
        ]

    def score_tone(self, text: str, language: str) -> Reading:
        """The sentiment of a whole text."""
        return self._conclude(read_tone(text, language), language) if language in LANGUAGES else UNSUPPORTED

    def bias(self, language: str, *, is_tone: bool = False) -> float:
        """Log-odds of positive over negative before any word is read."""
        negative, positive = self._table.bias[kind_of(language, is_tone)].astype(np.float64)
        return float(positive - negative) / self._table.temperature

    def logits(self, features: Features, language: str) -> NDArray[np.float64]:
        """Negative, neutral, positive, before the temperature."""
        return self._sum(self._terms(features), kind_of(language, features.is_tone))

    def _sum(self, terms: NDArray[np.float64], kind: int) -> NDArray[np.float64]:
        negative, positive = terms.sum(axis=0) + self._table.bias[kind]
        return np.array([negative, 0.0, positive])

    def _terms(self, features: Features) -> NDArray[np.float64]:
        """What each feature adds to negative and to positive."""
        values = features.values.astype(np.float64) * self._table.scale
        values[self._table.checks[features.slots] != features.checks] = 0.0
        return np.asarray(self._table.weights[features.slots] * values[:, None], dtype=np.float64)

    def _conclude(self, features: Features, language: str) -> Reading:
        terms = self._terms(features)
        if not terms.any():
            return NO_SIGNAL
        scaled = self._sum(terms, kind_of(language, features.is_tone)) / self._table.temperature
        chances = np.exp(scaled - scaled.max())
        negative, neutral, positive = (float(one) for one in chances / chances.sum())
        label = _LABELS[int(scaled.argmax())]
        evidence = self._explain(features, (terms[:, 1] - terms[:, 0]) / self._table.temperature)
        is_sure = max(negative, neutral, positive) >= self._table.abstain_below
        return Reading(State.SCORED, positive - negative, label, evidence, (negative, neutral, positive), is_sure)

    def _explain(self, features: Features, shares: NDArray[np.float64]) -> tuple[Evidence, ...]:
        """Each word's part: its own n-grams whole, those of several words halved between the first and the last."""
        words = len(features.spans)
        sums = np.bincount(features.first, shares / 2, words) + np.bincount(features.last, shares / 2, words)
        rules = dict(features.hits)
        return tuple(
            Evidence(features.text[start:end], start, end, weight, f"learned {rules[at]}" if at in rules else "learned")
            for at, ((start, end), weight) in enumerate(zip(features.spans, sums.tolist(), strict=True))
            if weight
        )


def load(model: ModelFolder) -> LinearScorer:
    """The scorer of a model folder. Raises `ModelFailed` where a file is missing, damaged or not what is expected."""
    try:
        card = json.loads(model.read(CARD))
        with np.load(io.BytesIO(model.read(WEIGHTS)), allow_pickle=False) as arrays:
            scale, settings = float(arrays["scale"]), (float(card["temperature"]), float(card["abstain_below"]))
            table = Table(arrays["weights"], arrays["checks"], scale, arrays["bias"], *settings)
        rest = hashlib.sha256(repr((READING, settings)).encode()).hexdigest()
        version = f"{card['version']}-{model.sum_of(WEIGHTS)[:8]}-{rest[:4]}"
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFailed("model_damaged", f"model {model.name}: cannot be used: {error}") from error
    shapes = table.weights.shape, table.checks.shape, table.bias.shape
    if shapes != ((SLOTS, 2), (SLOTS,), (len(KINDS), 2)) or table.weights.dtype != np.int8:
        raise ModelFailed("model_damaged", f"model {model.name}: {WEIGHTS} is not a table of this release")
    return LinearScorer(table, version)


def build() -> LinearScorer:
    """The scorer `linear` with the packaged weights."""
    return load(open_model(NAME))
