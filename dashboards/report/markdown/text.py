"""Markdown's pieces: tables, and text from outside made plain."""

import re
from collections.abc import Iterable, Sequence

from dashboards.report.words import Words

Section = tuple[str, list[str]]
"""A section's title, without its number, and its lines."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; cells are taken as they are: escape what came from outside first."""
    return [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *(f"| {' | '.join(row)} |" for row in rows)]


def escape(text: str) -> str:
    """`text` on one line, with every character that could become Markdown or HTML made plain."""
    return re.sub(r"([\\`*_{}\[\]()#|<>~!&])", r"\\\1", re.sub(r"[^\S\u202f]+", " ", text).strip())


def tell(words: Words, sentence: str) -> str:
    """A sentence made elsewhere, in the language of `words` where it has one for it, escaped."""
    return escape(words.retell(sentence))
