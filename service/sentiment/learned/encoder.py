"""The encoder scorers: a small transformer that reads the sentence with its target marked.

mention: contexts ─▶ marking.mark ─▶ distinct inputs ─▶ Network.logits ─▶ softmax(logits / temperature) ─▶ Reading
tone:    text ─▶ sentences ─▶ the same, each sentence its own target ─▶ mean weighted by length ─▶ Reading
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.news.text import sentences
from service.sentiment.learned import linear
from service.sentiment.learned.card import Card, read_card, version_of
from service.sentiment.learned.marking import Marked, mark
from service.sentiment.learned.models import open_model
from service.sentiment.learned.network import Network
from service.sentiment.learned.outcomes import (
    NO_SIGNAL,
    UNSUPPORTED,
    conclude,
    decline,
    left_out,
    softmax,
    words,
)
from service.sentiment.learned.pooled import Pool, PooledScorer
from service.sentiment.scorer import MentionContext, Reading, Scorer

READING: Final = "1"  # version of how inputs are built and outputs read; raise it whenever either changes
MOST_SENTENCES: Final = 32  # of a text read for its tone: news says it early, and an endless page costs no more


class EncoderScorer:
    """Calibrated probabilities toward a mention; weights are opened at the first reading, not before.

    Readings carry no evidence: what an encoder finds is not a sum of words. `explain` asks it word by word.
    """

    def __init__(self, card: Card, version: str, open_network: Callable[[], Network]) -> None:
        self._card, self._version, self._open_network = card, version, open_network

    @property
    def name(self) -> str:
        """The name on the card."""
        return self._card.name

    @property
    def version(self) -> str:
        """Of card, weights, tokenizer and code; see `card.version_of`."""
        return self._version

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was trained and measured on."""
        return self._card.languages

    @property
    def pool(self) -> Pool | None:
        """How it is to be pooled with the linear scorer; None: it reads alone."""
        return self._card.pool

    @property
    def sure_from(self) -> float:
        """The least probability of a likeliest class that is sure."""
        return self._card.abstain_below

    @cached_property
    def _network(self) -> Network:
        return self._open_network()

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """What each sentence says of its mention; NO_SIGNAL where it holds no word but the mention.

        Inputs that are equal once marked are read once. Raises `ModelFailed` at the first reading where the weights
        cannot be used.
        """
        readings = [decline(context, self.languages) for context in contexts]
        asked = [at for at, reading in enumerate(readings) if reading is None]
        found = self._read(self._mark([contexts[at] for at in asked]))
        for at, row in zip(asked, found, strict=True):
            readings[at] = self._conclude(row)
        return [reading for reading in readings if reading is not None]

    def score_tone(self, text: str, language: str) -> Reading:
        """The mean of the probabilities of the first `MOST_SENTENCES` sentences, by their length in tokens.

        Sentence by sentence because single headlines and sentences are what the encoder learned from, and because the
        first 160 tokens alone would leave most of an article out.
        """
        if language not in self.languages:
            return UNSUPPORTED
        lines = [text[start:end] for start, end in sentences.split(text, language)]
        rows = self._mark([line for line in lines if words(line)][:MOST_SENTENCES])
        if not rows:
            return NO_SIGNAL
        return self._conclude(np.average(self._read(rows), axis=0, weights=[len(row.ids) for row in rows]))

    def explain(self, context: MentionContext) -> Reading:
        """The reading of one mention with a word for evidence: how far the score falls when the word is left out.

        `weight` is score − score without the word (−2…2, rule `left_out`); weights do not add up to the score. Costs
        one reading a word: for a page somebody looks at, not for bulk.
        """
        return left_out(self, context)

    def _mark(self, contexts: Sequence[MentionContext | str]) -> list[Marked]:
        return mark(contexts, self._network.tokenize, self._card.alphabet, hide=self._card.hide) if contexts else []

    def _read(self, rows: Sequence[Marked]) -> NDArray[np.float64]:
        """Calibrated probabilities (rows × 3)."""
        if not rows:
            return np.zeros((0, 3))
        distinct = {row: at for at, row in enumerate(dict.fromkeys(rows))}
        shares = softmax(self._network.logits(list(distinct)), self._card.temperature)
        return shares[[distinct[row] for row in rows]]

    def _conclude(self, shares: NDArray[np.float64]) -> Reading:
        return conclude(shares, self._card.abstain_below)


def build(name: str, root: Traversable | None = None) -> EncoderScorer:
    """The scorer over the packaged model `name`, or the one under `root`. Raises `ModelFailed`."""
    model = open_model(name, root)
    card = read_card(model)
    return EncoderScorer(card, version_of(card, model, READING), lambda: Network(model, card.alphabet))


def build_as_read(name: str, root: Traversable | None = None) -> Scorer:
    """The scorer as readers get it: `build`, pooled with the packaged linear one where the card says so."""
    alone = build(name, root)
    if alone.pool is None:
        return alone
    return PooledScorer(alone, linear.build(), alone.pool, alone.sure_from)
