"""How far several scorers are apart about one target in one article: a figure of its own, never mixed into a score."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.sentiment.scorer import Label


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`lowest` and `highest` of the scores (−1…1) of `scorers` scorers (at least two); `spread` (0…2) between them.

    `signs_differ`: one says negative and another positive. Scores of different scorers are not on one scale, so read a
    spread beside other spreads of the same scorers; the signs can be read by themselves.
    """

    scorers: int
    lowest: float
    highest: float
    spread: float
    signs_differ: bool


def compare(scored: Sequence[tuple[float, Label]]) -> Disagreement | None:
    """The disagreement of scorers that each gave a score and its label; None for fewer than two: that is unknown."""
    if len(scored) < 2:
        return None
    values, labels = [value for value, _ in scored], {label for _, label in scored}
    lowest, highest = min(values), max(values)
    return Disagreement(len(scored), lowest, highest, highest - lowest, {Label.NEGATIVE, Label.POSITIVE} <= labels)
