"""Which articles are copies of one text: agencies' stories come in under many names at once."""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import Origins

FEWEST_WORDS = 4
"""A title of fewer words ("Market wrap") is used again for other texts: there only the whole text tells."""

_WORDS = re.compile(r"\w+")


def code_texts(origins: Origins) -> NDArray[np.int64]:
    """A number per article, equal for copies: the same title, but for case, signs and spacing, or the same text.

    A copy is told by its own title alone, never through a third article: what is a copy of what does not change with
    news that comes later. Two texts of one title are copies; one text under two titles is not.
    """
    codes: dict[str, int] = {}
    names = map(_name_text, origins.title, origins.content_hash)
    return np.fromiter((codes.setdefault(name, len(codes)) for name in names), np.int64, len(origins.title))


def code_stories(origins: Origins) -> NDArray[np.int64]:
    """A number per article, equal for those of one story; one that is placed in none is alone."""
    codes: dict[str, int] = {}
    names = (story or f"#{place}" for place, story in enumerate(origins.story))
    return np.fromiter((codes.setdefault(name, len(codes)) for name in names), np.int64, len(origins.title))


def _name_text(title: str, content_hash: str) -> str:
    words = _WORDS.findall(unicodedata.normalize("NFKC", title).casefold())
    return " ".join(words) if len(words) >= FEWEST_WORDS else f"#{content_hash}"
