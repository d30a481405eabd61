"""The frozen types of the catalogue of targets: who and what can be spoken of, and under which names."""

import dataclasses
import datetime as dt
import enum
import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from service.sentiment.score import TargetKind

FINDING_VERSION: Final = 3  # raised whenever the code finds or counts other mentions with the same catalogue
ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by language: pairs (ISO 639-1 code or `any`, phrase), in the order they were listed."""

    pairs: tuple[tuple[str, str], ...] = ()

    def of(self, language: str) -> tuple[str, ...]:
        """The phrases that count in `language`: its own and those of any."""
        return tuple(phrase for code, phrase in self.pairs if code in (language, ANY))

    def every(self) -> tuple[str, ...]:
        """The phrases of all languages."""
        return tuple(phrase for _, phrase in self.pairs)

    def __add__(self, other: "Phrases") -> "Phrases":
        return Phrases(self.pairs + tuple(pair for pair in other.pairs if pair not in self.pairs))


@dataclass(frozen=True, slots=True)
class Role:
    """An office held from `since` (inclusive; None: always) until `until` (exclusive; None: still), UTC.

    `titles` are its names per language; `home` is the key of the country meant where a title names none.
    """

    titles: Phrases
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    is_acting: bool = False
    home: str = ""

    def is_held(self, at: dt.datetime) -> bool:
        """Whether the office was held at `at` (UTC)."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Target:
    """One target. The fields are those of `targets.toml`, where each is explained."""

    key: str
    kind: TargetKind
    names: Phrases
    aliases: Phrases = Phrases()
    exact: Phrases = Phrases()
    ambiguous: Phrases = Phrases()
    tickers: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    not_within: tuple[str, ...] = ()
    not_shouted: tuple[str, ...] = ()
    surname: str = ""
    surname_alone: bool = False
    pronoun: str = ""  # "he", "she" or ""
    group: str = ""  # a key of Catalogue.nouns, or ""
    compounds: bool = False
    not_as_amount: bool = False
    roles: tuple[Role, ...] = ()

    def name(self, language: str) -> str:
        """What readers see in `language`; the first name listed where that language has none."""
        own = [phrase for code, phrase in self.names.pairs if code == language]
        return own[0] if own else self.names.pairs[0][1]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All targets, in listed order, with the words that help to find them. Equal where `digest` is equal.

    `digest` (16 hex digits) is a hash of the whole content and of FINDING_VERSION: it is stored with every reading.
    """

    targets: tuple[Target, ...]
    nouns: tuple[tuple[str, Phrases], ...] = ()  # group → nouns that may stand for a target of it
    given_names: frozenset[str] = frozenset()
    compound_tails: tuple[str, ...] = ()
    offices: tuple[tuple[str, Role], ...] = ()  # undated; roles in user files refer to them
    digest: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        content = json.dumps(
            [FINDING_VERSION, *(_plain(getattr(self, name)) for name in _CONTENT)], ensure_ascii=False, sort_keys=True
        )
        object.__setattr__(self, "digest", hashlib.sha256(content.encode()).hexdigest()[:16])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalogue) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def get(self, key: str) -> Target | None:
        """The target with this key."""
        return _by_key(self).get(key)

    def name(self, key: str, language: str) -> str:
        """The target's display name in `language`; the key itself (a literal name) if it is not in the catalogue."""
        target = self.get(key)
        return target.name(language) if target else key

    def resolve(self, name: str) -> str | None:
        """The key meant by a key, display name, alias, ticker or safe surname, whatever its case; None if unknown."""
        return name if self.get(name) else _by_name(self).get(" ".join(name.split()).casefold())


_CONTENT: Final = ("targets", "nouns", "given_names", "compound_tails")


def _plain(value: object) -> object:
    """A JSON-able picture of frozen values, the same for the same content."""
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.datetime) else value


@functools.lru_cache(maxsize=8)
def _by_key(catalogue: Catalogue) -> dict[str, Target]:
    return {target.key: target for target in catalogue.targets}


@functools.lru_cache(maxsize=8)
def _by_name(catalogue: Catalogue) -> dict[str, str]:
    """Folded name → key; a name one target is sure of goes before one that is another's ambiguous alias."""
    found: dict[str, str] = {}
    for naming in (_sure_names, _unsure_names):
        for target in catalogue.targets:
            for name in naming(target):
                found.setdefault(name.casefold(), target.key)
    return found


def _sure_names(target: Target) -> Iterable[str]:
    yield from target.names.every()
    yield from target.aliases.every()
    yield from target.exact.every()
    yield from target.tickers
    if target.surname_alone:
        yield target.surname


def _unsure_names(target: Target) -> Iterable[str]:
    yield from target.ambiguous.every()
    if target.surname:
        yield target.surname
