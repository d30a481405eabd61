"""A mention in its sentence as the token ids an encoder was trained on: the one way, for training and for reading.

The target and every other mention of it stand between two marker tokens; a whole text has no marker. The text is cut
at the marks and each piece tokenised alone, so nothing written in a text can pass for a marker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.sentiment.scorer import MentionContext

Span = tuple[int, int]


class Pieces(Protocol):
    """What is asked of a tokenizer: ids of many texts, without special tokens."""

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The special ids of one encoder, and the longest input it reads, in tokens."""

    begin: int
    end: int
    pad: int
    opening: int
    closing: int
    hidden: int
    longest: int = 160


@dataclass(frozen=True, slots=True)
class Marked:
    """`ids` of one input and the positions whose states are read: the opening markers, or the first token."""

    ids: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    is_target: bool


def mark(
    contexts: Iterable[MentionContext | str], tokenize: Pieces, alphabet: Alphabet, *, hide: bool = False
) -> list[Marked]:
    """The inputs of mentions and of whole texts (`str`), in order.

    With `hide` a placeholder stands for the target's name, so that only what is said of it counts. Inputs longer than
    the alphabet allows keep the tokens around the first mark.
    """
    divided = [_divide(context) for context in contexts]
    pieces = iter(tokenize([part.text for parts in divided for part in parts]))
    return [_join([(part, next(pieces)) for part in parts], alphabet, hide=hide) for parts in divided]


def _divide(context: MentionContext | str) -> list[_Part]:
    if isinstance(context, str):
        return [_Part(context, is_target=False)]
    parts = []
    place = 0
    for start, end in _apart(sorted({context.span, *context.same})):
        parts.append(_Part(context.text[place:start], is_target=False))
        parts.append(_Part(context.text[start:end], is_target=True))
        place = end
    parts.append(_Part(context.text[place:], is_target=False))
    return [part for part in parts if part.text]


def _apart(spans: Sequence[Span]) -> Iterable[Span]:
    """The spans that do not overlap an earlier one and hold something."""
    last = 0
    for start, end in spans:
        if last <= start < end:
            yield start, end
            last = end


def _join(parts: Sequence[tuple[_Part, list[int]]], alphabet: Alphabet, *, hide: bool) -> Marked:
    ids: list[int] = []
    opened: list[int] = []
    for part, own in parts:
        if part.is_target:
            opened.append(len(ids))
            ids += [alphabet.opening, *([alphabet.hidden] if hide else own), alphabet.closing]
        else:
            ids += own
    room = alphabet.longest - 2
    if len(ids) > room:
        first = opened[0] if opened else 0
        start = max(0, min(first - room // 2, len(ids) - room))
        ids = ids[start : start + room]
        opened = [place - start for place in opened if start <= place < start + room]
    places = tuple(place + 1 for place in opened) or (0,)
    return Marked((alphabet.begin, *ids, alphabet.end), places)
