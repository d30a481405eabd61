"""The names of a catalogue, compiled for one language, and where they stand in a text: words first, then phrases."""

import enum
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from service.sentiment.catalogue import Catalogue, Role, Target
from service.sentiment.patterns import Branch, grow, plant
from service.sentiment.score import MentionForm, TargetKind

WORD: Final = re.compile(r"\w+")
_EVENED: Final = (("’", "'"), ("‘", "'"), ("\u02bc", "'"), ("\u2010", "-"), ("\u2011", "-"))
_QUOTED_CURRENCIES: Final = ("USD", "USDT", "EUR")
_EXACT_BELOW: Final = 4  # letters: shorter surnames are numerals and words when in capitals ("XI")


_GAP: Final = re.compile(r"[\s\-]+")
_SPACE: Final = re.compile(r"-|[^\S\n]+\n?[^\S\n]*|\n[^\S\n]*")


class Need(enum.Enum):
    """What must hold before a phrase counts as a mention."""

    NOTHING = "nothing"
    ANCHOR = "anchor"  # an ambiguous alias: the text names its target, or an anchor of it, beyond doubt
    FULL_NAME = "full name"  # a surname: the text gives the full name
    OFFICE = "office"  # a title: one holder at the time


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name as words and what stands between them; `target` None: a longer name that is no target.

    `capitals` are, per word, the places whose letter must be a capital in the text (all places, exactly as listed, if
    `is_exact`). `cut` code points at the end are no part of the mention (the second half of a compound).
    """

    words: tuple[str, ...]
    gaps: tuple[str, ...]
    prefix: str
    suffix: str
    capitals: tuple[tuple[int, ...], ...]
    spelling: tuple[str, ...]
    is_exact: bool
    target: Target | None
    form: MentionForm = MentionForm.ALIAS
    need: Need = Need.NOTHING
    holders: tuple[tuple[Target, Role], ...] = ()
    cut: int = 0

    @property
    def key(self) -> str:
        """First to last word, with spaces and hyphens between them taken alike."""
        return _GAP.sub(
            " ", self.words[0] + "".join(gap + word for gap, word in zip(self.gaps, self.words[1:], strict=True))
        )


class Hit(NamedTuple):
    """A phrase found at text[start:end]."""

    start: int
    end: int
    phrase: Phrase


def fold(text: str) -> str:
    """Small letters, plain apostrophes and hyphens; every code point stays in its place ("İ".lower() would not)."""
    small = text.lower()
    if len(small) != len(text):
        small = text.replace("İ", "i").lower()  # the one letter whose small form is longer
    for mark, plain in _EVENED:
        small = small.replace(mark, plain)
    return small


class Lexicon:
    """The phrases of a catalogue in one language. One search pattern finds where any of them stands."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        tree: Branch = {}
        by_key: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            by_key.setdefault(phrase.key, []).append(phrase)
        for key, listed in by_key.items():
            plant(tree, (r"[\s\-]+" if letter == " " else re.escape(letter) for letter in key))
            listed.sort(key=_rank)
        self._from = {key: tuple(_beginnings(key, by_key)) for key in by_key}
        # Zero width, so that a phrase inside a longer one is found too: the longer one may turn out not to be meant.
        self._places = re.compile(rf"\b(?=({grow(tree)})\b)") if tree else re.compile(r"(?!)()")

    def scan(self, text: str, folded: str, start: int, end: int) -> Iterator[tuple[Hit, ...]]:
        """Per place in text[start:end] the phrases found there, longest first; time linear in the text."""
        for place in self._places.finditer(folded, start, end):
            longest = place[1]
            phrases = self._from.get(longest) or self._from[_GAP.sub(" ", longest)]
            hits = [_match(phrase, text, folded, place.start(), end) for phrase in phrases]
            found = tuple(hit for hit in hits if hit is not None)
            if found:
                yield found


def _beginnings(key: str, by_key: dict[str, list[Phrase]]) -> Iterator[Phrase]:
    """The phrases with this key, then those that are its beginning, longest first."""
    for word in reversed(list(WORD.finditer(key))):
        yield from by_key.get(key[: word.end()], ())


def _rank(phrase: Phrase) -> tuple[int, bool, int]:
    """With the same words: more marks first; titles, then what must be anchored, plain names, what is no target."""
    needs = (Need.OFFICE, Need.ANCHOR, Need.FULL_NAME, Need.NOTHING)
    marks = len(phrase.prefix) + len(phrase.suffix)
    return -marks, phrase.target is None and not phrase.holders, needs.index(phrase.need)


def _match(phrase: Phrase, text: str, folded: str, start: int, end: int) -> Hit | None:
    """The phrase with its first word at `start`, if all of it is there before `end`."""
    place = start
    for number, word in enumerate(phrase.words):
        if number:
            gap = _skip_gap(phrase.gaps[number - 1], folded, place)
            if gap < 0:
                return None
            place = gap
        if not folded.startswith(word, place) or not _is_spelt(phrase, number, text, place):
            return None
        place += len(word)
    if place > end or (place < len(folded) and (folded[place].isalnum() or folded[place] == "_")):
        return None
    if phrase.prefix and not folded.endswith(phrase.prefix, 0, start):
        return None
    if phrase.suffix and not (folded.startswith(phrase.suffix, place) and place + len(phrase.suffix) <= end):
        return None
    return Hit(start - len(phrase.prefix), place + len(phrase.suffix) - phrase.cut, phrase)


