"""VADER as it is: the one door to vaderSentiment, its exact compound in linear time, and the naive scorer over it.

`polarity_scores` of vaderSentiment 3.3.2 walks the whole word list again for each word it knows, so a page without
full stops takes minutes. `compound` gives the same figure, bit for bit (tested on real and arbitrary texts), from the
package's own lexicon and constants, visiting only known words.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, State

VERSION: Final = "3.3.2-1"
THRESHOLD: Final = 0.05  # compound at and beyond which VADER's authors call a text positive or negative
_NEAR: Final = 3  # words before a hit that modify it
_DISTANCE_DAMP: Final = (1.0, 0.95, 0.9)


@dataclass(frozen=True, slots=True)
class VaderHit:
    """A lexicon word: its place in the text as given, and its valence after VADER's own rules (−4…4, unsquashed)."""

    start: int
    end: int
    valence: float


@dataclass(frozen=True, slots=True)
class VaderTables:
    """What vaderSentiment ships: word valences, emoji names, and the constants of its rules."""

    lexicon: dict[str, float]
    emojis: dict[str, str]
    boosters: dict[str, float]
    special: dict[str, float]
    negators: frozenset[str]
    capitals: float
    reverse: float
    normalize: Callable[[float], float]
    strip: Callable[[str], str]
    emphasis: Callable[[str], float]


@cache
def tables() -> VaderTables:
    """The tables of the installed vaderSentiment (read once; about 20 ms)."""
    from vaderSentiment import vaderSentiment as package  # noqa: N813 -- the package holds a module of its own name

    analyzer = package.SentimentIntensityAnalyzer()
    return VaderTables(
        lexicon=analyzer.lexicon,
        emojis=analyzer.emojis,
        boosters=package.BOOSTER_DICT,
        special=package.SPECIAL_CASES,
        negators=frozenset(package.NEGATE),
        capitals=package.C_INCR,
        reverse=package.N_SCALAR,
        normalize=package.normalize,
        strip=package.SentiText._strip_punc_if_word,  # noqa: SLF001 -- its own token rule, not a copy of it
        emphasis=analyzer._punctuation_emphasis,  # noqa: SLF001
    )


def _spell_emojis(text: str, emojis: dict[str, str]) -> tuple[str, list[int] | None]:
    """VADER's text with emojis spelt out, and for each of its characters the place it came from (None: the same)."""
    if text.isascii() or not any(character in emojis for character in text):
        return text, None
    pieces: list[str] = []
    origins: list[int] = []
    after_space = True
    for place, character in enumerate(text):
        name = emojis.get(character)
        if name is None:
            pieces.append(character)
            origins.append(place)
            after_space = character == " "
            continue
        spelt = name if after_space else " " + name
        pieces.append(spelt)
        origins.extend([place] * len(spelt))
        after_space = False
    return "".join(pieces), origins


class _Words:
    """The words of a text as VADER sees them."""

    __slots__ = ("cap_diff", "lower", "raw", "words")

    def __init__(self, text: str, table: VaderTables) -> None:
        self.raw = text.split()
        self.words = [table.strip(word) for word in self.raw]
        self.lower = [word.lower() for word in self.words]
        capitals = sum(1 for word in self.words if word.isupper())
        self.cap_diff = 0 < len(self.words) - capitals < len(self.words)

    def gram(self, first: int, last: int) -> str:
        """Words first…last joined; an index below 0 counts from the end, as VADER's own slips do."""
        return " ".join(self.lower[i] for i in range(first, last + 1))


def _is_negator(word: str, table: VaderTables) -> bool:
    return word in table.negators or "n't" in word


def _scale_step(word: str, valence: float, words: _Words, table: VaderTables) -> float:
    """`scalar_inc_dec`: what an intensifier adds."""
    step = table.boosters.get(word.lower())
    if step is None:
        return 0.0
    if valence < 0:
        step = -step
    if word.isupper() and words.cap_diff:
        step += table.capitals if valence > 0 else -table.capitals
    return step


def _negate(valence: float, step: int, i: int, words: _Words, table: VaderTables) -> float:
    """`_negation_check` for the word `step + 1` before `i`."""
    lower = words.lower
    word = lower[i - (step + 1)]
    if step == 1:
        if lower[i - 2] == "never" and lower[i - 1] in ("so", "this"):
            return valence * 1.25
        if lower[i - 2] == "without" and lower[i - 1] == "doubt":
            return valence
    elif step == 2:
        if (lower[i - 3] == "never" and lower[i - 2] in ("so", "this")) or lower[i - 1] in ("so", "this"):
            return valence * 1.25
        if lower[i - 3] == "without" and "doubt" in (lower[i - 2], lower[i - 1]):
            return valence
    return valence * table.reverse if _is_negator(word, table) else valence


def _apply_idioms(valence: float, i: int, words: _Words, table: VaderTables) -> float:
    """`_special_idioms_check`: phrases that carry a valence of their own, and two-word boosters."""
    special, last = table.special, len(words.lower) - 1
    for first, end in ((i - 1, i), (i - 2, i), (i - 2, i - 1), (i - 3, i - 1), (i - 3, i - 2)):
        phrase = words.gram(first, end)
        if phrase in special:
            valence = special[phrase]
            break
    for end in (i + 1, i + 2):
        if end <= last:
            valence = special.get(words.gram(i, end), valence)
    for first, end in ((i - 3, i - 1), (i - 3, i - 2), (i - 2, i - 1)):
        valence += table.boosters.get(words.gram(first, end), 0.0)
    return valence


