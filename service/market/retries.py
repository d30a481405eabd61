"""When an open hole is asked for again, and when no more: pure decisions over what the gap ledger holds.

    OpenHole … ─▶ choose ─▶ Ask, Ask, … ┄┄▶ (a venue answers) ┄┄▶ bars, or the hole once more, counted as retried

A hole is asked for again in the run after it was noticed, then after growing distances, then never more. What a venue
cannot serve or never had is not asked for at all: its reason says so.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from service.instants import Interval, Window
from service.market.candle import Gap
from service.market.venues import CATALOGUE, Answers, Venue

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)

DISTANCES = (dt.timedelta(0), HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)
"""How long a hole is left alone: first after it was noticed, then after each time it was asked for again.

Their number is how often it is asked for again at most.
"""

SETTLED = frozenset({"not_listed_yet", "out_of_reach"})
"""Reasons that no further question can change."""

PAGES_PER_RUN = 12
"""No further question is begun in a run once asking for holes has cost it this many pages."""

FIRST_BLOCK = dt.datetime(2009, 1, 3, tzinfo=dt.UTC)
"""The day of bitcoin's first block: nobody quoted it before."""

_EDGE_BARS = 2  # a question reaches one held bar beyond each end of a hole: it shows that the venue answers there


@dataclass(frozen=True, slots=True)
class OpenHole:
    """A hole nothing has filled yet; `retried`: how often it was asked for again, `last_retried_at`: when last."""

    gap: Gap
    noticed_at: dt.datetime
    retried: int = 0
    last_retried_at: dt.datetime | None = None

    @property
    def due_at(self) -> dt.datetime | None:
        """From when on it is to be asked for again; None: never more."""
        if self.gap.reason in SETTLED or self.retried >= len(DISTANCES):
            return None
        return (self.last_retried_at or self.noticed_at) + DISTANCES[self.retried]


@dataclass(frozen=True, slots=True)
class Ask:
    """A window of one market that a venue can answer in one page, with the holes in it; due since `due_at`."""

    venue: str
    symbol: str
    interval: Interval
    window: Window
    due_at: dt.datetime


def find_due(
    holes: Iterable[OpenHole], *, began: dt.datetime, asked: Mapping[tuple[str, Interval], dt.datetime]
) -> list[OpenHole]:
    """The holes that were due before a run that `began` then, less what this run asks for anyway.

    `asked`: per venue and interval, from which instant on the run's ordinary fetch asks for every bar.
    """
    due: list[OpenHole] = []
    for hole in holes:
        since = asked.get((hole.gap.venue, hole.gap.interval))
        end = hole.gap.end if since is None else min(hole.gap.end, since)
        if hole.due_at is not None and hole.due_at < began and hole.gap.start < end:
            due.append(replace(hole, gap=replace(hole.gap, end=end)))
    return due


def choose(due: Iterable[OpenHole]) -> list[Ask]:
    """Questions that cover these holes of venues in the catalogue, the longest due first.

    Holes of one market that lie near each other share a question; a hole longer than a page takes several.
    """

    def market(hole: OpenHole) -> tuple[str, str, str]:
        return hole.gap.venue, hole.gap.symbol, hole.gap.interval.value

    asks: list[Ask] = []
    for _, theirs in groupby(sorted(due, key=lambda hole: (*market(hole), hole.gap.start)), key=market):
        asks += _pack(theirs)
    return sorted(asks, key=lambda ask: (ask.due_at, ask.venue, ask.symbol, ask.window.start))


def _pack(holes: Iterable[OpenHole]) -> list[Ask]:
    """The asks of one market's holes, given by start."""
    packed: list[Ask] = []
    for hole in holes:
        gap, due_at = hole.gap, hole.due_at
        assert due_at is not None, "only due holes are asked for"
        page = (CATALOGUE[gap.venue].page_limit - _EDGE_BARS) * gap.interval.duration
        start = gap.start
        while start < gap.end:
            last = packed[-1] if packed else None
            if last is None or start >= last.window.start + page:
                packed.append(Ask(gap.venue, gap.symbol, gap.interval, Window(start, start), due_at))
                last = packed[-1]
            end = min(gap.end, last.window.start + page)
            packed[-1] = replace(last, window=Window(last.window.start, end), due_at=min(last.due_at, due_at))
            start = end
    return packed


def find_days_before(venue: Venue, start: dt.datetime) -> Window | None:
    """Days whose daily bars tell, in one answer, whether the venue had begun before `start`; None: it cannot tell.

    All days since bitcoin's first block where the venue gives the first bars at or after an instant, so that the answer
    is its very first; else as many days before `start` as it gives in a page. A venue that keeps only its newest bars
    does not know.
    """
    if venue.history_bars is not None:
        return None
    end = Interval.D1.floor(start)
    reach = DAY * venue.page_limit
    earliest = FIRST_BLOCK if venue.answers is Answers.ONWARD else max(FIRST_BLOCK, end - reach)
    return Window(min(earliest, end), end)


def name_unlisted(holes: Iterable[Gap], first: dt.datetime) -> list[Gap]:
    """`holes`, those before the venue's first bar with the reason `not_listed_yet`; one is cut where `first` falls."""
    named: list[Gap] = []
    for hole in holes:
        border = min(max(first, hole.start), hole.end)
        parts = (replace(hole, end=border, reason="not_listed_yet"), replace(hole, start=border))
        named += [part for part in parts if part.start < part.end]
    return named


def widen(ask: Ask) -> Window:
    """What is asked of the venue: the bar before and the bar after the window too.

    An answer that holds the bar before shows that the venue reaches that far back.
    """
    return Window(ask.window.start - ask.interval.duration, ask.window.end + ask.interval.duration)


def reach(ask: Ask, printed: Iterable[dt.datetime]) -> Window:
    """What an answer with bars `printed` settles: the window, and a bar beside it that came (it may fill a hole)."""
    opens = list(printed)
    start, end = ask.window.start, ask.window.end
    return Window(min([start, *opens]), max([end, *(at + ask.interval.duration for at in opens)]))
