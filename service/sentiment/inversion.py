"""Directions over things that are not neutral: inflation falls, fears ease, profits drop, a ban is lifted."""

from typing import Final

from service.sentiment.hits import Hit, Sentence

_GOVERN_REACH: Final = 5  # words, and hits, between a direction and what it moves
_THINGS: Final = frozenset({"bad", "burden", "good", "boon", "level"})
_MOVERS: Final = frozenset({"up", "down", "ease"})


def invert_directions(sentence: Sentence) -> None:
    """Directions over things that are not neutral: inflation falls, fears ease, profits drop, unemployment rises.

    A burden (inflation) or a boon (jobs) says nothing by itself: it counts where something is said to move it.
    """
    hits = sentence.hits
    moved: set[int] = set()
    for place, thing in enumerate(hits):
        if thing.entry.kind not in _THINGS:
            continue
        for near in hits[max(place - _GOVERN_REACH, 0) : place + _GOVERN_REACH + 1]:
            if near.entry.kind in _MOVERS and _governs(sentence, near, thing):
                _turn_over(near, thing)
                moved.add(thing.first)
        if "inverted" in thing.rules and place + 1 < len(hits) and hits[place + 1].first - thing.last == 2:
            _turn_complement(hits[place + 1])
    hits[:] = [hit for hit in hits if hit.entry.kind not in ("burden", "boon") or hit.first in moved or hit.is_moved]


def _governs(sentence: Sentence, hit: Hit, thing: Hit) -> bool:
    """Whether the thing is what rises, falls or is relieved: close by, in the same clause, not “on fears”."""
    low, high = (thing.last, hit.first) if thing.last < hit.first else (hit.last, thing.first)
    if high - low > _GOVERN_REACH or sentence.borders[low] != sentence.borders[high]:
        return False
    if thing.first > hit.first:
        barriers = ("away",) if hit.entry.kind == "ease" else ("away", "from")
        return not any(sentence.plays(place, *barriers) for place in range(low + 1, high))
    before = thing.first - 1
    return sentence.plays(before, "cause") or not sentence.plays(before, "away", "from")


def _turn_over(hit: Hit, thing: Hit) -> None:
    kind = hit.entry.kind
    if thing.entry.kind == "level":
        if "level" not in hit.rules:
            hit.steer(0.2, "level")
        return
    if thing.entry.kind in ("good", "boon"):
        if kind != "up" and "inverted" not in thing.rules and (kind == "down" or hit.entry.whole <= 0):
            thing.steer(-0.5 if kind == "down" else -1.0, "inverted")
        return
    if kind == "up":
        if hit.entry.whole > 0 and "inverted" not in hit.rules:
            hit.steer(-0.8, "inverted")
        return
    if "inverted" not in thing.rules:
        thing.steer(-0.7, "inverted")
    if hit.entry.whole < 0 and "inverted" not in hit.rules:
        hit.steer(-0.5, "inverted")


def _turn_complement(hit: Hit) -> None:
    """“Fears of recession ease”: what is feared goes with the fear."""
    if hit.entry.kind == "bad" and "inverted" not in hit.rules:
        hit.steer(-0.7, "inverted")