def _is_spelt(phrase: Phrase, number: int, text: str, start: int) -> bool:
    """Whether the word has capitals where the phrase has them (and small letters too where it is exact)."""
    if phrase.is_exact:
        return text.startswith(phrase.spelling[number], start)
    return all(text[start + place].isupper() for place in phrase.capitals[number])


def _skip_gap(gap: str, folded: str, place: int) -> int:
    """Where the gap between two words ends, −1 if it is another: a space is also a line break or a hyphen."""
    if gap == " ":
        space = _SPACE.match(folded, place)
        return space.end() if space else -1
    return place + len(gap) if folded.startswith(gap, place) else -1


@functools.lru_cache(maxsize=16)
def compile_lexicon(catalogue: Catalogue, language: str) -> Lexicon:
    """The lexicon of a catalogue in a language (compiled once for each)."""
    return Lexicon(_phrases(catalogue, language))


def _phrases(catalogue: Catalogue, language: str) -> Iterator[Phrase]:
    for target in catalogue.targets:
        yield from _names(target, language)
        yield from _tickers(target)
        if target.compounds and language == "nl":
            yield from _compounds(target, catalogue.compound_tails)
        for name in target.not_within:
            yield _phrase(name, None)
    yield from _titles(catalogue, language)


def _names(target: Target, language: str) -> Iterator[Phrase]:
    listed = dict.fromkeys((target.name(language), *target.aliases.of(language)))
    if target.surname and target.surname_alone:
        listed.setdefault(target.surname)
    for name in listed:
        form = MentionForm.SURNAME if name == target.surname else MentionForm.ALIAS
        yield from _inflect(name, target, language, form=form)
    for name in target.exact.of(language):
        yield _phrase(name, target, is_exact=True)
    for name in target.ambiguous.of(language):
        yield _phrase(name, target, need=Need.ANCHOR)
    if target.surname and not target.surname_alone:
        yield from _inflect(target.surname, target, language, form=MentionForm.SURNAME, need=Need.FULL_NAME)


def _inflect(
    name: str, target: Target, language: str, *, form: MentionForm, need: Need = Need.NOTHING
) -> Iterator[Phrase]:
    """The name, and its Dutch genitive ("Trumps herverkiezing", "Ruslands oorlog")."""
    is_exact = form is MentionForm.SURNAME and len(name) < _EXACT_BELOW
    yield _phrase(name, target, form=form, need=need, is_exact=is_exact)
    if language == "nl" and target.kind in (TargetKind.PERSON, TargetKind.COUNTRY) and _takes_genitive(name):
        yield _phrase(name + "s", target, form=form, need=need, is_exact=is_exact)


def _takes_genitive(name: str) -> bool:
    last = name[-1]
    return len(name) > 3 and last.islower() and last not in "sxzaeiouy"


def _tickers(target: Target) -> Iterator[Phrase]:
    for ticker in target.tickers:
        yield _phrase(ticker, target, form=MentionForm.TICKER, is_exact=True)
        for currency in _QUOTED_CURRENCIES:
            if not ticker.startswith("USD"):
                yield _phrase(ticker + currency, target, form=MentionForm.TICKER, is_exact=True)
    for ticker in target.ambiguous.every():
        if ticker.isupper():
            yield _phrase("$" + ticker, target, form=MentionForm.TICKER, is_exact=True)


def _compounds(target: Target, tails: Sequence[str]) -> Iterator[Phrase]:
    """Closed compounds ("bitcoinkoers"): the mention is the first half."""
    singles = {name for name in (target.name("nl"), *target.aliases.of("nl")) if name.isalpha()}
    for name in singles:
        for tail in tails:
            yield _phrase(name + tail, target, cut=len(tail))


def _titles(catalogue: Catalogue, language: str) -> Iterator[Phrase]:
    holders: dict[str, list[tuple[Target, Role]]] = {}
    for target in catalogue.targets:
        for role in target.roles:
            for title in role.titles.of(language):
                holders.setdefault(title, []).append((target, role))
    for title, held in holders.items():
        yield _phrase(title, None, form=MentionForm.ROLE, need=Need.OFFICE, holders=tuple(held))


def _phrase(
    name: str,
    target: Target | None,
    *,
    form: MentionForm = MentionForm.ALIAS,
    need: Need = Need.NOTHING,
    is_exact: bool = False,
    holders: tuple[tuple[Target, Role], ...] = (),
    cut: int = 0,
) -> Phrase:
    folded = fold(name)
    found = list(WORD.finditer(folded))
    words = tuple(match[0] for match in found)
    gaps = tuple(
        re.sub(r"\s+", " ", folded[word.end() : following.start()]) for word, following in itertools.pairwise(found)
    )
    spelling = tuple(name[match.start() : match.end()] for match in found)
    capitals = tuple(tuple(place for place, letter in enumerate(word) if letter.isupper()) for word in spelling)
    prefix, suffix = folded[: found[0].start()].lstrip(), folded[found[-1].end() :].rstrip()
    return Phrase(words, gaps, prefix, suffix, capitals, spelling, is_exact, target, form, need, holders, cut)
