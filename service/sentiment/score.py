"""The frozen results of scoring one article: a tone, and a score toward each target it mentions."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from service.sentiment.scorer import Evidence, Label, State


class TargetKind(enum.Enum):
    """What a target is."""

    ASSET = "asset"
    PERSON = "person"
    INSTITUTION = "institution"
    COUNTRY = "country"


class MentionForm(enum.Enum):
    """How a mention was recognised."""

    ALIAS = "alias"
    TICKER = "ticker"
    SURNAME = "surname"
    ROLE = "role"
    PRONOUN = "pronoun"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a target is spoken of: `text[start:end]`, code points of the article's text."""

    target: str  # catalogue key, or the literal name asked for
    start: int
    end: int
    form: MentionForm


@dataclass(frozen=True, slots=True)
class MentionScore:
    """The reading of one mention; evidence offsets index the article's text.

    `probabilities` (negative, neutral, positive) and `is_sure` as in `Reading`. `is_repeat`: its sentence says again
    what an earlier one said; it carries that one's reading, without evidence, and does not count a second time.
    """

    mention: Mention
    state: State
    score: float | None
    label: Label | None
    evidence: tuple[Evidence, ...]
    probabilities: tuple[float, float, float] | None = None
    is_sure: bool = True
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Article × target × scorer version.

    `score` −1…1 (None unless SCORED) is the plain mean over its counted mentions, those without signal as neutral;
    `relevance` 0–100; `reasons` say in codes what the relevance came from. `probabilities` (negative, neutral,
    positive; mean over the same) and `interval` (low, high: 90 %) as in `pooling.Pooled`, None where not calibrated.
    """

    target: str
    state: State
    score: float | None
    label: Label | None
    relevance: int
    reasons: tuple[str, ...]
    mentions: tuple[MentionScore, ...]
    probabilities: tuple[float, float, float] | None = None
    interval: tuple[float, float] | None = None

    @property
    def counted(self) -> tuple[MentionScore, ...]:
        """The mentions the score is the mean of: all but repeats."""
        return tuple(one for one in self.mentions if not one.is_repeat)

    @property
    def is_sure(self) -> bool:
        """Whether at least half of the counted mentions are; if not, the score is better not quoted alone."""
        return is_mostly_sure([one.is_sure for one in self.counted])


def is_mostly_sure(flags: Sequence[bool]) -> bool:
    """Whether at least half of them are; none at all are."""
    return 2 * sum(flags) >= len(flags)


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """Everything one scorer read in one article revision.

    `tone` is the whole (scored) text's; `scores` holds only targets with mentions: a target absent here while the
    article was read is `no_mention`.
    """

    scorer: str
    catalogue: str  # content hash of the target catalogue used
    language: str
    state: State
    tone: float | None
    scores: tuple[Score, ...]
