"""Sentences that know what they were made of, so that a page in another language can say them again."""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Number = Callable[[float, str], str]
"""Writes a number after a format specification, in the manner of a language."""


class Worded(str):
    """An English text together with the pattern and the values that made it; in every other respect its text."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, pattern: str, values: Mapping[str, Any]) -> "Worded":
        """Made by `word`."""
        made = super().__new__(cls, text)
        made.pattern, made.values = pattern, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Worded, (str(self), self.pattern, self.values)


def write_english(value: float, specification: str) -> str:
    """`value` after `specification`, the minus a real one."""
    return format(value, specification).replace("-", "−")


def word(pattern: str, **values: Any) -> Worded:
    """The sentence that `pattern` and `values` make in English; values may themselves be `Worded`.

    A field is written as `str.format` does, and `{name:C}` begins with a capital.
    """
    return Worded(fill(pattern, values), pattern, values)


def fill(pattern: str, values: Mapping[str, Any], write: Number = write_english) -> str:
    """`pattern` with its fields filled in; numbers are written by `write`, texts as they are."""
    return _Filler(write).vformat(pattern, (), values)


def join(separator: str, parts: Sequence[str]) -> Worded:
    """The parts one after the other, the separator between them."""
    names = [f"part{place}" for place in range(len(parts))]
    return word(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))


def chain(*sentences: str) -> Worded:
    """The sentences that say something, one after the other."""
    return join(" ", [sentence for sentence in sentences if sentence])


class _Filler(string.Formatter):
    def __init__(self, write: Number) -> None:
        self._write: Final = write

    def format_field(self, value: Any, specification: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._write(value, specification)
        text = str(value)
        return text[:1].upper() + text[1:] if specification == "C" else text
