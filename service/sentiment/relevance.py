"""How much an article is about a target: 0 (in passing) to 100 (what the story is about), with the reasons as codes."""

from collections.abc import Sequence

from service.sentiment.score import Mention, MentionForm

Span = tuple[int, int]

_TITLE, _LEAD, _SHARE, _COUNT, _SUBJECT = 40, 20, 20, 12, 8
_INDIRECT = frozenset({MentionForm.PRONOUN, MentionForm.ROLE})
_ENOUGH_MENTIONS = 6.0
_OPENING = 24  # code points from the start of a sentence within which its subject stands


def rate(
    mentions: Sequence[Mention], *, total: float, title: Span | None, lead: Span | None, sentences: Sequence[Span]
) -> tuple[int, tuple[str, ...]]:
    """Relevance of the target these `mentions` (at least one) belong to, and what it came from.

    `total` is the weight of all targets' mentions of the article (`weigh`); `title` and `lead` (first passage of body)
    and `sentences` are spans of its text. Points: title 40, lead 20, share of mentions 20, their number 12, opening a
    sentence 8; pronouns and titles of office count half.
    """
    own = weigh(mentions)
    points, reasons = 0.0, []
    for span, worth, code in ((title, _TITLE, "in_title"), (lead, _LEAD, "in_lead")):
        if span is not None and any(span[0] <= mention.start < span[1] for mention in mentions):
            points += worth
            reasons.append(code)
    share = own / total if total else 0.0
    points += _SHARE * share + _COUNT * min(1.0, own / _ENOUGH_MENTIONS)
    reasons += [f"share_{round(100 * share)}", f"mentions_{len(mentions)}"]
    opening = sum(any(start <= mention.start < start + _OPENING for start, _ in sentences) for mention in mentions)
    if opening:
        points += _SUBJECT * min(1.0, opening / len(mentions))
        reasons.append("opens_sentence")
    return max(1, min(100, round(points))), tuple(reasons)


def weigh(mentions: Sequence[Mention]) -> float:
    """How many mentions these are worth: a name 1, a pronoun or a title of office ½."""
    return sum(0.5 if mention.form in _INDIRECT else 1.0 for mention in mentions)
