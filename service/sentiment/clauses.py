"""From a sentence to its hits: words with a valence, steered by negation, intensity, modality and inversion.

    text → words → terms → hits, and per word the height of the clause borders before it

The same walk serves English and Dutch; what the words mean comes from the language's vocabulary.
"""

from collections.abc import Callable
from typing import Final

from service.sentiment.hits import Hit, Sentence, Turn, Weights
from service.sentiment.inversion import invert_directions
from service.sentiment.vocabulary import TOKEN, Term, Vocabulary

_NEGATION_REACH: Final = 4
_BOOST_REACH: Final = 2
_MODAL_REACH: Final = 6
_CONCESSION_REACH: Final = 6
_PARTICLE_REACH: Final = 14
_BORDER: Final = {"stop": 3.0, "strong": 2.0, "cause": 1.0, "relative": 1.0}
_NEVER: Final = -99
_GENERAL_LISTS: Final = frozenset({"lexicon:vader", "lexicon:pattern"})
_TITLE_CASE: Final = 0.6  # share of capitalised longer words from which capitals tell nothing
_LONGER: Final = 4


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
        _drop_names(sentence)
        invert_directions(sentence)
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
        self.used: set[int] = set()  # particles already read with their verb

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
        if term.particles and self._separable(term, place):
            return
        entry = term.entry
        if (
            entry is not None
            and place not in self.used
            and not ("particle" in term.roles and not self._is_measured(last + 1))
        ):
            self._add(Hit(place, last, entry, [entry.source]))

    def _separable(self, term: Term, place: int) -> bool:
        """Take a verb whose particle stands later in the same clause: zakt … weg, pulls … from."""
        for later in range(place + 1, min(place + _PARTICLE_REACH, len(self.sentence.words))):
            word = self.sentence.words[later]
            if word in term.particles:
                self.used.add(later)
                entry = term.particles[word]
                self._add(Hit(place, place, entry, [entry.source, f"particle:{word}"]))
                return True
            if self.sentence.plays(later, "stop", "strong"):
                return False
        return False

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


def _drop_names(sentence: Sentence) -> None:
    """A general word that is part of a name says nothing: Best Wallet, Justice Department."""
    if any(_is_name(sentence, hit) for hit in sentence.hits) and not _is_title_case(sentence):
        sentence.hits[:] = [hit for hit in sentence.hits if not _is_name(sentence, hit)]


def _is_name(sentence: Sentence, hit: Hit) -> bool:
    if hit.entry.source not in _GENERAL_LISTS or not _is_capital(sentence, hit.first):
        return False
    return _is_capital(sentence, hit.first - 1) or _is_capital(sentence, hit.last + 1)


def _is_capital(sentence: Sentence, place: int) -> bool:
    return 0 <= place < len(sentence.starts) and sentence.text[sentence.starts[place]].isupper()


def _is_title_case(sentence: Sentence) -> bool:
    longer = [place for place, word in enumerate(sentence.words) if len(word) >= _LONGER]
    return sum(_is_capital(sentence, place) for place in longer) > _TITLE_CASE * len(longer)
