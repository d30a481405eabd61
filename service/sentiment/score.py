"""The frozen results of scoring one article: a tone, and a score toward each target it mentions."""

import enum
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
    """The reading of one mention; evidence offsets index the article's text."""

    mention: Mention
    state: State
    score: float | None
    label: Label | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Article × target × scorer version.

    `score` −1…1 (None unless SCORED) is the plain mean over its mentions, unread ones counting as neutral;
    `relevance` 0–100; `reasons` say in codes what the relevance came from.
    """

    target: str
    state: State
    score: float | None
    label: Label | None
    relevance: int
    reasons: tuple[str, ...]
    mentions: tuple[MentionScore, ...]


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
