"""Sentences that say again what the article has said: a title repeated as the first line, a pull quote, a teaser."""

import re
from typing import Final

from service.sentiment.scorer import MentionContext

EDGE: Final = 8  # words that a near copy shares with its first, from the beginning or up to the end
MORE: Final = 2  # words that one of the two has more at the other end: “Read more:”, “ – Reuters”
_WORD: Final = re.compile(r"[+\-−]?\d+|[^\W\d_]+")  # a sign counts where a number follows

_Words = tuple[str, ...]


class Repeats:
    """Remembers the mentions of one text and knows each further one that is said in the same words.

    The same words: equal but for case and marks; or of `EDGE` words and more one begins or ends with all of the other
    and has at most `MORE` besides. Any other difference, a figure or a “not”, is another sentence. One look-up each,
    so that an endless page costs linear time.
    """

    def __init__(self) -> None:
        self._firsts: dict[tuple[str, int, str, _Words], tuple[MentionContext, _Words]] = {}

    def first(self, target: str, context: MentionContext) -> MentionContext | None:
        """The context read before that `context` repeats toward `target`; None for a new one, which is remembered."""
        words = tuple(_WORD.findall(context.text.casefold())) or (context.text,)
        place = sum(span < context.span for span in context.same)  # of several mentions in a sentence, which one
        keys = [(target, place, "whole", words)]
        if len(words) >= EDGE:
            keys += [(target, place, "head", words[:EDGE]), (target, place, "tail", words[-EDGE:])]
        for key in keys:
            known = self._firsts.get(key)
            if known is not None and _is_near(words, known[1]):
                return known[0]
        for key in keys:
            self._firsts.setdefault(key, (context, words))
        return None


def _is_near(one: _Words, other: _Words) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > MORE:
        return False
    return longer[: len(shorter)] == shorter or longer[len(longer) - len(shorter) :] == shorter
