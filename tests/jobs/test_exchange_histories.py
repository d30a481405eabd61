"""Histories of a misbehaving exchange through the real ccxt into a real store: equal to the oracle, or flagged.

Forty histories in the suite; `NEWSCANDLE_TEST_HISTORIES=10000` asks for more, and `NEWSCANDLE_TEST_HISTORIES_FROM`
starts elsewhere.
"""

import datetime as dt
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from jobs.exchange import Exchange, FirstAnswer, Manners
from jobs.house import House
from jobs.prices import _store_all, _window
from jobs.retries import ask_again
from jobs.settings import Prices
from service.errors import VenueFailed
from service.instants import format_instant, from_millis
from service.market import retries
from service.market.venues import CATALOGUE, Venue
from storage import database
from storage.gaps import load_open
from tests.databases import IN_MEMORY
from tests.exchange_server import ExchangeServer, Reply
from tests.jobs.histories import START, Figures, History, Oracle, Script, make_history
from tests.jobs.houses import Hands, a_house, idle

COUNT = int(os.environ.get("NEWSCANDLE_TEST_HISTORIES", "40"))
FIRST = int(os.environ.get("NEWSCANDLE_TEST_HISTORIES_FROM", "0"))
AT_ONCE = Manners(pause=0, attempts=3, wait_initial=0, wait_max=0, timeout=5)
"""Three tries without a wait between them; only the order of answers matters here."""

REASONS = {
    "no_trade", "outage", "truncated", "unfetched", "quarantined", "fetch_failed", "maintenance", "not_listed_yet",
}  # fmt: skip
TABLES = ("candle", "quarantined_candle", "gap", "market")


class Bench:
    """One server, one store and one client per venue for all histories."""

    def __init__(self, house: House, clock: Hands) -> None:
        self.house, self.clock = house, clock
        self.server = ExchangeServer(self._reply)
        self.script: Script | None = None
        self._exchanges: dict[Venue, Exchange] = {}

    def _reply(self, path: str, query: dict[str, str]) -> Reply:
        assert self.script is not None
        return self.script.reply(path, query)

    def exchange(self, history: History) -> Exchange:
        venue = CATALOGUE[history.venue]
        venue = replace(venue, page_limit=min(venue.page_limit, history.page_limit), options=())
        if venue not in self._exchanges:
            options = CATALOGUE[history.venue].options
            opened = Exchange(replace(venue, options=options), base_url=self.server.url, manners=AT_ONCE)
            self._exchanges[venue] = opened
        return self._exchanges[venue]

    def empty(self) -> None:
        self.server.asked.clear()
        with database.begin(self.house.engine) as connection:
            for table in TABLES:
                connection.execute(sa.text(f"DELETE FROM {table}"))

    def rows(self, select: str) -> list[tuple[object, ...]]:
        with database.read(self.house.engine) as connection:
            return [tuple(row) for row in connection.execute(sa.text(select))]

    def close(self) -> None:
        for exchange in self._exchanges.values():
            exchange.__exit__(None, None, None)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    clock = Hands()
    prices = Prices(venues=tuple(CATALOGUE))
    with (
        TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder,
        a_house(Path(folder), clock=clock, prices=prices) as house,
    ):
        made = Bench(house, clock)
        with made.server:
            yield made
            made.close()


def play(bench: Bench, history: History) -> Counter[str]:
    """Every run of a history, the store compared with the oracle after each; counts what happened."""
    bench.empty()
    oracle, seen, reached = Oracle(history), Counter[str](), 0
    exchange, symbol = bench.exchange(history), CATALOGUE[history.venue].symbol
    for run in history.runs:
        bench.clock.now = run.now
        bench.script = Script(history, run)
        start = None if oracle.prints else format_instant(START)
        window = _window(bench.house, history.interval, bench.house.settings.prices.venues, start, None)
        first = max(0, history.slot(window.start))
        assert first == (max(oracle.prints) - 2 if oracle.prints else 0) or first == 0, "resumes at the newest bars"
        pages = exchange.candles(symbol, history.interval, window, now=run.now)
        answer = FirstAnswer(history.venue, symbol, pages, ())
        _, failure = _store_all(bench.house, answer, history.interval, window, idle)
        expected = oracle.expect(run, first)
        would_add = oracle.would_add(expected)
        held = load_prints(bench, history)
        if failure is None:
            oracle.take(expected, would_add)
        else:
            seen["failed"] += 1
            seen[failure.reason] += 1
            oracle.take(expected, cut_short(history, bench.script, oracle, held, would_add))
        assert held == oracle.prints, "the stored prints are the oracle's, none invented, none lost"
        reached = max(reached, history.slot(run.now))
        check_ledger(bench, history, oracle, reached)
        if failure is None:
            check_quarantine(bench, history, oracle, first)
            seen += ask_again_for_holes(bench, history, oracle, window.start)
            check_ledger(bench, history, oracle, reached)
        seen["runs"] += 1
        seen["answers"] += bench.script.answers
        seen["refused"] += bench.script.requests - bench.script.answers
    seen["bars"] += len(oracle.prints)
    seen["revisions"] += sum(len(prints) - 1 for prints in oracle.prints.values())
    seen["missing"] += reached - len(oracle.prints)
    return seen


