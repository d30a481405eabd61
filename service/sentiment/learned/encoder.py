"""The encoder scorers: a small transformer that reads the sentence with its target marked.

mention: contexts ─▶ marking.mark ─▶ distinct inputs ─▶ Network.logits ─▶ softmax(logits / temperature) ─▶ Reading
tone:    text ─▶ sentences ─▶ the same, each sentence its own target ─▶ mean weighted by length ─▶ Reading
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.news import sentences
from service.sentiment.learned.card import Card, read_card, version_of
from service.sentiment.learned.marking import Marked, mark
from service.sentiment.learned.models import open_model
from service.sentiment.learned.network import Network
from service.sentiment.learned.outcomes import (
    DECIMALS,
    NO_SIGNAL,
    UNSUPPORTED,
    Span,
    conclude,
    decline,
    softmax,
    touches,
    words,
)
from service.sentiment.scorer import Evidence, MentionContext, Reading

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
        omitted = [span for span in words(context.text) if not touches(span, (context.span, *context.same))]
        whole, *rest = self.score_mentions([context, *(_without(context, span) for span in omitted)])
        if whole.score is None:
            return whole
        evidence = tuple(
            Evidence(context.text[start:end], start, end, round(whole.score - (one.score or 0.0), DECIMALS), "left_out")
            for (start, end), one in zip(omitted, rest, strict=True)
        )
        return replace(whole, evidence=evidence)

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


def _without(context: MentionContext, word: Span) -> MentionContext:
    """The context with `word`, which touches none of its mentions, cut out."""
    start, end = word

    def move(span: Span) -> Span:
        return (span[0] - (end - start), span[1] - (end - start)) if span[0] >= end else span

    return MentionContext(
        context.text[:start] + context.text[end:],
        move(context.span),
        context.language,
        tuple(move(span) for span in context.same),
    )


def build(name: str, root: Traversable | None = None) -> EncoderScorer:
    """The scorer over the packaged model `name`, or the one under `root`. Raises `ModelFailed`."""
    model = open_model(name, root)
    card = read_card(model)
    return EncoderScorer(card, version_of(card, model, READING), lambda: Network(model, card.alphabet))
