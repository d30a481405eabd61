"""Which story a text is in, given the earlier texts it may be one with."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.news.stories.matching import FindTargets, Kind, match
from service.news.stories.novelty import measure_novelty
from service.news.stories.prints import Print

MOST_COMPARED = 12
"""Candidates that are held beside a text, those with the most keys in common first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier text, the story it is in, and how many keys the two have in common."""

    taken: Print
    story: str
    shared: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A text in its story.

    `story` is the key of the article that told it first. `parent` (key and number of a revision) is the earlier text
    it is nearest to, None for the first. `place` counts 1, 2 … over the texts of the story that came before it.
    """

    revision: int
    story: str
    kind: Kind
    parent: tuple[str, int] | None
    similarity: float
    place: int
    novelty: int


def find_parent(
    taken: Print, candidates: Sequence[Candidate], find_targets: FindTargets
) -> tuple[Candidate, Kind, float] | None:
    """The candidate whose story the text is in: an earlier text of its own article, else the nearest that matches.

    Candidates that did not come before it are left out; of equally near ones the earliest counts.
    """
    earlier = [one for one in candidates if one.taken.told.order < taken.told.order]
    own = [one for one in earlier if one.taken.told.article == taken.told.article]
    if own:
        last = max(own, key=lambda one: one.taken.told.order)
        return last, Kind.REVISION, 1.0
    found = []
    for one in choose_compared(earlier):
        matched = match(taken, one.taken, find_targets)
        if matched is not None:
            found.append((matched.kind is Kind.TRANSLATION, -matched.similarity, one.taken.told.order, one, matched))
    if not found:
        return None
    *_, nearest, matched = min(found, key=lambda each: each[:3])
    return nearest, matched.kind, matched.similarity


def choose_compared(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those with the most keys in common, the latest of equals first, at most `MOST_COMPARED`."""
    latest = sorted(candidates, key=lambda one: one.taken.told.order, reverse=True)
    return sorted(latest, key=lambda one: -one.shared)[:MOST_COMPARED]


def place(
    taken: Print,
    found: tuple[Candidate, Kind, float] | None,
    candidates: Sequence[Candidate],
    before: int,
) -> Placed:
    """Place a text beside its parent, or first of a story of its own; `before`: texts of that story before it."""
    told = taken.told
    if found is None:
        return Placed(told.revision, told.article, Kind.FIRST, None, 0.0, 1, 100)
    parent, kind, similarity = found
    of_story = [one.taken for one in candidates if one.story == parent.story and one.taken.told.order < told.order]
    novelty = measure_novelty(taken, of_story, kind, before + 1)
    its_parent = (parent.taken.told.article, parent.taken.told.number)
    return Placed(told.revision, parent.story, kind, its_parent, similarity, before + 1, novelty)
