"""The rules that label a line, read from the packaged passages.toml, and the quick way to the few that may apply."""

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.news.article import PassageKind
from service.news.passage.lines import Line

# Reported speech: what someone is quoted with is news, whatever it sounds like.
SPEECH = re.compile(
    r"\b(?:said|says|saying|told|tells|tweeted|wrote|argue[sd]?|warn(?:s|ed|ing)|joked|quipped|added|according to"
    r"|reported(?:ly)?|zei|zegt|zeiden|zeggen|aldus|volgens|schreef|schrijft|stelt|stelde|waarschuw(?:t|de|den)"
    r"|vertel(?:t|de)|grap(?:t|te)|meld(?:t|de)|(?:liet|laat|lieten) weten)\b"
)
_WORD = re.compile(r"\w+")
_KEYS = re.compile(r"(\w{1,3})\w*")  # how the words of a line begin: by that rules are looked up
_TIERS = (160, 420, 900, 3000)  # code points: long lines need few of the rules


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line was found to be, by which rule, and whether lines after it may belong to it."""

    kind: PassageKind
    rule: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Gives `mark` to a line of at most `longest` code points that `pattern` finds (fields as in passages.toml)."""

    mark: Mark
    cues: tuple[str, ...]
    pattern: re.Pattern[str]
    longest: int
    no_speech: bool

    def labels(self, line: Line) -> bool:
        """Whether the line is of this rule's kind."""
        return (
            len(line.core) <= self.longest
            and self.pattern.search(line.core) is not None
            and not (self.no_speech and SPEECH.search(line.lowered))
        )


class RuleBook:
    """The rules in order, and for each tier of line lengths which of them the words of a line call up."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._tiers = [
            _Tier(limit, self.rules, [number for number, rule in enumerate(self.rules) if rule.longest > shorter])
            for shorter, limit in zip((0, *_TIERS), _TIERS, strict=False)
        ]

    def find(self, line: Line) -> Mark | None:
        """The mark of the first rule that labels the line."""
        for tier in self._tiers:
            if len(line.core) <= tier.limit:
                candidates = (self.rules[number] for number in sorted(tier.call_up(line.lowered)))
                return next((rule.mark for rule in candidates if rule.labels(line)), None)
        return None


class _Tier:
    """The rules for lines of some length, by what calls them up: nothing, a sign, or a cue with its words."""

    def __init__(self, limit: int, rules: Sequence[Rule], numbers: Sequence[int]) -> None:
        self.limit = limit
        self._always = [number for number in numbers if not rules[number].cues]
        self._by_sign: list[tuple[str, int]] = []
        self._by_key: dict[str, set[tuple[str, int]]] = {}
        for number in numbers:
            for cue in rules[number].cues:
                words = _WORD.findall(cue)
                if words:
                    self._by_key.setdefault(max(words, key=len)[:3], set()).add((cue, number))
                else:
                    self._by_sign.append((cue, number))

    def call_up(self, lowered: str) -> set[int]:
        """Numbers of the rules that may label a line with this text."""
        numbers = set(self._always)
        numbers.update(number for sign, number in self._by_sign if sign in lowered)
        for key in self._by_key.keys() & set(_KEYS.findall(lowered)):
            numbers.update(number for cue, number in self._by_key[key] if cue in lowered)
        return numbers


@functools.cache
def load_rules() -> RuleBook:
    """All rules, in the order in which they are tried."""
    text = importlib.resources.files("service.news.passage").joinpath("passages.toml").read_text(encoding="utf-8")
    written = tomllib.loads(text)
    words: dict[str, str] = {}
    for name, pattern in written["words"].items():
        words[name] = _fill(pattern, words)
    return RuleBook([_read(entry, words) for entry in written["rule"]])


def _fill(pattern: str, words: dict[str, str]) -> str:
    """The pattern with every `<word>` replaced by what it stands for."""
    return re.sub(r"<([a-z_]+)>", lambda found: f"(?:{words[found[1]]})", pattern)


def _read(entry: dict[str, Any], words: dict[str, str]) -> Rule:
    """One `[[rule]]`."""
    parts = [
        *(f"^(?:{_fill(pattern, words)})$" for pattern in entry.get("whole", ())),
        *(f"^(?:{_fill(pattern, words)})" for pattern in entry.get("start", ())),
        *(_fill(pattern, words) for pattern in entry.get("within", ())),
    ]
    return Rule(
        Mark(PassageKind(entry["rule"].split(".")[0]), entry["rule"], entry.get("opens", False)),
        tuple(entry.get("cues", ())),
        re.compile("|".join(parts), 0 if entry.get("cased") else re.IGNORECASE),
        entry.get("longest", 160),
        entry.get("no_speech", False),
    )
