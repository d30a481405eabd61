"""What may happen to a store, and a small oracle that knows the past by living it again.

The oracle keeps the list of what happened and when. Asked as of an instant it begins with nothing and lives through
what had happened by then: nothing that came later can reach its answer, because it is never looked at.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tests.storage.builders import at

HOUR = dt.timedelta(hours=1)
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Ingest:
    """An article is seen with this text, known `delay` hours from now (a past instant where it came late)."""

    name: str
    text: str
    delay: int


@dataclass(frozen=True)
class Read:
    """A scorer reads the n-th text of an article: a score, None for no signal, or a language it cannot read."""

    scorer: str
    name: str
    number: int
    value: float | str | None
    relevance: int


@dataclass(frozen=True)
class Extract:
    """An extractor (`quotes` or `events`) finds so many in the n-th text of an article."""

    extractor: str
    name: str
    number: int
    found: int


@dataclass(frozen=True)
class Print:
    """A venue states these bars: hour → close."""

    bars: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Search:
    """The hours from `first` on are searched for holes: a reason for each, empty where there is a bar."""

    first: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Align:
    """The points of the series of one setting from hour `first` on are computed: None where there is no news."""

    setting: int
    first: int
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Conclude:
    """A report is made, with so many tests on the series."""

    number: int
    tests: int


Event = Ingest | Read | Extract | Print | Search | Align | Conclude


@dataclass
class _State:
    """What newscandle knows at one instant."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    tellings: dict[str, list[tuple[str, dt.datetime]]] = field(default_factory=dict)  # text, known from
    available_at: dict[str, dt.datetime] = field(default_factory=dict)
    read: dict[tuple[str, str, int], Read] = field(default_factory=dict)
    extracted: dict[tuple[str, str, int], int] = field(default_factory=dict)
    bars: dict[int, float] = field(default_factory=dict)
    holes: dict[int, str] = field(default_factory=dict)
    points: dict[int, dict[int, float | None]] = field(default_factory=dict)  # by setting
    reports: dict[int, int] = field(default_factory=dict)

    def live(self, event: Event, now: dt.datetime) -> None:
        self._hear(event, now)
        self._watch(event)

    def _hear(self, event: Event, now: dt.datetime) -> None:
        match event:
            case Ingest(name, text, delay):
                self.available_at.setdefault(name, now + delay * HOUR)
                if text not in self.texts.setdefault(name, []):
                    self.texts[name].append(text)
                told = self.tellings.setdefault(name, [])
                if not told or told[-1][0] != text:  # the source's last word, a text it had before too
                    told.append((text, now + delay * HOUR))
            case Read(scorer, name, number):
                if number <= len(self.texts.get(name, ())):
                    self.read.setdefault((scorer, name, number), event)
            case Extract(extractor, name, number, found):
                if number <= len(self.texts.get(name, ())):
                    self.extracted.setdefault((extractor, name, number), found)
            case Conclude(number, tests):
                self.reports.setdefault(number, tests)

    def _watch(self, event: Event) -> None:
        match event:
            case Print(bars):
                for hour, close in bars:
                    self.bars[hour] = close  # the venue's last word
            case Search(first, reasons):
                for hour, reason in enumerate(reasons, first):
                    self.holes.pop(hour, None)
                    if reason:
                        self.holes[hour] = reason
            case Align(setting, first, values):
                self.points.setdefault(setting, {}).update(enumerate(values, first))


@dataclass
class Oracle:
    """The history so far; there are series of so many settings."""

    settings: int
    lived: list[tuple[dt.datetime, Event]] = field(default_factory=list)

    def answer(self, as_of: dt.datetime, scorers: tuple[str, ...]) -> dict[str, Any]:
        """Every answer the store must give as of an instant."""
        state = _State()
        for instant, event in self.lived:
            if instant <= as_of:
                state.live(event, instant)
        known = [name for name, available in state.available_at.items() if available <= as_of]
        known.sort(key=lambda name: state.available_at[name])  # alike: in order of arrival
        closed = sorted(hour for hour in state.bars if at(hour) + HOUR <= as_of)
        answers: dict[str, Any] = {
            "articles": len(known),
            "reads": {name: told for name in state.tellings if (told := _last(state.tellings[name], as_of))},
            **{
                extractor: [
                    (name, place) for name in known for place in range(state.extracted.get((extractor, name, 1), 0))
                ]
                for extractor in ("quotes", "events")
            },
            "candles": [(hour, state.bars[hour]) for hour in closed],
            "held": (len(closed), closed[0], closed[-1]) if closed else None,
            "gaps": _runs(state.holes),
            "series": [_points(state.points.get(setting), as_of) for setting in range(self.settings)],
            "reports": list(reversed(state.reports)),
            "tests": sum(state.reports.values()),
        }
        for scorer in scorers:
            seen = [(name, _see(read)) for name in known if (read := state.read.get((scorer, name, 1)))]
            scored = [
                read.relevance for name in known if (read := state.read.get((scorer, name, 1))) and _mentions(read)
            ]
            answers[f"readings {scorer}"] = [(name, state.available_at[name], *told) for name, told in seen]
            answers[f"states {scorer}"] = dict(Counter(told[0] for _, told in seen))
            answers[f"targets {scorer}"] = (len(scored), sum(scored) / len(scored)) if scored else None
        return answers


def _last(told: list[tuple[str, dt.datetime]], as_of: dt.datetime) -> str | None:
    return next((text for text, known in reversed(told) if known <= as_of), None)


def _points(told: dict[int, float | None] | None, as_of: dt.datetime) -> list[tuple[int, float | None]] | None:
    return None if told is None else [(hour, told[hour]) for hour in sorted(told) if at(hour) + HOUR <= as_of]


def _mentions(read: Read) -> bool:
    return read.value != UNREADABLE and read.relevance > 0


def _see(read: Read) -> tuple[str, float | None, int]:
    if read.value == UNREADABLE:
        return ("unsupported_language", None, 0)
    if not _mentions(read):
        return ("no_mention", None, 0)
    if read.value is None:
        return ("no_signal", None, read.relevance)
    return ("scored", float(read.value), read.relevance)


def _runs(holes: dict[int, str]) -> list[tuple[int, int, str]]:
    """Hours in a row with one reason become one hole [first, end)."""
    runs = []
    # in a run the hour and its place differ by the same number throughout
    for (_, reason), run in groupby(enumerate(sorted(holes)), key=lambda item: (item[1] - item[0], holes[item[1]])):
        hours = [hour for _, hour in run]
        runs.append((hours[0], hours[-1] + 1, reason))
    return sorted(runs)
