"""How well and how fast a scorer reads one set."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.sets import Row
from service.sentiment.scorer import Label, MentionContext, Reading, Scorer, State

_BINS = 15
_CLASSES = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)  # the order of Reading.probabilities


@dataclass(frozen=True, slots=True)
class Measured:
    """`macro_f1` over the three classes and `accuracy`, 0–1; `error` is the calibration error (0–1), None for a scorer
    without probabilities; `speed` in mentions per second of processor time.
    """

    rows: int
    macro_f1: float
    accuracy: float
    error: float | None
    speed: float


def measure(scorer: Scorer, rows: Sequence[Row], *, is_tone: bool = False) -> Measured:
    """One scorer on one set, mentions or whole texts. A text it does not read (another language) counts as neutral."""
    contexts, gold = [context for context, _ in rows], [label for _, label in rows]
    read(scorer, contexts[:50], is_tone=is_tone)  # word lists and weights are loaded before the clock starts
    began = time.process_time()
    readings = read(scorer, contexts, is_tone=is_tone)
    seconds = time.process_time() - began
    found = [reading.label or Label.NEUTRAL for reading in readings]
    right = sum(left is right for left, right in zip(gold, found, strict=True))
    return Measured(
        len(rows), macro_f1(gold, found), right / len(rows), calibration_error(gold, readings), len(rows) / seconds
    )


def read(scorer: Scorer, contexts: Sequence[MentionContext], *, is_tone: bool = False) -> list[Reading]:
    """The readings of mentions, or of the whole texts."""
    if is_tone:
        return [scorer.score_tone(context.text, context.language) for context in contexts]
    return scorer.score_mentions(contexts)


def macro_f1(gold: Sequence[Label], found: Sequence[Label]) -> float:
    """The mean of the F1 of the three classes, 0–1; a class neither given nor found counts as 0."""
    scores = []
    for label in Label:
        hits = sum(left is right is label for left, right in zip(gold, found, strict=True))
        total = sum(one is label for one in gold) + sum(one is label for one in found)
        scores.append(2 * hits / total if total else 0.0)
    return sum(scores) / len(scores)


def calibration_error(gold: Sequence[Label], readings: Sequence[Reading]) -> float | None:
    """Expected calibration error of the likeliest class, 15 equal bins (Guo et al. 2017, section 2), 0–1.

    Readings without probabilities are left out; None where there are no others.
    """
    held = [
        (max(reading.probabilities), _CLASSES[int(np.argmax(reading.probabilities))] is label)
        for label, reading in zip(gold, readings, strict=True)
        if reading.state is State.SCORED and reading.probabilities is not None
    ]
    if not held:
        return None
    sure, right = (np.array(column, dtype=np.float64) for column in zip(*held, strict=True))
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs(sure[bins == each].sum() - right[bins == each].sum()) for each in range(_BINS)]
    return float(sum(gaps) / len(held))
