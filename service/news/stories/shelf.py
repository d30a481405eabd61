"""Texts placed one after another beside those that came before: what the store holds of them, and the batch itself.

    keys of the batch ─▶ hits, members and texts from the store ─▶ Shelf ─ place, in order ─▶ Placed

What a text is told to be depends on the earlier texts alone, not on how they are split into batches.
"""

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from service.news.stories.clusters import Candidate, Placed, find_parent, place
from service.news.stories.matching import FindTargets
from service.news.stories.prints import Print

MOST_COMPARED = 12
"""Earlier texts that are held beside a text: those with the most keys in common, of equals the latest."""

Order = tuple[dt.datetime, str, int]
"""When a text could be known, the key of its article and its number: what comes before what."""


@dataclass(frozen=True, slots=True)
class Member:
    """A text in its story: the key of the article that told it first."""

    order: Order
    story: str


@dataclass(slots=True)
class Shelf:
    """Earlier texts by row id of their revision: `members`, `prints` of those that may be compared, and `by_key`.

    `orders` are those of all texts of a story, rising, for every story of a member.
    """

    find_targets: FindTargets
    members: dict[int, Member] = field(default_factory=dict)
    prints: dict[int, Print] = field(default_factory=dict)
    by_key: dict[int, list[int]] = field(default_factory=dict)
    of_article: dict[str, list[int]] = field(default_factory=dict)
    orders: dict[str, list[Order]] = field(default_factory=dict)

    def add(self, revision: int, member: Member, keys: Iterable[int]) -> None:
        """Put a text where later ones find it."""
        self.members[revision] = member
        self.of_article.setdefault(member.order[1], []).append(revision)
        for key in keys:
            self.by_key.setdefault(key, []).append(revision)

    def choose(self, taken: Print) -> list[int]:
        """The earlier texts to hold beside this one: the last of its own article, and the nearest by keys."""
        order = taken.told.order
        shared = Counter(text for key in taken.wanted for text in self.by_key.get(key, ()))
        shared.pop(taken.told.revision, None)
        earlier = [text for text in shared if self.members[text].order < order]
        earlier.sort(key=lambda text: self.members[text].order, reverse=True)
        earlier.sort(key=lambda text: -shared[text])
        own = [text for text in self.of_article.get(taken.told.article, ()) if self.members[text].order < order]
        last = sorted(own, key=lambda text: self.members[text].order)[-1:]
        return list(dict.fromkeys((*last, *earlier[:MOST_COMPARED])))

    def place(self, taken: Print) -> Placed:
        """Tell in which story a text is, and put it there. The prints of what `choose` names have to be at hand."""
        earlier = [Candidate(self.prints[text], self.members[text].story) for text in self.choose(taken)]
        parent = find_parent(taken, earlier, self.find_targets)
        order = taken.told.order
        held = self.orders.get(parent.found.story, []) if parent else []
        placed = place(taken, parent, earlier, bisect.bisect_left(held, order))
        bisect.insort(self.orders.setdefault(placed.story, []), order)
        self.prints[placed.revision] = taken
        self.add(placed.revision, Member(order, placed.story), taken.keys)
        return placed


def place_all(taken: Collection[Print], find_targets: FindTargets) -> Mapping[int, Placed]:
    """Place texts among one another, in the order in which they could be known; by row id of the revision."""
    shelf = Shelf(find_targets)
    return {one.told.revision: shelf.place(one) for one in sorted(taken, key=lambda one: one.told.order)}
