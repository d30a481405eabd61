"""From the hits of a sentence to the evidence that counts toward one mention in it.

A share of each hit reaches the mention; it falls with clause borders and words between, with other targets in
between, and for who is only speaking. Weights add up: the raw score of a mention is the sum of its evidence.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from service.sentiment.hits import Hit, Sentence, Weights
from service.sentiment.scorer import Evidence, MentionContext

REACH: Final = 60  # words to either side that can count toward a mention: keeps a page without full stops linear
_FAR: Final = 10**9
FAINT: Final = 0.05  # weight below which a hit does not reach
_LINKS: Final = frozenset({",", "and", "or", "en", "of", "&", "the", "de", "het"})

Place = tuple[int, int]  # first and last word


def is_speaker(sentence: Sentence, first: int, last: int) -> bool:
    """Whether the mention is only who says it: “X said”, “said X”, “according to X”, “…: X” at the very end."""
    if any(sentence.plays(place, "speech") for place in range(last + 1, last + 4)):
        return True
    if sentence.plays(first - 1, "speech") or any(sentence.plays(first - back, "source") for back in (1, 2, 3)):
        return True
    return ":" in sentence.words[max(first - 4, 0) : first] and last >= len(sentence.words) - 4


def _is_enumeration(sentence: Sentence, low: int, high: int) -> bool:
    between = sentence.words[low + 1 : high]
    return bool(between) and _LINKS.issuperset(between)


def _crossed(sentence: Sentence, hit: Hit, place: Place, others: Iterable[Place]) -> int:
    """How many other targets stand between the hit and the mention, those enumerated with it left out."""
    first, last = place
    count = 0
    for other_first, other_last in others:
        if last < other_first and other_last < hit.first:
            count += not _is_enumeration(sentence, last, other_first)
        elif hit.last < other_first and other_last < first:
            count += not _is_enumeration(sentence, other_last, first)
    return count


def _valence(hit: Hit, *, is_before: bool, crossed: int) -> float:
    """The entry's valence for a mention in the same clause, before or after the hit."""
    if hit.turn == "final":
        return hit.entry.object if is_before and not crossed else hit.entry.subject
    is_subject = is_before if hit.turn == "active" else not is_before
    return hit.entry.subject if is_subject else hit.entry.object


def _reach(sentence: Sentence, hit: Hit, place: Place, others: Iterable[Place], weights: Weights) -> float:
    """The weight with which a hit reaches the mention at words `place`."""
    first, last = place
    is_before = hit.first > last
    words_between = max(hit.first - last - 1 if is_before else first - hit.last - 1, 0)
    crossed = _crossed(sentence, hit, place, others)
    gap = abs(sentence.borders[hit.first] - sentence.borders[first])
    valence = hit.entry.whole if gap else _valence(hit, is_before=is_before, crossed=crossed)
    if not is_before and hit.entry.kind in ("up", "down") and sentence.plays(first - 1, "away"):
        crossed += 1  # “falls on Fed fears”: the Fed is the cause, not what falls
    share = math.pow(weights.border, gap) * math.pow(weights.step, words_between) * math.pow(weights.crossing, crossed)
    return valence * hit.factor * share


def _near(hits: list[Hit], place: int) -> list[Hit]:
    """The hits within reach of the word at `place`; hits stand in the order of the text."""
    low = bisect_left(hits, place - REACH, key=lambda hit: hit.first)
    return hits[low : bisect_left(hits, place + REACH + 1, key=lambda hit: hit.first)]


def _deed(sentence: Sentence, hits: list[Hit], last: int) -> int:
    """The first word of what the mention does to another in its clause; past it the talk is of that other."""
    for hit in hits:
        if hit.first > last and hit.turn == "active" and 3 * abs(hit.entry.subject) < abs(hit.entry.object):
            return hit.first if sentence.borders[hit.first] == sentence.borders[last] else _FAR
    return _FAR


def attribute(sentence: Sentence, context: MentionContext, weights: Weights) -> list[Evidence]:
    """The evidence that reaches the mention, in the order of the text: its weights sum to the mention's raw score."""
    if not sentence.hits:
        return []
    own = sentence.words_of(*context.span)
    places = [own, *(sentence.words_of(*span) for span in context.same)]
    others = [sentence.words_of(*span) for span in context.others]
    share = weights.speaker if is_speaker(sentence, *own) else 1.0
    evidence: list[Evidence] = []
    near = _near(sentence.hits, own[0])
    deed = _deed(sentence, near, own[1])
    for hit in near:
        if any(first <= hit.first and hit.last <= last for first, last in (*places, *others)):
            continue  # a word of a name says nothing
        weight = share * max((_reach(sentence, hit, place, others, weights) for place in places), key=abs)
        past_deed = hit.first > deed
        if past_deed:
            weight *= weights.doer
        if abs(weight) < FAINT:
            continue
        start, end = sentence.starts[hit.first], sentence.ends[hit.last]
        gap = sentence.borders[hit.first] != sentence.borders[own[0]]
        damped = (("clause", gap), ("speaker_damped", share != 1.0), ("doer_damped", past_deed))
        rules = [*hit.rules, *(name for name, applies in damped if applies)]
        evidence.append(Evidence(sentence.text[start:end], start, end, weight, " ".join(rules)))
    return evidence


def attribute_whole(sentence: Sentence) -> list[Evidence]:
    """The evidence of a whole text, toward nothing in particular: every hit with its own valence."""
    evidence: list[Evidence] = []
    for hit in sentence.hits:
        weight = hit.entry.whole * hit.factor
        if abs(weight) >= FAINT:
            start, end = sentence.starts[hit.first], sentence.ends[hit.last]
            evidence.append(Evidence(sentence.text[start:end], start, end, weight, " ".join(hit.rules)))
    return evidence
