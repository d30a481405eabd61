"""From logits to readings, and which mentions are not worth asking a network about: shared by all that ask one."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, Scorer, State

UNSUPPORTED: Final = Reading(State.UNSUPPORTED_LANGUAGE, None, None)
NO_SIGNAL: Final = Reading(State.NO_SIGNAL, None, Label.NEUTRAL)
DECIMALS: Final = 6  # of a probability: the last bits of a float depend on what else was in the batch

_WORD: Final = re.compile(r"\w+(?:['’.\-]\w+)*%?")

Span = tuple[int, int]


def words(text: str) -> list[Span]:
    """Where the words of `text` stand."""
    return [found.span() for found in _WORD.finditer(text)]


def touches(span: Span, others: Sequence[Span]) -> bool:
    """Whether `span` shares a character with any of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def decline(context: MentionContext, languages: frozenset[str]) -> Reading | None:
    """The reading of a mention that needs no network: another language, or no word but the mention; else None."""
    if context.language not in languages:
        return UNSUPPORTED
    own = (context.span, *context.same)
    return None if any(not touches(span, own) for span in words(context.text)) else NO_SIGNAL


def softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities (rows × classes) of logits divided by `temperature`."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def conclude(shares: NDArray[np.float64], sure_from: float = 0.0) -> Reading:
    """The reading of one row of probabilities (negative, neutral, positive); below `sure_from` it is not sure."""
    negative, neutral, positive = (round(float(share), DECIMALS) for share in shares)
    probabilities = (negative, neutral, positive)
    return Reading(
        State.SCORED,
        round(positive - negative, DECIMALS),
        tuple(Label)[probabilities.index(max(probabilities))],
        probabilities=probabilities,
        is_sure=max(probabilities) >= sure_from,
    )


def left_out(scorer: Scorer, context: MentionContext) -> Reading:
    """The reading of one mention with a word for evidence: how far the score falls when the word is left out.

    `weight` is score − score without the word (−2…2, rule `left_out`); weights do not add up to the score.
    """
    omitted = [span for span in words(context.text) if not touches(span, (context.span, *context.same))]
    whole, *rest = scorer.score_mentions([context, *(_without(context, span) for span in omitted)])
    if whole.score is None:
        return whole
    evidence = tuple(
        Evidence(context.text[start:end], start, end, round(whole.score - (one.score or 0.0), DECIMALS), "left_out")
        for (start, end), one in zip(omitted, rest, strict=True)
    )
    return replace(whole, evidence=evidence)


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
