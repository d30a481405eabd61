"""From a sentence to its hits: words with a valence, steered by negation, intensity, modality and inversion.

    text → words → terms → hits, and per word the height of the clause borders before it

The same walk serves English and Dutch; what the words mean comes from the language's vocabulary.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from service.sentiment.vocabulary import TOKEN, Entry, Term, Vocabulary

Turn = Literal["active", "passive", "final"]

_NEGATION_REACH: Final = 4
_BOOST_REACH: Final = 2
_MODAL_REACH: Final = 6
_CONCESSION_REACH: Final = 6
_GOVERN_REACH: Final = 5  # words, and hits, between a direction and what it moves
_THINGS: Final = frozenset({"bad", "burden", "good", "boon", "level"})
_MOVERS: Final = frozenset({"up", "down", "ease"})
_PARTICLE_REACH: Final = 14
_BORDER: Final = {"stop": 3.0, "strong": 2.0, "cause": 1.0, "relative": 1.0}
_NEVER: Final = -99


@dataclass(frozen=True, slots=True)
class Weights:
    """The tuned numbers (on training parts only); all are shares or factors without unit."""

    border: float = 0.5  # share that passes a clause border
    step: float = 0.97  # share that passes a word
    crossing: float = 0.6  # share that passes another target
    speaker: float = 0.3  # share that reaches who is only speaking
    negation: float = -0.6
    modal: float = 0.7
    question: float = 0.6
    concession: float = 0.3  # “despite fears”


@dataclass(slots=True)
class Hit:
    """Words first…last with a valence; `factor` and `rules` gather what steers it while the sentence is read.

    `turn` tells whose valence is whose: active (subject before, object after), passive (the other way round),
    final (a verb at the end of its clause: the nearest before it is its object).
    """

    first: int
    last: int
    entry: Entry
    rules: list[str]
    factor: float = 1.0
    turn: Turn = "active"

    @property
    def is_moved(self) -> bool:
        """Whether the words before say more, less or none of it."""
        return "negated" in self.rules or "intensity" in self.rules

    def steer(self, factor: float, rule: str) -> None:
        """Multiply by a rule's factor and note the rule."""
        self.factor *= factor
        self.rules.append(rule)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text cut into words, with its hits and, per word, the sum of clause borders before it."""

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    terms: list[Term | None]
    borders: list[float] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    def words_of(self, start: int, end: int) -> tuple[int, int]:
        """First and last word that text[start:end] touches; the nearest one where it touches none."""
        first = min(bisect_right(self.ends, start), max(len(self.ends) - 1, 0))
        return first, max(bisect_left(self.starts, end) - 1, first)

    def plays(self, place: int, *roles: str) -> bool:
        """Whether the word at `place` exists and plays one of the roles."""
        if not 0 <= place < len(self.terms):
            return False
        term = self.terms[place]
        return term is not None and not term.roles.isdisjoint(roles)


class SentenceReader:
    """Reads sentences of one language into hits; `turn` decides how a directed verb stands."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights, turn: Callable[[Sentence, Hit], Turn]) -> None:
        self.vocabulary, self.weights, self._turn = vocabulary, weights, turn

    def read(self, text: str) -> Sentence:
        """The words and hits of a text; linear in its length."""
        matches = list(TOKEN.finditer(text))
        words = [match.group().lower().replace("’", "'") for match in matches]
        find = self.vocabulary.find
        sentence = Sentence(
            text, [m.start() for m in matches], [m.end() for m in matches], words, [find(word) for word in words]
        )
        _Walk(sentence, self.weights).run()
        _invert(sentence)
        for hit in sentence.hits:
            if hit.entry.is_directed:
                hit.turn = self._turn(sentence, hit)
        return sentence


