"""What every scorer answers, whichever way it reads: the protocol and the values that pass through it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


class State(enum.Enum):
    """The four states; they are kept apart through series, API and charts. Missing is never zero."""

    SCORED = "scored"
    NO_SIGNAL = "no_signal"
    NO_MENTION = "no_mention"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class Label(enum.Enum):
    """The three classes a score falls into; the scorer owns the thresholds."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One word (or phrase) that moved a score.

    `start`/`end` index the text that was scored (code points); `weight` is its signed valence after `rule` was
    applied (same unit for all evidence of one scorer), so a reader can see which word, which weight, which rule, where.
    """

    word: str
    start: int
    end: int
    weight: float
    rule: str


@dataclass(frozen=True, slots=True)
class MentionContext:
    """One mention of a target in its sentence, as a scorer sees it.

    `text` is the sentence; `span` the mention scored; `same` other mentions of the same target in the sentence;
    `others` the mentions of other targets. Spans are [start, end) in code points of `text`.
    """

    text: str
    span: tuple[int, int]
    language: str
    same: tuple[tuple[int, int], ...] = ()
    others: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scorer says of one text or one mention.

    `state` is SCORED, NO_SIGNAL or UNSUPPORTED_LANGUAGE; `score` is −1…1 and None unless SCORED.
    `label` is None for UNSUPPORTED_LANGUAGE and NEUTRAL for NO_SIGNAL. `probabilities` (negative, neutral, positive)
    come from learned scorers only; ours are calibrated, those of a user's own model are as it gives them. `is_sure` is
    False where the likeliest of them stays below the scorer's own bar: such a reading counts in a mean, and is better
    not quoted alone.
    """

    state: State
    score: float | None
    label: Label | None
    evidence: tuple[Evidence, ...] = ()
    probabilities: tuple[float, float, float] | None = None
    is_sure: bool = True


class Scorer(Protocol):
    """Reads sentiment. Batch first, so that a learned scorer can sort and pack; results keep the input's order."""

    @property
    def name(self) -> str:
        """Stable name, e.g. `rules`."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever any output could change."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes it reads; anything else is UNSUPPORTED_LANGUAGE."""
        ...

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """The sentiment of each sentence toward the mention marked in it."""
        ...

    def score_tone(self, text: str, language: str) -> Reading:
        """The sentiment of a whole text, toward nothing in particular."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """What a scorer may do besides: name the words behind one reading, where that costs too much for bulk."""

    def explain(self, context: MentionContext) -> Reading:
        """The reading that `score_mentions` gives, with evidence."""
        ...


def identify(scorer: Scorer) -> str:
    """`name/version`, as stored with every score."""
    return f"{scorer.name}/{scorer.version}"