def ask_again_for_holes(bench: Bench, history: History, oracle: Oracle, asked_from: dt.datetime) -> Counter[str]:
    """Older holes that are due are asked for in the same run: what the venue prints of them by now must be held."""
    seen = Counter[str]()
    assert bench.script is not None
    run, venue = bench.script.run, CATALOGUE[history.venue]
    with database.read(bench.house.engine) as connection:
        holes = load_open(connection, venue=venue.name, symbol=venue.symbol, interval=history.interval)
    asked = {(venue.name, history.interval): asked_from}
    for ask in retries.choose(retries.find_due(holes, began=run.now, asked=asked)):
        seen["asks"] += 1
        try:
            ask_again(bench.house, bench.exchange(history), ask)
        except VenueFailed:
            seen["failed_asks"] += 1
            assert load_prints(bench, history) == oracle.prints
            continue
        whole = retries.widen(ask)
        expected = {slot: figures for slot, figures in oracle.expect(run, 0).items() if history.open_at(slot) in whole}
        seen["filled_late"] += sum(slot not in oracle.prints for slot in expected)
        oracle.take(expected, oracle.would_add(expected))
        assert load_prints(bench, history) == oracle.prints, "what is filled late is the oracle's too"
    return seen


def load_prints(bench: Bench, history: History) -> dict[int, list[Figures]]:
    """Every statement held, by number of its bar, in the order they are numbered."""
    held: dict[int, list[Figures]] = {}
    select = "SELECT open_at, open, high, low, close, volume FROM candle ORDER BY open_at, number"
    for open_at, *figures in bench.rows(select):
        held.setdefault(as_slot(history, open_at), []).append(tuple(figures))  # type: ignore[arg-type]
    return held


def as_slot(history: History, micros: object) -> int:
    assert isinstance(micros, int)
    return history.slot(from_millis(micros // 1000))


def cut_short(
    history: History, script: Script, oracle: Oracle, held: dict[int, list[Figures]], would_add: list[int]
) -> list[int]:
    """A run that failed stored its pages up to one point and nothing after it: all that came whole, edges apart."""
    stored = [slot for slot in would_add if held.get(slot, []) != oracle.prints.get(slot, [])]
    assert stored == would_add[: len(stored)], "pages before a failure stay, none after it are there"
    whole = max((slot for slot in script.delivered if slot < history.slot(script.run.clock)), default=0)
    assert [slot for slot in would_add if slot < whole] == [slot for slot in stored if slot < whole]
    return stored


def check_ledger(bench: Bench, history: History, oracle: Oracle, reached: int) -> None:
    """Every closed bar asked for is held or lies in exactly one open hole with a known reason; never both."""
    told: Counter[int] = Counter()
    for start, end, reason in bench.rows("SELECT start_at, end_at, reason FROM gap WHERE filled_at IS NULL"):
        assert reason in REASONS
        told.update(range(max(0, as_slot(history, start)), as_slot(history, end)))  # before START there is nothing
    assert told == Counter(slot for slot in range(reached) if slot not in oracle.prints), "no silent gap, no false one"


def check_quarantine(bench: Bench, history: History, oracle: Oracle, first: int) -> None:
    """Every row a whole run had to refuse is kept with its reason."""
    assert bench.script is not None
    run = bench.script.run
    kept = bench.rows("SELECT reason, open_at FROM quarantined_candle")
    placed = {(reason, as_slot(history, open_at)) for reason, open_at in kept if open_at is not None}
    assert oracle.refusals(run, first) <= placed
    strayed = bench.script.strayed
    assert ("future" in strayed) <= any(reason == "future" for reason, _ in placed)
    assert bool({"unreadable", "short_row"} & strayed) <= any(open_at is None for _, open_at in kept)


def test_a_misbehaving_exchange_leaves_no_silent_gap_and_no_invented_bar(bench: Bench) -> None:
    total: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + COUNT):
        try:
            total += play(bench, make_history(seed))
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error
    sys.stdout.write(f"\n{COUNT} histories: {dict(total)}\n")  # shown by pytest -s
    assert total["bars"] > COUNT
    assert min(total[kind] for kind in ("failed", "refused", "revisions", "missing", "filled_late")) > 0
