"""What happened, by kind: a law, a ban, a hack. Every event names the rule of `events.toml` that saw it.

sentence ─▶ the rules one of its words could fit ─▶ words, neighbours ─▶ the first rule of each kind
"""

import enum
import functools
import hashlib
import operator
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from service.sentiment import keywords
from service.sentiment.keywords import KeyWords
from service.sentiment.score import Mention

Span = tuple[int, int]
_WITHIN: Final = 10  # words to either side in which a neighbour counts
_LONGEST: Final = 1_200  # code points of a sentence read: longer ones are lists and tables, not prose
_WORD: Final = re.compile(r"\S+")
_LETTERS: Final = re.compile(r"\w+")
_CODE: Final = 1  # raised whenever this module finds other events by the same rules: part of the version
LANGUAGES: Final = frozenset({"en", "nl"})


class EventKind(enum.Enum):
    """What sort of thing happened, is planned, or is undone (a lifted ban is an event of the kind `ban`)."""

    LAW = "law"
    BAN = "ban"
    ETF = "etf"
    HACK = "hack"
    RESERVE = "reserve"
    LAWSUIT = "lawsuit"
    INVESTIGATION = "investigation"
    RATE = "rate"  # a central bank's decision on interest, or talk of one
    SANCTION = "sanction"
    ELECTION = "election"
    MEETING = "meeting"
    LISTING = "listing"
    DELISTING = "delisting"
    FUNDING = "funding"
    OUTAGE = "outage"
    PARTNERSHIP = "partnership"
    ADOPTION = "adoption"
    APPOINTMENT = "appointment"
    RESIGNATION = "resignation"
    ARREST = "arrest"  # or charge, conviction, sentence
    TARIFF = "tariff"
    PURCHASE = "purchase"
    PARDON = "pardon"


@dataclass(frozen=True, slots=True)
class Event:
    """An event told in a sentence: `text[start:end]` (code points) are the words that tell it.

    `rule` names the rule in `events.toml`; `targets` are the keys of who is mentioned in that sentence, in order,
    each once.
    """

    kind: EventKind
    start: int
    end: int
    rule: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    kind: EventKind
    keys: KeyWords
    words: re.Pattern[str]
    near: re.Pattern[str] | None
    without: re.Pattern[str] | None

    def find(self, text: str, sentence: Span) -> Span | None:
        """The first words that tell the event."""
        for match in self.words.finditer(text, *sentence):
            before, after = _around(text, sentence, match.span())
            if self.without and self.without.search(text, before, after):
                continue
            if self.near is None or self._has_neighbour(self.near, text, (before, after), match.span()):
                return match.span()
        return None

    @staticmethod
    def _has_neighbour(near: re.Pattern[str], text: str, window: Span, own: Span) -> bool:
        return any(one.end() <= own[0] or one.start() >= own[1] for one in near.finditer(text, *window))


def find(text: str, mentions: Sequence[Mention], *, language: str, sentences: Iterable[Span]) -> tuple[Event, ...]:
    """The events told in `sentences` ([start, end) in code points), sorted; at most one of a kind in a sentence.

    `mentions` are those of the text. A language without rules tells none.
    """
    rules = _rules(language)
    events: list[Event] = []
    for start, end in sentences if rules else ():
        if end - start > _LONGEST:
            continue
        words = set(_LETTERS.findall(text[start:end].lower()))
        seen: dict[EventKind, tuple[Span, str]] = {}
        for place in sorted({place for word in words for place in _rules_of(language, word)}):
            rule = rules[place]
            if rule.kind not in seen and (span := rule.find(text, (start, end))):
                seen[rule.kind] = span, rule.name
        if seen:
            inside = dict.fromkeys(one.target for one in mentions if start <= one.start and one.end <= end)
            events.extend(Event(kind, *span, name, tuple(inside)) for kind, (span, name) in seen.items())
    return tuple(sorted(events, key=lambda event: (event.start, event.end, event.kind.value)))


@functools.cache
def version() -> str:
    """Changes whenever other events could be found: `code-rules`, the latter 12 hex digits of `events.toml`."""
    return f"{_CODE}-{hashlib.sha256(_packaged()).hexdigest()[:12]}"


@functools.lru_cache(maxsize=1 << 16)
def _rules_of(language: str, word: str) -> tuple[int, ...]:
    """Which rules have a phrase that `word` may be the key word of, by their place in the list."""
    if not _all_keys(language).may_hold(word):
        return ()
    return tuple(place for place, rule in enumerate(_rules(language)) if rule.keys.may_hold(word))


def _around(text: str, sentence: Span, own: Span) -> Span:
    """From the start of the word `_WITHIN` words before `own` to the end of the one as far behind it."""
    before = [match.start() for match in _WORD.finditer(text, sentence[0], own[0])][-_WITHIN:]
    after = [match.end() for match in _WORD.finditer(text, own[1], sentence[1])][:_WITHIN]
    return (before or [own[0]])[0], (after or [own[1]])[-1]


@functools.lru_cache(maxsize=8)
def _rules(language: str) -> tuple[_Rule, ...]:
    listed = [row for row in tomllib.loads(_packaged().decode())["rule"] if language in row]
    phrases = [phrase for row in listed for phrase in row[language]["words"]]
    return tuple(
        _Rule(
            row["name"],
            EventKind(row["kind"]),
            keywords.choose(row[language]["words"], phrases),
            _pattern(row[language]["words"]),
            _pattern(row[language]["near"]) if "near" in row[language] else None,
            _pattern(row[language]["without"]) if "without" in row[language] else None,
        )
        for row in listed
    )


def _packaged() -> bytes:
    return resources.files("service.sentiment").joinpath("events.toml").read_bytes()


@functools.lru_cache(maxsize=8)
def _all_keys(language: str) -> KeyWords:
    return functools.reduce(operator.or_, (rule.keys for rule in _rules(language)), keywords.NONE)


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Whole words in any capitals; `*` is the rest of a word, a blank a blank or hyphen."""
    ways = sorted({re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for phrase in phrases})
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(ways, key=len, reverse=True))})(?!\w)", re.IGNORECASE)
