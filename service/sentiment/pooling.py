"""From mentions to one figure: state, score, label, probabilities, and an interval that is as wide as it has to be.

readings of one target ─▶ plain mean of P(pos) − P(neg) ─▶ score
                       └▶ mean variance, widened by how alike the errors inside an article are ─▶ interval
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from service.sentiment.scorer import Label, Reading, State

LABEL_AT: Final = 0.1  # a mean over mentions of unlike labels is positive from here up, negative from its opposite down
NORMAL: Final = 1.6449  # standard deviations either side that hold 90 % of a normal distribution
LIKENESS: Final = 0.19  # correlation of the errors of two mentions in one article: benchmarks/articles.py, 2,000 drawn

Probabilities = tuple[float, float, float]
_NOTHING: Final[Probabilities] = (0.0, 1.0, 0.0)  # how a mention without signal counts beside scored ones


@dataclass(frozen=True, slots=True)
class Pooled:
    """What the mentions of one target say together.

    `score` −1…1, None unless SCORED; `label` as in `Reading`. `probabilities` (negative, neutral, positive) sum to 1;
    `interval` (low, high), within −1…1, is meant to hold the mean of readers' own labels in nine articles of ten. Both
    are None where the score is, or where a scored mention comes without probabilities. The interval holds the score
    and shrinks with more mentions of the same kind.
    """

    state: State
    score: float | None
    label: Label | None
    probabilities: Probabilities | None = None
    interval: tuple[float, float] | None = None


def combine(readings: Sequence[Reading]) -> Pooled:
    """One figure of a target's mentions (at least one reading).

    The plain mean, a mention without signal counting as 0 once any is scored: neutrals are never dropped and extremes
    never taken, which correlates best with readers' own view of a text. No mention scored: NO_SIGNAL, and no figure.
    """
    scored = [reading for reading in readings if reading.score is not None]
    if not scored:
        return Pooled(State.NO_SIGNAL, None, Label.NEUTRAL)
    score = sum(reading.score or 0.0 for reading in readings) / len(readings)
    known = [reading.probabilities for reading in scored if reading.probabilities is not None]
    if len(known) < len(scored):
        return Pooled(State.SCORED, score, _label(score, readings))
    means = _mean([*known, *[_NOTHING] * (len(readings) - len(scored))])
    width = NORMAL * _spread(known, len(readings))
    interval = (max(-1.0, score - width), min(1.0, score + width))
    return Pooled(State.SCORED, score, _label(score, readings, means), means, interval)


def _spread(known: Sequence[Probabilities], count: int) -> float:
    """Standard deviation of the mean of `count` labels about the mean of their scores.

    A label of −1, 0, 1 has the variance E[x²] − E[x]² = P(neg) + P(pos) − score². The errors of an article's mentions
    are alike (one mood, one topic), so their mean has mean variance × (1 + (count − 1) × LIKENESS) / count: the design
    effect of a clustered sample (Kish 1965, section 5.4). Mentions without signal take the others' mean variance.
    """
    variances = [max(0.0, negative + positive - (positive - negative) ** 2) for negative, _, positive in known]
    return sqrt(sum(variances) / len(variances) * (1 + (count - 1) * LIKENESS) / count)


def _mean(known: Sequence[Probabilities]) -> Probabilities:
    negative, neutral, positive = (sum(column) / len(known) for column in zip(*known, strict=True))
    return negative, neutral, positive


def _label(score: float, readings: Sequence[Reading], means: Probabilities | None = None) -> Label:
    """The label all mentions agree on; else the likeliest by their mean probabilities; else by LABEL_AT."""
    labels = {reading.label for reading in readings}
    if len(labels) == 1 and (label := labels.pop()) is not None:
        return label
    if means is not None:
        return tuple(Label)[means.index(max(means))]
    if score >= LABEL_AT:
        return Label.POSITIVE
    return Label.NEGATIVE if score <= -LABEL_AT else Label.NEUTRAL
