"""Markdown's pieces: tables, and text from outside made plain."""

import re
from collections.abc import Iterable, Sequence

Section = tuple[str, list[str]]
"""A section's title, without its number, and its lines."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; cells are taken as they are: escape what came from outside first."""
    return [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *(f"| {' | '.join(row)} |" for row in rows)]


def escape(text: str) -> str:
    """`text` on one line, with every character that could become Markdown or HTML made plain."""
    return re.sub(r"([\\`*_{}\[\]()#|<>~!&])", r"\\\1", " ".join(text.split()))
