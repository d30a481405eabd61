"""What is kept of a text to hold it beside others: its runs of words, its facts, and the keys it is found under."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.news.stories import keys
from service.news.stories.facts import Facts, find_facts, find_telling
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


@dataclass(frozen=True, eq=False)
class Print:
    """`told`, its folded `words` in order, the hashes of their runs of three in order (`runs`) and each once, rising
    (`shingles`), and what is `telling` in it; `plain` are its keys apart from time. Facts are found when asked for.
    """

    told: StoryText
    words: tuple[str, ...]
    title_words: tuple[str, ...]
    runs: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    telling: frozenset[str]
    plain: NDArray[np.uint64]

    @cached_property
    def facts(self) -> Facts:
        """Of title and text."""
        return find_facts(self.told.text, self.told.language)

    @cached_property
    def title_facts(self) -> Facts:
        """Of the title alone."""
        return find_facts(self.told.title, self.told.language)

    @cached_property
    def keys(self) -> list[int]:
        """Under which the text is found."""
        return keys.place_in_time(self.plain, self.told.available_at)

    @cached_property
    def wanted(self) -> list[int]:
        """Under which earlier texts of `keys.PERIOD` lie: those of its own period and of the one before."""
        return keys.place_in_time(self.plain, self.told.available_at - keys.PERIOD) + self.keys


def take(told: StoryText) -> Print:
    """The print of a text. Linear in its length, of which `words.LONGEST` words are looked at."""
    words, title_words = fold_words(told.text), fold_words(told.title)
    runs = hash_runs(words)
    shingles = np.unique(runs)
    telling = find_telling(told.text, told.language)
    plain = keys.find_plain(words, title_words, telling, shingles)
    return Print(told, tuple(words), tuple(title_words), runs, shingles, telling, plain)
