"""How much an article is about a target: 0 (in passing) to 100 (what the story is about), with the reasons as codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.sentiment.score import Mention, MentionForm

Span = tuple[int, int]

_TITLE, _LEAD, _STANDING, _COUNT, _SUBJECT = 40, 20, 20, 12, 8  # points; together 100
_PASSING: Final = 20  # at most, for one mention outside title and lead
_OFTEN: Final = 6.0  # mentions that are many, in a text with as many sentences
_OPENING: Final = 24  # code points from the start of a sentence within which its subject stands


@dataclass(frozen=True, slots=True)
class Layout:
    """What counts in an article: its title and lead (first two sentences of the body), either may be missing; its
    number of sentences and where they start; the weight (`weigh`) of all mentions, and of the target with most.
    """

    title: Span | None
    lead: Span | None
    openings: frozenset[int]
    total: float
    heaviest: float


def rate(mentions: Sequence[Mention], layout: Layout) -> tuple[int, tuple[str, ...]]:
    """Relevance 0–100 of the target these `mentions` (at least one) belong to, and what it came from.

    Points: in the title 40, in the lead 20 (without the one, the other counts for both), weight beside that of the
    target with most 20, number of mentions 12, opening sentences 8. Pronouns count half. One mention elsewhere: at
    most 20. Codes: `in_title`, `in_lead`, `share_N` (% of all mentions), `mentions_N`, `opens_sentence`, `passing`.
    """
    own = weigh(mentions)
    points, reasons = 0.0, []
    for span, other, worth, code in (
        (layout.title, layout.lead, _TITLE, "in_title"),
        (layout.lead, layout.title, _LEAD, "in_lead"),
    ):
        if span is not None and any(span[0] <= mention.start < span[1] for mention in mentions):
            points += worth if other is not None else _TITLE + _LEAD
            reasons.append(code)
    is_passing = not reasons and len(mentions) == 1
    reasons += [f"share_{round(100 * own / max(layout.total, own))}", f"mentions_{len(mentions)}"]
    points += _STANDING * own / max(layout.heaviest, own)
    points += _COUNT * min(1.0, own / min(_OFTEN, max(len(layout.openings), 1)))
    opening = sum(not layout.openings.isdisjoint(_openings_near(mention)) for mention in mentions)
    if opening:
        points += _SUBJECT * opening / len(mentions)
        reasons.append("opens_sentence")
    if is_passing:
        points = min(points, _PASSING)
        reasons.append("passing")
    return max(1, min(100, round(points))), tuple(reasons)


def weigh(mentions: Sequence[Mention]) -> float:
    """How many mentions these are worth: a name or title 1, a pronoun ½."""
    return sum(0.5 if mention.form is MentionForm.PRONOUN else 1.0 for mention in mentions)


def _openings_near(mention: Mention) -> range:
    return range(max(mention.start - _OPENING, 0), mention.start + 1)
