"""What a text tells that another wording or language keeps: numbers, days, names, quoted words, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.news.stories.numbers import DAYS, MONTHS, NUMBER, is_telling, read_number
from service.news.stories.words import fold_words

Slot = tuple[str, str, str, str]  # kind, side, and the two words there

_MARK: Final = rf"(?P<link>https?://[^\s<>\"')\]]+)|(?P<number>{NUMBER})"
_MARKED: Final = re.compile(_MARK, re.IGNORECASE)
_TOKEN: Final = re.compile(rf"{_MARK}|(?P<word>[^\W\d_][\w’'-]*)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[“\"„«]([^“”\"„«»\n]{20,400})[”\"»]")
_SENTENCE_END: Final = re.compile(r"(?:^|[.!?:\n\"“”„‘(])\s*$")
_FEWEST_QUOTED = 5  # words
_TITLE_CASE = 0.6  # of a line's words with capitals: then capitals name nothing in it
LONGEST = 120_000
"""Code points of a text in which facts are looked for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`numbers` that tell something, `days` of the week and months, and `names` (folded).

    `slots` say which values stand between which words: the two words before ("left") or after ("right") a number or
    day, or a name, and what is there.
    """

    numbers: frozenset[str]
    days: frozenset[str]
    names: frozenset[str]
    slots: dict[Slot, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # value, name, word, link
    text: str


def find_telling(text: str, language: str) -> frozenset[str]:
    """Telling numbers, quoted words and links of a text: what two texts on different events hardly have in common.

    The language decides what the comma means in a number. Quoted words begin with “, links with http.
    """
    text = text[:LONGEST]
    told = set()
    for match in _MARKED.finditer(text):
        value = _read_link(match["link"]) if match["link"] else read_number(match["number"], language)
        if match["link"] or is_telling(value):
            told.add(value)
    quoted = (fold_words(match[1]) for match in _QUOTED.finditer(text))
    return frozenset(told | {f"“{' '.join(words)}" for words in quoted if len(words) >= _FEWEST_QUOTED})


def _read_link(link: str) -> str:
    return link.casefold().split("?")[0].rstrip("/.,")


def find_facts(text: str, language: str) -> Facts:
    """The facts of a text in a language (it decides what the comma means in a number)."""
    tokens = [token for line in text[:LONGEST].split("\n") for token in _read_line(line, language)]
    slots: dict[Slot, set[str]] = {}
    words = [token.text for token in tokens]
    for place, token in enumerate(tokens):
        if token.kind not in ("value", "name"):
            continue
        for side, around in (("left", words[max(0, place - 2) : place]), ("right", words[place + 1 : place + 3])):
            if len(around) == 2:
                slots.setdefault((token.kind, side, around[0], around[1]), set()).add(_strip(token))
    values = {token.text for token in tokens if token.kind == "value"}
    return Facts(
        numbers=frozenset(value for value in values if not value.startswith("day ") and is_telling(value)),
        days=frozenset(value for value in values if value.startswith("day ")),
        names=frozenset(token.text for token in tokens if token.kind == "name"),
        slots={slot: frozenset(there) for slot, there in slots.items()},
    )


def _strip(token: _Token) -> str:
    """A value by its figures alone: an editor who leaves out "million" has not changed the number."""
    if token.kind == "name" or token.text.startswith("day "):
        return token.text
    return token.text.replace(".", "").strip("0%") or "0"


def _read_line(line: str, language: str) -> Iterator[_Token]:
    found = list(_TOKEN.finditer(line))
    words = [match for match in found if match["word"]]
    capitals = sum(match["word"][0].isupper() for match in words)
    names_tell = len(words) > 0 and capitals < _TITLE_CASE * len(words)
    for match in found:
        if match["link"]:
            yield _Token("link", _read_link(match["link"]))
        elif match["number"]:
            yield _Token("value", read_number(match["number"], language))
        else:
            yield _read_word(match, line, names_tell=names_tell)


def _read_word(match: re.Match[str], line: str, *, names_tell: bool) -> _Token:
    word = match["word"]
    folded = word.casefold().removesuffix("'s").removesuffix("’s")
    if folded in DAYS:
        return _Token("value", f"day {DAYS[folded]}")
    if folded in MONTHS and (names_tell or not word[0].isupper()):
        return _Token("value", f"day month {MONTHS[folded]}")
    is_acronym = len(word) > 1 and word.isupper()
    starts = (
        _SENTENCE_END.search(line[max(0, match.start() - 3) : match.start()]) is not None
        if word[0].isupper()
        else False
    )
    if names_tell and word[0].isupper() and len(word) > 1 and (is_acronym or not starts):
        return _Token("name", folded)
    return _Token("word", folded)
