"""From mentions in a text to what a scorer reads: the sentence of each, with its neighbours told apart."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.sentiment.repeats import Repeats
from service.sentiment.score import Mention, MentionForm, MentionScore
from service.sentiment.scorer import MentionContext, Reading

Span = tuple[int, int]
_LONGEST: Final = 1_200  # code points of a sentence read whole; of a longer one a part around the mention, so that
_AROUND: Final = 500  # a page without full stops costs linear time


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention and how a scorer sees it; `offset` is where the context begins in the text.

    `repeats` is the context of an earlier mention of the target that this one says again (see `repeats.Repeats`).
    """

    mention: Mention
    context: MentionContext
    offset: int
    repeats: MentionContext | None = None

    @property
    def read_as(self) -> MentionContext:
        """The context whose reading holds for this mention."""
        return self.repeats or self.context


def place(text: str, language: str, sentences: Sequence[Span], found: Sequence[Mention]) -> list[Placed]:
    """The mentions to be read, each in its sentence, in order; `sentences` and `found` are sorted.

    Left out: a pronoun whose target the same sentence names (it is among `same` there: reading the sentence for both
    would count it twice). A sentence met before with the same mention, in the same words, is marked as a repeat.
    """
    starts = [mention.start for mention in found]
    placed: list[Placed] = []
    known = Repeats()
    for start, end in sentences:
        group = found[bisect_left(starts, start) : bisect_left(starts, end)]
        named = {mention.target for mention in group if mention.form is not MentionForm.PRONOUN}
        for mention in group:
            if mention.form is MentionForm.PRONOUN and mention.target in named:
                continue
            one = _place_one(text, language, (start, end), mention, group)
            placed.append(replace(one, repeats=known.first(mention.target, one.context)))
    return placed


def _place_one(text: str, language: str, sentence: Span, mention: Mention, group: Sequence[Mention]) -> Placed:
    start, end = _window(text, (sentence[0], max(sentence[1], mention.end)), mention)
    same: list[Span] = []
    others: list[Span] = []
    for other in _within(group, start, end):
        if other is not mention:
            (same if other.target == mention.target else others).append((other.start - start, other.end - start))
    span = (mention.start - start, mention.end - start)
    return Placed(mention, MentionContext(text[start:end], span, language, tuple(same), tuple(others)), start)


def _window(text: str, sentence: Span, mention: Mention) -> Span:
    """The sentence, or of a very long one the words around the mention."""
    start, end = sentence
    if end - start <= _LONGEST:
        return sentence
    if mention.start - start > _AROUND:
        blank = text.find(" ", mention.start - _AROUND, mention.start)
        start = blank + 1 if blank >= 0 else mention.start
    if end - mention.end > _AROUND:
        blank = text.rfind(" ", mention.end, mention.end + _AROUND)
        end = blank if blank >= 0 else mention.end
    return start, end


def _within(group: Sequence[Mention], start: int, end: int) -> Iterator[Mention]:
    first = bisect_left(group, start, key=lambda mention: mention.start)
    last = bisect_right(group, end, key=lambda mention: mention.end)
    yield from group[first:last]


def rebase(placed: Placed, reading: Reading) -> MentionScore:
    """The reading of `placed.read_as` as one of the text: evidence offsets count from its start; a repeat has none."""
    is_repeat = placed.repeats is not None
    evidence = tuple(
        replace(one, start=one.start + placed.offset, end=one.end + placed.offset)
        for one in (() if is_repeat else reading.evidence)
    )
    told = (reading.state, reading.score, reading.label, evidence, reading.probabilities, reading.is_sure)
    return MentionScore(placed.mention, *told, is_repeat)
