"""Audit: is anything said of an instant changed by what came after it? Asked of a copy of the store, with poison.

    store ─ copied ─▶ outputs known by T ──────────────────────────────────┐
                └─ poison everything after T ─▶ the same outputs once more ─┴─ compare ─▶ Findings

Twice, by two clocks: series, moves and reports by when news and candles could be known (`available`), reads with
`as_of` by when newscandle came to know them (`known`). The latest T comes first: what is poisoned after it lies after
every earlier T too, so that one copy serves all. That the audit can see is shown by leaks planted on purpose.
"""

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex

import numpy as np

from jobs.align import build_series, require_target
from jobs.console import Advance
from jobs.house import House
from jobs.markets import choose_market
from jobs.outputs import ALWAYS, Scope, keep_aligned, lay_out, list_findings, list_moves, list_told
from jobs.readings import EVENTS, QUOTES, REFUSED, REPORT, list_readings
from jobs.venues import load_bars
from service.correlation.aligned import STATES, ScoreColumns
from service.correlation.lookahead import Answer, Change, choose_instants, compare
from service.errors import WorkFailed
from service.instants import from_millis, to_millis
from service.sentiment.scorer import State, identify
from storage import articles, candles, copying, database, knowledge, scores, series
from storage.poison import Clock, Cut, Poisoned, poison

EARLY_NEWS = "news a bar early"
STAMPED_AT_OPEN = "prices known at the open of their bar"
WITHOUT_AS_OF = "reads that forget as_of"
FORGETFUL = {one: f"{one.removesuffix(' as of')} that forget as_of" for one in (QUOTES, EVENTS)} | {
    REPORT: "a report that forgets as_of"
}
SAMPLED_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One instant: how much after it was poisoned, how many values known by it were compared, and which changed."""

    instant: dt.datetime
    clock: Clock
    poisoned: Poisoned
    values: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found. `planted` counts the changes each planted leak caused, empty without a self-check."""

    store: str
    seed: int
    steps: tuple[Step, ...]
    planted: dict[str, int] = field(default_factory=dict)
    restated_bars: int = 0

    @property
    def is_passed(self) -> bool:
        """Nothing leaked, and every planted leak was seen."""
        return not any(step.changes for step in self.steps) and all(self.planted.values())


_Audited = Iterator[tuple[Step, dict[str, int]]]


def audit_lookahead(house: House, *, instants: int, seed: int, self_check: bool, advance: Advance) -> Findings:
    """Audit the store of `house`, which is only read. Raises `WorkFailed` where nothing is held to audit."""
    scope = _fix_scope(house)
    with database.read(house.engine) as connection:
        stamps = knowledge.load_instants(connection)
        restated = knowledge.count_restated(connection)
    works = (
        (_audit_available, _choose_available(house, scope, instants, seed)),
        (_audit_known, _choose_known(stamps, instants, seed)),
    )
    steps: list[Step] = []
    planted: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="newscandle-audit-") as folder:
        for audit, chosen in works:
            with copying.copied(house.engine, Path(folder), f"newscandle_audit_{token_hex(4)}") as copy:
                for step, leaks in audit(replace(house, engine=copy), scope, chosen, seed, self_check=self_check):
                    steps.append(step)
                    planted |= {leak: planted.get(leak, 0) + seen for leak, seen in leaks.items()}
                    advance(1)
    return Findings(house.engine.dialect.name, seed, tuple(steps), planted, restated)


def _fix_scope(house: House) -> Scope:
    targets = tuple(dict.fromkeys((*house.settings.report.targets, *house.settings.align.targets)))
    for target in targets:
        require_target(house, target)
    markets = {interval: choose_market(house, interval) for interval in house.settings.align.intervals}
    scorers = tuple(identify(scorer) for scorer in house.scorers.values())
    with database.read(house.engine) as connection:
        held = tuple(candles.venues(connection))
        declarations = tuple(series.load_declarations(connection))
    revisions = _read_leading(house, targets[0], scorers[0]).revision
    places = np.unique(np.linspace(0, max(0, len(revisions) - 1), SAMPLED_TEXTS).astype(int))
    sampled = tuple(revisions[places].tolist()) if len(revisions) else ()
    with database.read(house.engine) as connection:
        keys = dict.fromkeys(one.article.key for one in articles.load(connection, sampled))
    return Scope(markets, held, declarations, targets, scorers, sampled, tuple(keys))


def _read_leading(house: House, target: str, scorer: str) -> ScoreColumns:
    with database.read(house.engine) as connection:
        return scores.load_columns(
            connection, target=target, scorer=scorer, catalogue=house.catalogue.digest, window=ALWAYS
        )


def _choose_available(house: House, scope: Scope, number: int, seed: int) -> list[dt.datetime]:
    """Instants in bars of the finest interval, before an article that counts in that bar of the leading series."""
    interval, market = min(scope.markets.items(), key=lambda pair: pair[0].millis)
    open_at = load_bars(house, market, ALWAYS).open_at
    read = _read_leading(house, scope.targets[0], scope.scorers[0])
    counts = np.isin(read.state, [STATES.index(State.SCORED), STATES.index(State.NO_SIGNAL)])
    bars = np.unique(open_at - open_at % interval.millis)
    chosen = choose_instants(read.available_at[counts], bars, interval.millis, number=number, seed=seed)
    if not chosen:
        raise WorkFailed(
            "nothing_to_audit",
            f"no article that {scope.scorers[0]} read toward {scope.targets[0]} falls among the prices held: "
            "ingest or import news of the same time, then `newscandle score`",
        )
    return [from_millis(instant) for instant in chosen]


