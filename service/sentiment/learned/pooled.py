"""An encoder and the linear scorer read together: they fail on different sentences, and the linear one costs little.

both probabilities ─▶ p ∝ encoder^a · linear^b (a logarithmic opinion pool: C. Genest & J. V. Zidek 1986, Statistical
Science 1) ─▶ Reading

Where either has no probabilities (no word but the mention, none it knows) the encoder's reading stands.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.sentiment.learned.outcomes import conclude, left_out
from service.sentiment.scorer import MentionContext, Reading, Scorer

READING: Final = "1"  # version of how the two are pooled; raise it when that changes
_LEAST: Final = 1e-6  # a probability that is 0 to six decimals must not silence the other


@dataclass(frozen=True, slots=True)
class Pool:
    """The powers `own` and `linear` (≥ 0) that the two probabilities are raised to before they are multiplied."""

    own: float
    linear: float


class PooledScorer:
    """Called as the encoder is; its version names both."""

    def __init__(self, encoder: Scorer, linear: Scorer, pool: Pool, sure_from: float) -> None:
        self._encoder, self._linear, self._pool, self._sure_from = encoder, linear, pool, sure_from
        rest = hashlib.sha256(repr((READING, pool, sure_from)).encode()).hexdigest()
        self.name: Final = encoder.name
        self.version: Final = f"{encoder.version}~{linear.name}-{linear.version}-{rest[:4]}"
        self.languages: Final = encoder.languages

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """What each sentence says of its mention, by both; order kept. Raises `ModelFailed` as the encoder does."""
        first, second = self._encoder.score_mentions(contexts), self._linear.score_mentions(contexts)
        return [self._combine(*pair) for pair in zip(first, second, strict=True)]

    def score_tone(self, text: str, language: str) -> Reading:
        """The tone of a whole text, by both."""
        return self._combine(self._encoder.score_tone(text, language), self._linear.score_tone(text, language))

    def explain(self, context: MentionContext) -> Reading:
        """The reading of one mention with a word for evidence: how far the score falls when the word is left out."""
        return left_out(self, context)

    def _combine(self, first: Reading, second: Reading) -> Reading:
        if first.probabilities is None or second.probabilities is None:
            return first
        return conclude(pool_of(self._pool, first.probabilities, second.probabilities), self._sure_from)


def pool_of(
    pool: Pool, own: Sequence[float] | NDArray[np.float64], linear: Sequence[float] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pooled probabilities of the same shape (… × 3), summing to 1 along the last axis."""
    logs = pool.own * np.log(np.maximum(own, _LEAST)) + pool.linear * np.log(np.maximum(linear, _LEAST))
    powers = np.exp(logs - logs.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
