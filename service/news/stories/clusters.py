"""Which story a text is in, given the earlier texts it may be one with."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.news.stories.matching import FindTargets, Kind, match
from service.news.stories.novelty import measure_novelty
from service.news.stories.prints import Print


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An earlier text and the story it is in."""

    taken: Print
    story: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A text (row id of its revision) in its story.

    `story` is the key of the article that told it first. `parent` (key and number of a revision) is the earlier text
    it is nearest to, None for the first. `place` is 1 for the first, then one more for each text of the story that came
    before. `similarity` as in `matching.Match`; 1 to an earlier revision of its own article, 0 for the first.
    """

    revision: int
    story: str
    kind: Kind
    parent: tuple[str, int] | None
    similarity: float
    place: int
    novelty: int


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """The earlier text whose story another is in, and what it is to it."""

    found: Candidate
    kind: Kind
    similarity: float


def find_parent(taken: Print, earlier: Sequence[Candidate], find_targets: FindTargets) -> Parent | None:
    """The last earlier text of its own article, else the nearest that matches: copies first, of equals the earliest."""
    own = [one for one in earlier if one.taken.told.article == taken.told.article]
    if own:
        return Parent(max(own, key=lambda one: one.taken.told.order), Kind.REVISION, 1.0)
    matched = ((one, match(taken, one.taken, find_targets)) for one in earlier)
    found = [Parent(one, made.kind, made.similarity) for one, made in matched if made is not None]
    return min(found, key=_rank, default=None)


def _rank(one: Parent) -> tuple[bool, float, object]:
    return one.kind is Kind.TRANSLATION, -one.similarity, one.found.taken.told.order


def place(taken: Print, parent: Parent | None, earlier: Sequence[Candidate], before: int) -> Placed:
    """Place a text in its parent's story, in which `before` texts came before it, or first of a story of its own."""
    told = taken.told
    if parent is None:
        return Placed(told.revision, told.article, Kind.FIRST, None, 0.0, 1, 100)
    story = parent.found.story
    beside = [one.taken for one in earlier if one.story == story]
    novelty = measure_novelty(taken, beside, parent.kind, before + 1)
    its_parent = (parent.found.taken.told.article, parent.found.taken.told.number)
    return Placed(told.revision, story, parent.kind, its_parent, parent.similarity, before + 1, novelty)
