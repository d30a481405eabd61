"""What is kept of a text to hold it beside others: its runs of words and its facts."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.news.stories.facts import Facts, find_facts
from service.news.stories.words import fold_words, hash_runs


@dataclass(frozen=True, slots=True)
class StoryText:
    """A revision of an article as stories are told from it.

    `article` is its key, `number` that of the revision, `revision` its row id; `text` holds the scored passages, the
    title among them. `available_at` is UTC.
    """

    revision: int
    article: str
    number: int
    source: str
    language: str
    available_at: dt.datetime
    title: str
    text: str

    @property
    def order(self) -> tuple[dt.datetime, str, int]:
        """What comes before what: by when it could be known, then key and number."""
        return self.available_at, self.article, self.number


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """`told`, its folded `words` in order, the hashes of their runs of three in order (`runs`) and each once, rising
    (`shingles`), and its facts; `title` likewise.
    """

    told: StoryText
    words: tuple[str, ...]
    runs: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    facts: Facts
    title_words: tuple[str, ...]
    title_facts: Facts


def take(told: StoryText) -> Print:
    """The print of a text. Linear in its length, of which `words.LONGEST` words are looked at."""
    words = fold_words(told.text)
    runs = hash_runs(words)
    return Print(
        told,
        tuple(words),
        runs,
        np.unique(runs),
        find_facts(told.text, told.language),
        tuple(fold_words(told.title)),
        find_facts(told.title, told.language),
    )