class _Walk:
    """One pass over the words, remembering what steers the next hit."""

    def __init__(self, sentence: Sentence, weights: Weights) -> None:
        self.sentence, self.weights = sentence, weights
        self.border = 0.0
        self.has_hit = False  # since the last border
        self.negator = self.booster = self.modal = self.concession = _NEVER
        self.amount = 1.0

    def run(self) -> None:
        borders = self.sentence.borders
        upto = -1
        for place, single in enumerate(self.sentence.terms):
            if single is not None and place > upto:
                term, upto = self._match(single, place)
                self._take(term, place, upto)
            borders.append(self.border)
        if "?" in self.sentence.words[-3:]:
            for hit in self.sentence.hits:
                hit.steer(self.weights.question, "question")

    def _match(self, term: Term, place: int) -> tuple[Term, int]:
        """The longest listed phrase that starts here, or the word itself."""
        words = self.sentence.words
        for tail, phrase in term.phrases:
            end = place + 1 + len(tail)
            if tuple(words[place + 1 : end]) == tail:
                return phrase, end - 1
        return term, place

    def _take(self, term: Term, place: int, last: int) -> None:
        if term.roles:
            self._play(term, place, last)
        entry = self._separable(term, place) if term.particles else None
        entry = entry or term.entry
        if entry is not None and not ("particle" in term.roles and not self._is_measured(last + 1)):
            self._add(Hit(place, last, entry, [entry.source]))

    def _separable(self, term: Term, place: int) -> Entry | None:
        """The entry of a separable verb whose particle stands later in the same clause."""
        for later in range(place + 1, min(place + _PARTICLE_REACH, len(self.sentence.words))):
            if self.sentence.words[later] in term.particles:
                return term.particles[self.sentence.words[later]]
            if self.sentence.plays(later, "stop", "strong"):
                return None
        return None

    def _is_measured(self, place: int) -> bool:
        """“Up 5%”, “down on Friday”, “up.”: a particle that tells a direction, not one of “picking up votes”."""
        words = self.sentence.words
        if place >= len(words) or self.sentence.plays(place, "measure", "stop", "soft", "strong", "cause"):
            return True
        return any(character.isdigit() for character in words[place])

    def _play(self, term: Term, place: int, last: int) -> None:
        roles = term.roles
        if "negate" in roles:
            self.negator = last
        if "after" in roles:
            self._negate_before(place)
        if "boost" in roles:
            self.booster, self.amount = last, term.amount
        if "modal" in roles:
            self.modal = last
        if "concede" in roles:
            self._cross(1.0)
            self.concession = last
        for role, height in _BORDER.items():
            if role in roles and not (role == "stop" and self._is_abbreviation(place)):
                self._cross(height)
                return
        if "soft" in roles and self.has_hit:
            self._cross(1.0)
        elif self.sentence.words[place] == ",":
            self.negator = _NEVER

    def _cross(self, height: float) -> None:
        self.border += height
        self.has_hit = False
        self.negator = self.booster = self.modal = self.concession = _NEVER

    def _is_abbreviation(self, place: int) -> bool:
        words = self.sentence.words
        return words[place] == "." and (place == 0 or len(words[place - 1]) <= 3 or place == len(words) - 1)

    def _negate_before(self, place: int) -> None:
        """“Stijgt niet”, “falling no more”: a negator behind what it negates."""
        for hit in reversed(self.sentence.hits):
            if place - hit.last > _NEGATION_REACH or self.sentence.borders[hit.last] != self.border:
                return
            if "negated" not in hit.rules:
                hit.steer(self.weights.negation, "negated")
                return

    def _add(self, hit: Hit) -> None:
        hits = self.sentence.hits
        if hit.entry.kind == "link" and hits and hit.first - hits[-1].last == 1:
            return  # “lawsuit against”: said already
        if 0 < hit.first - self.booster <= _BOOST_REACH:
            hit.steer(self.amount, "intensity")
        if 0 < hit.first - self.negator <= _NEGATION_REACH:
            hit.steer(self.weights.negation, "negated")
        if 0 < hit.first - self.modal <= _MODAL_REACH:
            hit.steer(self.weights.modal, "modal")
        if 0 < hit.first - self.concession <= _CONCESSION_REACH:
            hit.steer(self.weights.concession, "conceded")
        self.has_hit = True
        hits.append(hit)


def _invert(sentence: Sentence) -> None:
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
    return not sentence.plays(thing.first - 1, "away", "from")


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