def _choose_known(stamps: list[dt.datetime], number: int, seed: int) -> list[dt.datetime]:
    """The last instant at which something was written, when most was known, and others, the latest first."""
    earlier = np.random.default_rng(seed).permutation(len(stamps) - 1)[: number - 1].tolist()
    return [stamps[place] for place in sorted([len(stamps) - 1, *earlier], reverse=True)]


def _audit_available(
    house: House, scope: Scope, instants: list[dt.datetime], seed: int, *, self_check: bool
) -> _Audited:
    """`house` is on a copy. Series and moves are built once before any poison; what is cut is what they say."""
    before = keep_aligned(house, scope) + list_moves(house, scope) + list_told(house)
    found = {instant: list_findings(house, scope, instant) for instant in instants}
    early = _align_early(house, scope) if self_check else []
    for instant in instants:
        until = to_millis(instant)
        poisoned = _poison(house, Cut(instant, Clock.AVAILABLE, seed))
        after = keep_aligned(house, scope) + list_moves(house, scope) + list_told(house)
        values, changes = _compare_all(before, after, until)
        more, others = _compare_all(found[instant], list_findings(house, scope, instant), until)
        planted = {}
        if self_check:
            planted[EARLY_NEWS] = len(_compare_all(early, _align_early(house, scope), until)[1])
            planted[STAMPED_AT_OPEN] = len(_compare_all(_stamp_at_open(before), _stamp_at_open(after), until)[1])
        yield Step(instant, Clock.AVAILABLE, poisoned, values + more, changes + others), planted


def _audit_known(house: House, scope: Scope, instants: list[dt.datetime], seed: int, *, self_check: bool) -> _Audited:
    """`house` is on a copy. Every question is asked as of each instant before any poison, and again after its own."""
    before = {instant: list_readings(house, scope, instant) for instant in instants}
    lead = _take_leading(scope)
    now = list_readings(house, lead, None) if self_check else []
    for instant in instants:
        until = to_millis(instant)
        poisoned = _poison(house, Cut(instant, Clock.KNOWN, seed))
        values, changes = _compare_all(before[instant], list_readings(house, scope, instant), until)
        planted = {}
        if self_check:
            planted = _count_forgetful(before[instant], now, list_readings(house, lead, None))
        yield Step(instant, Clock.KNOWN, poisoned, values, changes), planted


def _count_forgetful(known: list[Answer], now: list[Answer], poisoned: list[Answer]) -> dict[str, int]:
    """The planted leak in reads: changes of what is told without `as_of`, by what tells it.

    Quotes, events and a report count where some were known by the instant: of none nothing is invented later.
    """
    held = {one.name for one in known if len(one.keys) and one.keys[0] != REFUSED}
    counted = {WITHOUT_AS_OF: 0} | {leak: 0 for name, leak in FORGETFUL.items() if name in held}
    for change in _compare_all(now, poisoned, 0)[1]:
        leak = FORGETFUL.get(change.answer, WITHOUT_AS_OF)
        if leak in counted:
            counted[leak] += 1
    return counted


def _take_leading(scope: Scope) -> Scope:
    """One target, scorer and market: enough for a planted leak to show, few enough changes to list."""
    held = tuple(one for one in scope.held if one in scope.markets.values())[:1]
    return replace(scope, targets=scope.targets[:1], scorers=scope.scorers[:1], held=held, declarations=())


def _poison(house: House, cut: Cut) -> Poisoned:
    with database.begin(house.engine) as connection:
        return poison(connection, cut)


def _align_early(house: House, scope: Scope) -> list[Answer]:
    """The planted leak in news: the leading series with an embargo of minus one bar, by the code that builds all."""
    told = []
    for interval, market in scope.markets.items():
        early = house.settings.align.model_copy(update={"embargo_seconds": -interval.millis // 1000})
        leaky = replace(house, settings=house.settings.model_copy(update={"align": early}))
        told += [lay_out(build_series(leaky, market, scope.targets[0], scope.scorers[0], interval))]
    return told


def _stamp_at_open(answers: Iterable[Answer]) -> list[Answer]:
    """The planted leak in prices: every bar claims to be known when it opens."""
    return [replace(one, known_at=one.keys) for one in answers if one.kind == "bar"]


def _compare_all(before: Iterable[Answer], after: Iterable[Answer], until: int) -> tuple[int, tuple[Change, ...]]:
    """Values compared and changes, over all answers by name; one that is not there has no rows."""
    old, new = ({one.name: one for one in answers} for answers in (before, after))
    values = 0
    changes: list[Change] = []
    for name in old | new:
        counted, found = compare(*_pair(old.get(name), new.get(name)), until)
        values += counted
        changes += found
    return values, tuple(changes)


def _pair(old: Answer | None, new: Answer | None) -> tuple[Answer, Answer]:
    there = old or new
    assert there is not None
    nothing = {name: column[:0] for name, column in there.columns.items()}
    absent = Answer(there.name, there.kind, there.keys[:0], there.known_at[:0], nothing)
    return old or absent, new or absent
