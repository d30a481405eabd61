"""What stands between a sentence and its scores: the sentence cut into words, and its hits."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Literal

from service.sentiment.vocabulary import Entry, Term

Turn = Literal["active", "passive", "final"]


@dataclass(frozen=True, slots=True)
class Weights:
    """The tuned numbers (on training parts only); all are shares or factors without unit."""

    border: float = 0.5  # share that passes a clause border
    step: float = 0.97  # share that passes a word
    crossing: float = 0.6  # share that passes another target
    speaker: float = 0.3  # share that reaches who is only speaking
    doer: float = 0.4  # share of what follows that reaches who does something to another
    negation: float = -0.6
    modal: float = 0.7
    question: float = 0.6
    concession: float = 0.3  # “despite fears”


@dataclass(slots=True)
class Hit:
    """Words first…last with a valence; `factor` and `rules` gather what steers it while the sentence is read.

    `turn` tells whose valence is whose: active (subject before, object after), passive (the other way round),
    final (a verb at the end of its clause: the nearest before it is its object).
    """

    first: int
    last: int
    entry: Entry
    rules: list[str]
    factor: float = 1.0
    turn: Turn = "active"

    @property
    def is_moved(self) -> bool:
        """Whether the words before say more, less or none of it."""
        return "negated" in self.rules or "intensity" in self.rules

    def steer(self, factor: float, rule: str) -> None:
        """Multiply by a rule's factor and note the rule."""
        self.factor *= factor
        self.rules.append(rule)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text cut into words, with its hits and, per word, the sum of clause borders before it."""

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    terms: list[Term | None]
    borders: list[float] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    def words_of(self, start: int, end: int) -> tuple[int, int]:
        """First and last word that text[start:end] touches; the nearest one where it touches none."""
        first = min(bisect_right(self.ends, start), max(len(self.ends) - 1, 0))
        return first, max(bisect_left(self.starts, end) - 1, first)

    def plays(self, place: int, *roles: str) -> bool:
        """Whether the word at `place` exists and plays one of the roles."""
        if not 0 <= place < len(self.terms):
            return False
        term = self.terms[place]
        return term is not None and not term.roles.isdisjoint(roles)
