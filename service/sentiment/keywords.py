"""A cheap test of single words that spares a text the search for whole phrases.

phrases with `*` ─▶ of each the word that fewest phrases share ─▶ KeyWords: a text without any of them has no phrase
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

_PART: Final = re.compile(r"[\w*]+")
_SHORT: Final = 3  # letters: “the”, “to”, “van” stand in every text


@dataclass(frozen=True, slots=True)
class KeyWords:
    """Words in small letters; of those with a `*` only what is known: how they begin, how they end, what is inside."""

    whole: frozenset[str]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    middles: tuple[str, ...]

    def may_hold(self, word: str) -> bool:
        """Whether `word` (small letters) may be one of them; true of some that are not, false of none that are."""
        return (
            word in self.whole
            or word.startswith(self.heads)
            or word.endswith(self.tails)
            or any(middle in word for middle in self.middles)
        )

    def __or__(self, other: "KeyWords") -> "KeyWords":
        return KeyWords(
            self.whole | other.whole,
            self.heads + other.heads,
            self.tails + other.tails,
            self.middles + other.middles,
        )


NONE: Final = KeyWords(frozenset(), (), (), ())


def choose(phrases: Iterable[str], among: Collection[str]) -> KeyWords:
    """Of each of `phrases` one word: no short one if it can be helped, then one the fewest phrases of `among` hold."""
    held = Counter(part for phrase in among for part in _PART.findall(phrase))
    words = {
        min(_PART.findall(phrase), key=lambda part: (len(part) <= _SHORT, held[part], -len(part))) for phrase in phrases
    }
    starred = sorted(word for word in words if "*" in word)
    return KeyWords(
        frozenset(word for word in words if "*" not in word),
        tuple(word.partition("*")[0] for word in starred if word[0] != "*"),
        tuple(word.rpartition("*")[2] for word in starred if word[0] == "*" != word[-1]),
        tuple(word.strip("*") for word in starred if word[0] == "*" == word[-1]),
    )
