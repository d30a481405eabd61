"""Scripted histories of a misbehaving exchange, by seed, and what must be held after each run by an oracle of its own.

    History(seed) ─▶ Run, Run, … ─▶ Script.reply (a venue in its wire format, spoilt) ┄┄▶ ccxt ┄┄▶ store
                                └─▶ Oracle.expect ─────────────────────────────────────────▶ compared with the store

The oracle knows what each bar was meant to become; it shares no code with the door it judges.
"""

import datetime as dt
import math
import random
from dataclasses import dataclass, field
from typing import Any

from service.instants import Interval, from_millis, to_millis
from tests.exchange_server import DIALECTS, MARKETS, Bar, Reply, json_reply

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
Figures = tuple[float, float, float, float, float]

FATES = ("missing", "invalid", "off_grid", "contradicted", "twin", "half")
"""What can become of one bar in one run, besides being printed as it is."""

LOST = ("missing", "invalid", "off_grid", "contradicted")
"""The fates after which nothing of the bar may be taken."""

HTML = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"
PASSING = ("429", "retry_after", "500", "502", "503", "504", "html", "empty", "null", "half", "string", "short")
LASTING = ("403", "451", "maintenance", "long_wait")


@dataclass(frozen=True, slots=True)
class Run:
    """One fetch: our clock, how far the venue's differs (behind: told by its Date; ahead: it prints what is to come),
    each bar's fate and revision, faults by number of request, and stray rows slipped into every answer.
    """

    now: dt.datetime
    behind: dt.timedelta
    ahead: int
    fates: dict[int, str]
    revisions: dict[int, int]
    faults: dict[int, str]
    strays: tuple[str, ...]
    is_shuffled: bool

    @property
    def clock(self) -> dt.datetime:
        """When a bar must have closed to be taken (the Date of an answer has whole seconds)."""
        return (self.now - self.behind).replace(microsecond=0) if self.behind else self.now


@dataclass(frozen=True, slots=True)
class History:
    """A venue, a length of bar, a page size, and runs one after another."""

    seed: int
    venue: str
    interval: Interval
    page_limit: int
    runs: tuple[Run, ...]

    def slot(self, instant: dt.datetime) -> int:
        """Number of the bar that holds `instant`."""
        return (instant - START) // self.interval.duration

    def open_at(self, slot: int) -> dt.datetime:
        """Opening instant of the bar with this number."""
        return START + slot * self.interval.duration

    def print(self, slot: int, revision: int) -> Figures:
        """What the venue truly says of a bar: a waving price with cents; each revision another close and volume."""
        first, last = (round(40_000 + 500 * math.sin((self.seed + n) / 5), 2) for n in (slot, slot + 1))
        high, low = round(max(first, last) + 61.25, 2), round(min(first, last) - 57.5, 2)
        return first, high, low, round(last + revision * 1.37, 2), 1.5 + slot % 9 + revision * 0.25


def make_history(seed: int) -> History:
    """The history of this seed, always the same."""
    chance = random.Random(seed)
    venue = chance.choice(sorted(DIALECTS))
    interval = chance.choice((Interval.M1, Interval.H1, Interval.H1, Interval.D1))
    reach, runs = 0.0, []
    revisions: dict[int, int] = {}
    for _ in range(chance.randint(2, 4)):
        reach += chance.choice((0, 0.4, 2, chance.uniform(1, 30), chance.uniform(20, 80)))
        runs.append(_make_run(chance, interval, reach, revisions))
    return History(seed, venue, interval, chance.choice((4, 7, 12, 25)), tuple(runs))


