"""A sentence with its names replaced by fixed words: what is learned from it cannot depend on who is named."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from service.sentiment.scorer import MentionContext

TARGET: Final = "Qarvo"  # capitalised and in no list, so that the rules read it as a name
OTHER: Final = "Qerva"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hidden:
    """`text` with fixed words for names; `own` and `others`: where the target and the other targets stand in it."""

    text: str
    own: tuple[Span, ...] = ()
    others: tuple[Span, ...] = ()
    _names: tuple[tuple[Span, Span], ...] = ()  # fixed word with the blank after it, and the name in the given text

    def back(self, span: Span) -> Span:
        """A word's place here as its place in the given text; a fixed word becomes the name it stands for."""
        at = bisect_right(self._names, span[0], key=lambda one: one[0][0]) - 1
        if at < 0:
            return span
        (_, end), given = self._names[at]
        if span[0] < end:
            return given
        move = given[1] - end
        return span[0] + move, span[1] + move


def hide(context: MentionContext) -> Hidden:
    """The context's sentence with names hidden; the mention scored comes first in `own`.

    Of names that overlap the first of these counts: the mention, other mentions of its target, other targets.
    """
    kept: dict[Span, str] = {context.span: TARGET}
    for span, word in [*((one, TARGET) for one in context.same), *((one, OTHER) for one in context.others)]:
        if span[0] < span[1] and all(span[1] <= start or end <= span[0] for start, end in kept):
            kept[span] = word
    text, place = "", 0
    moved: dict[Span, Span] = {}
    names: list[tuple[Span, Span]] = []
    for (start, end), word in sorted(kept.items()):
        text += context.text[place:start]
        text += " " if text[-1:].isalnum() else ""
        moved[start, end] = (len(text), len(text) + len(word))
        text += word + (" " if context.text[end : end + 1].isalnum() else "")
        names.append(((moved[start, end][0], len(text)), (start, end)))
        place = end
    own, others = (tuple(moved[span] for span, word in kept.items() if word == one) for one in (TARGET, OTHER))
    return Hidden(text + context.text[place:], own, others, tuple(names))