def _no_reverses(i: int, lower: list[str]) -> bool:
    return (
        (i > 0 and lower[i - 1] == "no")
        or (i > 1 and lower[i - 2] == "no")
        or (i > 2 and lower[i - 3] == "no" and lower[i - 1] in ("or", "nor"))
    )


def _valence(i: int, words: _Words, table: VaderTables) -> float:
    """`sentiment_valence` and `_least_check` for the known word `i`."""
    lower, lexicon = words.lower, table.lexicon
    word = lower[i]
    base = lexicon[word]
    valence = 0.0 if word == "no" and i + 1 < len(lower) and lower[i + 1] in lexicon else base
    if _no_reverses(i, lower):
        valence = base * table.reverse
    if words.words[i].isupper() and words.cap_diff:
        valence += table.capitals if valence > 0 else -table.capitals
    for step in range(_NEAR):
        if i <= step or lower[i - (step + 1)] in lexicon:
            continue
        added = _scale_step(words.words[i - (step + 1)], valence, words, table)
        valence += added * _DISTANCE_DAMP[step]
        valence = _negate(valence, step, i, words, table)
        if step == 2:
            valence = _apply_idioms(valence, i, words, table)
    if i > 0 and lower[i - 1] == "least" and "least" not in lexicon and (i == 1 or lower[i - 2] not in ("at", "very")):
        valence *= table.reverse
    return valence


def _weigh_but(valences: list[float], but: int) -> None:
    """`_but_check` with its quirk: it looks each value up by equality, so the first equal value is the one changed."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(valences):
        if value:
            places.setdefault(value, []).append(place)  # ascending, hence already a heap
    for place in range(len(valences)):
        value = valences[place]
        if not value:
            continue
        first = places[value][0]
        if first == but:
            continue
        heapq.heappop(places[value])
        valences[first] = value * (0.5 if first < but else 1.5)
        heapq.heappush(places.setdefault(valences[first], []), first)


def _weigh(text: str, table: VaderTables) -> tuple[list[float], _Words]:
    words = _Words(text, table)
    lower, lexicon, boosters = words.lower, table.lexicon, table.boosters
    valences = [0.0] * len(lower)
    last = len(lower) - 1
    for i, word in enumerate(lower):
        if word in lexicon and word not in boosters and not (word == "kind" and i < last and lower[i + 1] == "of"):
            valences[i] = _valence(i, words, table)
    if "but" in lower:
        _weigh_but(valences, lower.index("but"))
    return valences, words


def _squash(valences: list[float], text: str, table: VaderTables) -> float:
    if not valences:
        return 0.0
    total = float(sum(valences))
    if total > 0:
        total += table.emphasis(text)
    elif total < 0:
        total -= table.emphasis(text)
    return float(round(table.normalize(total), 4))


def compound(text: str) -> float:
    """VADER's compound of `text`, −1…1: equal to `polarity_scores(text)["compound"]` of vaderSentiment 3.3.2."""
    table = tables()
    spelt = _spell_emojis(text, table.emojis)[0].strip()
    return _squash(_weigh(spelt, table)[0], spelt, table)


def weigh(text: str) -> tuple[float, list[VaderHit]]:
    """The compound of `text` and the lexicon words behind it, with offsets in `text`."""
    table = tables()
    spelt, origins = _spell_emojis(text, table.emojis)
    body = spelt.strip()
    valences, words = _weigh(body, table)
    hits: list[VaderHit] = []
    place = 0
    for i, raw in enumerate(words.raw):
        place = spelt.index(raw, place)
        if words.lower[i] in table.lexicon and (valences[i] or words.lower[i] not in table.boosters):
            start = place + raw.index(words.words[i])
            end = start + len(words.words[i])
            if origins is not None:
                start, end = origins[start], origins[end - 1] + 1
            hits.append(VaderHit(start, end, valences[i]))
        place += len(raw)
    return _squash(valences, body, table), hits


def label(value: float) -> Label:
    """The class VADER's authors give a compound."""
    if value >= THRESHOLD:
        return Label.POSITIVE
    return Label.NEGATIVE if value <= -THRESHOLD else Label.NEUTRAL


def read(text: str, language: str) -> Reading:
    """The tone VADER finds in an English text; no known word at all is NO_SIGNAL."""
    if language != "en":
        return Reading(State.UNSUPPORTED_LANGUAGE, None, None)
    value, hits = weigh(text)
    if not hits:
        return Reading(State.NO_SIGNAL, None, Label.NEUTRAL)
    evidence = tuple(
        Evidence(text[hit.start : hit.end], hit.start, hit.end, hit.valence, "lexicon:vader") for hit in hits
    )
    return Reading(State.SCORED, value, label(value), evidence)


class VaderScorer:
    """The naive baseline: the tone of the sentence is given to every target in it, whatever is said of whom."""

    name: Final = "vader"
    version: Final = VERSION
    languages: Final = frozenset({"en"})

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """The compound of each whole sentence, blind to where the mention stands."""
        return [read(context.text, context.language) for context in contexts]

    def score_tone(self, text: str, language: str) -> Reading:
        """VADER's compound of the text, exactly as published."""
        return read(text, language)


def build() -> VaderScorer:
    """The scorer `vader`."""
    return VaderScorer()