def _make_run(chance: random.Random, interval: Interval, reach: float, revisions: dict[int, int]) -> Run:
    now = START + dt.timedelta(seconds=int(reach * interval.duration.total_seconds()))
    slots = int(reach) + 4
    harm = chance.choice((0.0, 0.05, 0.2, 0.6))
    fates = {slot: chance.choice(FATES) for slot in range(slots) if chance.random() < harm}
    if chance.random() < 0.15:  # a stretch longer than a page
        first = chance.randrange(slots)
        fates |= dict.fromkeys(range(first, first + chance.randint(3, 20)), "missing")
    for slot in range(slots):
        if chance.random() < 0.25:
            revisions[slot] = revisions.get(slot, 0) + 1
    behind = chance.choice((0.0, 0.0, 0.0, chance.uniform(0, 3))) * interval.duration
    faults: dict[int, str] = {}
    for request in range(chance.choice((0, 0, 3, 6))):
        if chance.random() < 0.5:
            faults[request] = chance.choice(PASSING)
    if chance.random() < 0.2:
        first = chance.randrange(4)
        faults |= dict.fromkeys(range(first, first + 3), chance.choice(PASSING))
    if chance.random() < 0.1:
        faults[chance.randrange(4)] = chance.choice(LASTING)
    return Run(
        now=now,
        behind=min(behind, dt.timedelta(hours=20)),
        ahead=chance.choice((0, 0, 0, 2)),
        fates=fates,
        revisions=dict(revisions),
        faults=faults,
        strays=tuple(stray for stray in ("future", "past", "unreadable", "short_row") if chance.random() < 0.15),
        is_shuffled=chance.random() < 0.3,
    )


@dataclass(slots=True)
class Script:
    """The venue of one run of a history, as a server's `reply`; it notes what it has handed out whole."""

    history: History
    run: Run
    requests: int = 0
    delivered: set[int] = field(default_factory=set)  # slots in answers without a fault
    strayed: set[str] = field(default_factory=set)  # stray rows in answers without a fault
    answers: int = 0

    def reply(self, path: str, query: dict[str, str]) -> Reply:
        """One answer: the list of markets, a fault, or the bars as this run spoils them."""
        markets = MARKETS[self.history.venue]
        if path == markets[0]:
            return json_reply(markets[1])
        shown: list[int] = []
        strayed: set[str] = set()
        body = self._write(path, query, shown, strayed)
        fault = self.run.faults.get(self.requests)
        self.requests += 1
        if fault is not None:
            return _spoil(fault, body)
        self.answers += 1
        self.delivered.update(shown)
        self.strayed |= strayed
        date = {"Date": self.run.clock.strftime("%a, %d %b %Y %H:%M:%S GMT")} if self.run.behind else {}
        return Reply(body, headers=date)

    def _write(self, path: str, query: dict[str, str], shown: list[int], strayed: set[str]) -> bytes:
        dialect = DIALECTS[self.history.venue]
        last = self.history.slot(self.run.now) + self.run.ahead
        bars = [self._bar(slot) for slot in range(last + 1) if self.run.fates.get(slot) != "missing"]

        def write(bar: Bar) -> list[Any]:
            rows: list[Any] = []
            dialect(path, query, [bar], lambda given: rows.extend(given) or given)
            return rows

        def spoil(rows: list[Any]) -> list[Any]:
            spoilt: list[Any] = []
            for row in rows:
                slot = self.history.slot(from_millis(_read_millis(row)))
                shown.append(slot)
                spoilt += self._spoil_row(slot, row, write)
            sound = [row for slot, row in zip(shown, rows, strict=True) if self.run.fates.get(slot) != "invalid"]
            if sound:
                spoilt += [self._stray(stray, sound[0]) for stray in self.run.strays]
                strayed.update(self.run.strays)
            if self.run.is_shuffled:
                random.Random(self.history.seed).shuffle(spoilt)
            return spoilt

        return dialect(path, query, bars, spoil).body

    def _bar(self, slot: int) -> Bar:
        first, high, low, last, volume = self.history.print(slot, self.run.revisions.get(slot, 0))
        if self.history.open_at(slot + 1) > self.run.now:  # still running: not the figures it will close with
            high, low, last, volume = first + 1.0, first - 1.0, first, 0.25
        if self.run.fates.get(slot) == "invalid":
            lows = (low, low, low, high, low)  # the fourth lies above its open
            wrongs = ((first, high, -last, volume), (first, last - 1, last, volume), (first, high, last, -1.0),
                      (first, high, last, volume), (0.0, high, last, volume))  # fmt: skip
            low, (first, high, last, volume) = lows[slot % 5], wrongs[slot % 5]
        return to_millis(self.history.open_at(slot)), first, high, low, last, volume

    def _spoil_row(self, slot: int, row: Any, write: Any) -> list[Any]:
        millis, first, high, low, last, volume = self._bar(slot)
        fate = self.run.fates.get(slot)
        if fate == "off_grid":
            return [_retime(row, millis + 1000 * (1 + slot % 50))]
        if fate == "twin":
            return [row, *write((millis, first, round(high, 1), low, round(last, 1), volume))]
        if fate == "half":
            return [*write((millis, first, max(first, last), min(first, last), first, volume * 0.4)), row]
        if fate == "contradicted":
            return [row, *write((millis, first * 1.05, high * 1.05, low * 1.05, last * 1.05, volume * 1.3))]
        return [row]

    def _stray(self, stray: str, row: Any) -> Any:
        if stray == "future":
            return _retime(row, to_millis(self.history.open_at(self.history.slot(self.run.now) + 50)))
        if stray == "past":
            return _retime(row, to_millis(self.history.open_at(-500)))
        return "maintenance" if stray == "unreadable" else []


