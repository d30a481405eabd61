"""Open holes asked for again: a bounded number of questions a run, each answer one commit, each ask counted.

    gap ledger ─▶ retries.find_due ─▶ retries.choose ─▶ Exchange.candles ─▶ bars and what is still missing ─▶ store

Before the first bar held of a market the venue is also asked for daily bars before the hole: where it printed none
either, it had not listed the market yet, and is not asked for those bars again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from jobs.bars import keep_bars, keep_retry
from jobs.console import Advance
from jobs.exchange import Exchange, Manners
from jobs.house import House
from jobs.markets import EVERY_VENUES_OWN
from service.errors import VenueFailed
from service.instants import Interval, Window
from service.market import retries
from service.market.paging import Page
from service.market.retries import Ask, OpenHole
from service.market.venues import parse_venue
from storage import candles, database
from storage.gaps import load_open

ONCE = Manners(attempts=1)
"""A hole that is not answered for now is asked for again anyway, later."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the ordinary fetch of this run did: when it began, from which instant on it asked every bar of a venue's
    interval, and which venues failed.
    """

    began: dt.datetime
    asked: Mapping[tuple[str, Interval], dt.datetime]
    failed: frozenset[str]


def retry_holes(house: House, run: Run, advance: Advance) -> tuple[Counter[str], list[str]]:
    """Ask for the holes that are due, the longest due first, until a run's pages are used up; counts and failures.

    A venue that failed is left alone for the rest of the run. `asked_again` counts questions; `filled_late` the bars
    among `new` that came by them.
    """
    counts: Counter[str] = Counter(asked_again=0, filled_late=0)
    failures: list[str] = []
    failed = set(run.failed)
    pages = 0
    with ExitStack() as stack:
        exchanges: dict[str, Exchange] = {}
        for ask in retries.choose(retries.find_due(_load_open(house), began=run.began, asked=run.asked)):
            if pages >= retries.PAGES_PER_RUN:
                break
            if ask.venue in failed:
                continue
            if ask.venue not in exchanges:
                exchanges[ask.venue] = stack.enter_context(_open(house, ask.venue))
            try:
                kept, used = ask_again(house, exchanges[ask.venue], ask)
            except VenueFailed as error:
                keep_retry(house, venue=ask.venue, symbol=ask.symbol, interval=ask.interval, window=ask.window)
                failed.add(ask.venue)
                failures.append(f"{ask.venue}: {error.reason}: {error}")
                continue
            counts.update(kept)
            pages += used
            advance(1)
    return counts, failures


def _load_open(house: House) -> list[OpenHole]:
    """The open holes of the markets that the settings fetch."""
    settings = house.settings.prices
    found: list[OpenHole] = []
    with database.read(house.engine) as connection:
        for venue in map(parse_venue, settings.venues):
            symbol = venue.symbol if settings.symbol == EVERY_VENUES_OWN else settings.symbol
            for interval in settings.intervals:
                if interval in venue.intervals:
                    found += load_open(connection, venue=venue.name, symbol=symbol, interval=interval)
    return found


def _open(house: House, venue: str) -> Exchange:
    return Exchange(parse_venue(venue), base_url=house.settings.prices.base_url or None, manners=ONCE)


def ask_again(house: House, exchange: Exchange, ask: Ask) -> tuple[Counter[str], int]:
    """One window asked for again and stored; returns counts of bars, and how many pages it took.

    Raises `VenueFailed`; then nothing is stored.
    """
    now, window = house.clock(), ask.window
    with database.read(house.engine) as connection:
        first = candles.first_open_at(connection, venue=ask.venue, symbol=ask.symbol, interval=ask.interval)
    days = None
    if first is not None and window.start < first:
        days = retries.find_days_before(exchange.venue, window.start)
    is_first_known = days is not None and not _printed_within(exchange, ask.symbol, days, now)
    pages = list(exchange.candles(ask.symbol, ask.interval, retries.widen(ask), now=now))
    answer = _join(pages)
    if first is not None and is_first_known and not answer.quarantined and not _is_cut(answer):
        first = min([first, *(candle.open_at for candle in answer.candles)])
        answer = replace(answer, gaps=tuple(retries.name_unlisted(answer.gaps, first)))
    settled = retries.reach(ask, [candle.open_at for candle in answer.candles])
    kept = keep_bars(
        house, answer, venue=ask.venue, symbol=ask.symbol, interval=ask.interval, window=settled, retried_at=now
    )
    del kept["missing_bars"]  # they were counted when they were noticed
    return kept + Counter(asked_again=1, filled_late=kept["new"]), len(pages) + (days is not None)


def _printed_within(exchange: Exchange, symbol: str, days: Window, now: dt.datetime) -> bool:
    """Whether the venue has daily bars in `days`, or gives no clear answer."""
    pages = exchange.candles(symbol, Interval.D1, days, now=now)
    return any(page.candles or page.quarantined or _is_cut(page) for page in pages)


def _is_cut(page: Page) -> bool:
    return any(hole.reason in ("truncated", "out_of_reach") for hole in page.gaps)


def _join(pages: Sequence[Page]) -> Page:
    """One page that says what these say."""
    return Page(
        candles=tuple(candle for page in pages for candle in page.candles),
        quarantined=tuple(row for page in pages for row in page.quarantined),
        gaps=tuple(hole for page in pages for hole in page.gaps),
        resume_at=pages[-1].resume_at,
    )
