"""Whether one text tells what an earlier one told: exact figures on both, precision before recall.

A text is a **copy** where enough of the shorter one's runs of three words stand in the other (containment, Broder 1997)
and what is told between equal words is equal: reports on one pattern ("Bitcoin rises to 64,000 on Monday") differ
there. It is a **translation** where the languages differ and numbers, quoted words, links and names agree.
"""

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.news.stories.facts import Facts
from service.news.stories.keys import PERIOD
from service.news.stories.prints import Print, StoryText

CONTAINED, CONTAINED_OF_FEW = 0.5, 0.68
"""The share of the shorter text's runs of words that has to stand in the longer one: of `MANY_RUNS` and more, and of
`FEWEST_RUNS`, where a formula under every text weighs more.
"""

CONTAINED_WITH_FACTS = 0.35
"""The same where what stands between equal words agrees `FEWEST_AGREED` times and nowhere differs, and where beginning,
middle and end of the shorter text each have `CONTAINED_THROUGHOUT`: what two notes of one company share is the end.
"""

CONTAINED_THROUGHOUT = 0.2
FEWEST_AGREED = 6
MANY_RUNS = 100
FEWEST_RUNS = 30
"""A shorter text is told by all its words."""

LEAST_SIZE = 0.3
"""The shorter text's share of the longer one's length: a digest that holds an article whole is not the article."""

EXCERPT = 0.8
"""The containment asked of a shorter one under the same title: a page that shows the beginning of an article."""

VALUES_PER_CHANGE, NAMES_PER_CHANGE = 30, 12
"""So many places have to agree for each one where a number or day, or a name, is another: an editor's correction."""

SHORT_PERIOD = dt.timedelta(hours=18)
"""How long a headline alone is one story: a daily one may have the same words tomorrow."""

TRANSLATED_PERIOD = dt.timedelta(hours=36)

FindTargets = Callable[[StoryText], frozenset[str]]
"""The keys of the catalogue's targets that a text names: the same in every language."""


class Kind(enum.Enum):
    """What a text is to the earlier one whose story it is in."""

    FIRST = "first"
    REVISION = "revision"
    COPY = "copy"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class Match:
    """`similarity` 0–1: the containment of a copy, the share of shared facts of a translation."""

    kind: Kind
    similarity: float


@dataclass(frozen=True, slots=True)
class Slots:
    """Between how many equal words the same stands in both texts, and something else: values and names apart."""

    agreed: int
    values_differ: int
    names_differ: int


def match(new: Print, old: Print, find_targets: FindTargets) -> Match | None:
    """What `new` is to `old`, which came before it; None where they are not told to be of one story."""
    apart = new.told.available_at - old.told.available_at
    if apart > PERIOD:
        return None
    if new.told.language != old.told.language and apart <= TRANSLATED_PERIOD:
        found = _match_translation(new, old, find_targets)
        if found is not None:
            return found
    if min(len(new.shingles), len(old.shingles)) < FEWEST_RUNS:
        return _match_short(new, old) if apart <= SHORT_PERIOD else None
    return _match_copy(new, old)


def contain(new: Print, old: Print) -> float:
    """The share of the shorter text's runs of words that stand in the other, 0–1."""
    shared = len(np.intersect1d(new.shingles, old.shingles, assume_unique=True))
    return shared / max(1, min(len(new.shingles), len(old.shingles)))


def _match_copy(new: Print, old: Print) -> Match | None:
    short, long = sorted((new, old), key=lambda one: len(one.shingles))
    contained = contain(new, old)
    if new.words == old.words:
        return Match(Kind.COPY, 1.0)
    if len(short.shingles) < LEAST_SIZE * len(long.shingles):
        is_excerpt = contained >= EXCERPT and len(short.title_words) >= 4 and short.title_words == long.title_words
        return Match(Kind.COPY, contained) if is_excerpt else None
    if contained < CONTAINED_WITH_FACTS or _is_pattern(new, old):
        return None
    if contained < _demand(len(short.shingles)) and not _is_backed(short, long):
        return None
    return Match(Kind.COPY, contained)


def _demand(runs: int) -> float:
    """The containment asked of a text of so many runs."""
    share = min(1.0, (runs - FEWEST_RUNS) / (MANY_RUNS - FEWEST_RUNS))
    return CONTAINED_OF_FEW + (CONTAINED - CONTAINED_OF_FEW) * share


def _is_pattern(new: Print, old: Print) -> bool:
    """Whether the two are filled in differently: between equal words stand other numbers, days or names."""
    slots = compare_slots(new.facts, old.facts)
    titles = compare_slots(new.title_facts, old.title_facts)
    return bool(
        titles.values_differ
        or slots.values_differ * VALUES_PER_CHANGE > slots.agreed
        or slots.names_differ * NAMES_PER_CHANGE > slots.agreed + NAMES_PER_CHANGE
    )


def _is_backed(short: Print, long: Print) -> bool:
    slots = compare_slots(short.facts, long.facts)
    if slots.agreed < FEWEST_AGREED or slots.values_differ or slots.names_differ:
        return False
    shares = (np.isin(part, long.shingles).mean() for part in np.array_split(short.runs, 3))
    return bool(min(shares) >= CONTAINED_THROUGHOUT)


def _match_short(new: Print, old: Print) -> Match | None:
    """The same words, or all of one within the other, which is little longer: an agency's name before a headline."""
    short, long = sorted((new.words, old.words), key=len)
    if len(short) < 4 or len(short) < 0.7 * len(long):
        return None
    width = len(short)
    if not any(long[start : start + width] == short for start in range(len(long) - width + 1)):
        return None
    if new.facts.numbers != old.facts.numbers or new.facts.days != old.facts.days:
        return None
    return Match(Kind.COPY, width / len(long))


def _match_translation(new: Print, old: Print, find_targets: FindTargets) -> Match | None:
    shared = new.telling & old.telling
    fewest = min(len(new.telling), len(old.telling))
    if len(shared) < 2 or len(shared) < 0.6 * fewest:
        return None
    days = new.facts.days, old.facts.days
    if all(days) and not days[0] & days[1]:
        return None
    titles = new.title_facts.numbers, old.title_facts.numbers
    if all(titles) and not titles[0] & titles[1]:
        return None
    names = _share_names(new, old, find_targets)
    if names < (0.3 if len(shared) >= 3 else 0.5):
        return None
    return Match(Kind.TRANSLATION, len(shared) / fewest)


def _share_names(new: Print, old: Print, find_targets: FindTargets) -> float:
    """The share of the names of the text with fewer that the other has; 0 where not two are shared."""
    ours = new.facts.names | find_targets(new.told)
    theirs = old.facts.names | find_targets(old.told)
    shared = len(ours & theirs)
    return shared / min(len(ours), len(theirs)) if shared >= 2 else 0.0


def compare_slots(ours: Facts, theirs: Facts) -> Slots:
    """Hold what stands between the same words in two texts side by side."""
    agreed = values = names = 0
    small, large = sorted((ours.slots, theirs.slots), key=len)
    for slot, there in small.items():
        other = large.get(slot)
        if other is None:
            continue
        if there & other:
            agreed += 1
        elif slot[0] == "value":
            values += 1
        else:
            names += 1
    return Slots(agreed, values, names)