def _spoil(fault: str, body: bytes) -> Reply:
    if fault == "short":
        return Reply(body, declared=len(body) + 50)
    if fault == "half":
        return Reply(body[: len(body) // 2])
    if fault == "retry_after":
        return Reply(HTML, 429, {"Retry-After": "0"})
    if fault == "long_wait":
        return Reply(HTML, 429, {"Retry-After": "600"})
    if fault == "maintenance":
        return json_reply({"message": "under maintenance"}, status=503)
    bodies = {"html": HTML, "empty": b"", "null": b"null", "string": b'"candles"'}
    return Reply(bodies[fault]) if fault in bodies else Reply(HTML, int(fault))


def _read_millis(row: Any) -> int:
    stamp = int(row["timestamp"] if isinstance(row, dict) else row[0])
    return stamp * 1000 if stamp < 10**11 else stamp


def _retime(row: Any, millis: int) -> Any:
    """The row in the same wire format at another instant."""
    old = row["timestamp"] if isinstance(row, dict) else row[0]
    stamp = millis // 1000 if int(old) < 10**11 else millis
    new = type(old)(stamp)
    return {**row, "timestamp": new} if isinstance(row, dict) else [new, *row[1:]]


@dataclass(slots=True)
class Oracle:
    """What must be held: every distinct print of a bar, oldest first, by number of the bar."""

    history: History
    prints: dict[int, list[Figures]] = field(default_factory=dict)

    def expect(self, run: Run, first: int) -> dict[int, Figures]:
        """The print that a run which asked from bar `first` on, and failed nowhere, must have taken of each bar."""
        closed = self.history.slot(run.clock)
        return {
            slot: self.history.print(slot, run.revisions.get(slot, 0))
            for slot in range(first, closed)
            if run.fates.get(slot) not in LOST
        }

    def would_add(self, expected: dict[int, Figures]) -> list[int]:
        """Numbers of the bars of which `expected` says something not yet held."""
        return [slot for slot, figures in expected.items() if figures not in self.prints.get(slot, [])]

    def take(self, expected: dict[int, Figures], slots: list[int]) -> None:
        """Hold what is expected of these bars."""
        for slot in slots:
            self.prints.setdefault(slot, []).append(expected[slot])

    def refusals(self, run: Run, first: int) -> set[tuple[str, int]]:
        """(reason, number of the bar) of every row such a run must have put in quarantine."""
        names = {
            "invalid": "invalid_bar", "off_grid": "off_grid", "contradicted": "conflicting_duplicate",
            "half": "conflicting_duplicate", "twin": "duplicate",
        }  # fmt: skip
        closed = self.history.slot(run.clock)
        return {(names[fate], slot) for slot, fate in run.fates.items() if fate in names and first <= slot < closed}
