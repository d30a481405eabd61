"""What an editor changed between two texts of an article: word by word, how much, and of what kind."""

import difflib
import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.news.stories.facts import find_facts
from service.news.stories.numbers import NUMBER, read_number

_LEVELS: Final = (
    re.compile(r"[^\n]*\n?"),
    re.compile(r".+?(?:[.!?]+[\s”\"’)]+|\Z)", re.DOTALL),
    re.compile(r"\s+|\S+"),
)
_MOST_PARTS: Final = (20_000, 20_000, 4_000)  # of lines, sentences, words on either side that are held beside another
_NUMBER: Final = re.compile(NUMBER, re.IGNORECASE)
_MARKER: Final = re.compile(
    r"(?:^|\n)\W*(correction|corrected|clarification|editor.s note|updated?|correctie|rectificatie|verbetering|"
    r"aanvulling|noot van de redactie)\b[^\w\n]*[:(—–-]",
    re.IGNORECASE,
)


class EditKind(enum.Enum):
    """What an edit touches."""

    HEADLINE = "headline"
    CORRECTION = "correction"  # the text says that it was corrected
    UPDATE = "update"  # the text says that it was updated or added to
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that both texts have (`before` and `after` are equal), or that one has where the other has another."""

    before: str
    after: str

    @property
    def is_equal(self) -> bool:
        """Whether nothing was changed here."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Difference:
    """Title and text side by side, `share` 0–1 of their words changed, and `kinds` of the edit in order of `EditKind`.

    `numbers` and `names` are pairs of what stood there and what stands there now.
    """

    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    share: float
    kinds: tuple[EditKind, ...]
    numbers: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of two texts, in order: put together they are the texts.

    Lines are held side by side first, in those that differ sentences, in these words (`difflib`). Where a changed
    stretch has more parts than could be compared in a second, it is one piece.
    """
    joined: list[Piece] = []
    for piece in _compare(before, after, 0):
        if joined and joined[-1].is_equal == piece.is_equal:
            last = joined.pop()
            piece = Piece(last.before + piece.before, last.after + piece.after)  # noqa: PLW2901 - grown until it ends
        joined.append(piece)
    return tuple(joined)


def _compare(before: str, after: str, level: int) -> Iterator[Piece]:
    if before == after or level == len(_LEVELS) or not before or not after:
        if before or after:
            yield Piece(before, after)
        return
    old, new = ([part for part in _LEVELS[level].findall(text) if part] for text in (before, after))
    start = _count_equal(old, new)
    end = _count_equal(old[start:][::-1], new[start:][::-1])
    if start:
        yield Piece(*("".join(old[:start]),) * 2)
    yield from _compare_parts(old[start : len(old) - end], new[start : len(new) - end], level)
    if end:
        yield Piece(*("".join(old[len(old) - end :]),) * 2)


def _compare_parts(old: Sequence[str], new: Sequence[str], level: int) -> Iterator[Piece]:
    if max(len(old), len(new)) > _MOST_PARTS[level]:
        yield Piece("".join(old), "".join(new))
        return
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new).get_opcodes():
        one, other = "".join(old[i1:i2]), "".join(new[j1:j2])
        if tag == "replace":
            yield from _compare(one, other, level + 1)
        else:
            yield Piece(one, other)


def _count_equal(old: Sequence[str], new: Sequence[str]) -> int:
    """How many parts both begin with."""
    places = range(min(len(old), len(new)))
    return next((place for place in places if old[place] != new[place]), len(places))


def compare(before: tuple[str, str], after: tuple[str, str], language: str) -> Difference:
    """What changed from one (title, text) to another; `language` decides what the comma means in a number."""
    title, text = compare_words(before[0], after[0]), compare_words(before[1], after[1])
    changed = [piece for piece in (*title, *text) if not piece.is_equal]
    numbers = tuple(dict.fromkeys(pair for piece in changed if (pair := _pair_numbers(piece, language))))
    names = _pair_names(before[1], after[1], changed, language)
    kinds = {
        EditKind.HEADLINE: before[0] != after[0],
        EditKind.CORRECTION: any(not word.startswith(("update", "aanv")) for word in _find_markers(before, after)),
        EditKind.UPDATE: any(word.startswith(("update", "aanv")) for word in _find_markers(before, after)),
        EditKind.NUMBER: bool(numbers),
        EditKind.NAME: bool(names),
    }
    return Difference(
        title, text, _measure_share(text), tuple(kind for kind, holds in kinds.items() if holds), numbers, names
    )


def _measure_share(pieces: Sequence[Piece]) -> float:
    """Words changed, of those of the longer text; a word that became another is one."""
    touched = sum(max(len(one.before.split()), len(one.after.split())) for one in pieces if not one.is_equal)
    kept = sum(len(one.after.split()) for one in pieces if one.is_equal)
    return touched / max(1, touched + kept)


def _find_markers(before: tuple[str, str], after: tuple[str, str]) -> set[str]:
    """The markers that are there now and were not."""
    there, now = ({found.casefold() for found in _MARKER.findall("\n".join(told))} for told in (before, after))
    return now - there


def _pair_numbers(piece: Piece, language: str) -> tuple[str, str] | None:
    there, now = (
        [read_number(found, language) for found in _NUMBER.findall(told)] for told in (piece.before, piece.after)
    )
    return (" ".join(there), " ".join(now)) if there and now and there != now else None


def _pair_names(before: str, after: str, changed: Sequence[Piece], language: str) -> tuple[tuple[str, str], ...]:
    """Names that stood in a changed piece and no longer anywhere, beside those that are new there."""
    old, new = find_facts(before, language).names, find_facts(after, language).names
    pairs = []
    for piece in changed:
        there, now = (
            [word for word in re.findall(r"[^\W\d_][\w’'-]*", told) if word.casefold() in fresh]
            for told, fresh in ((piece.before, old - new), (piece.after, new - old))
        )
        if there and now:
            pairs.append((" ".join(there), " ".join(now)))
    return tuple(dict.fromkeys(pairs))
