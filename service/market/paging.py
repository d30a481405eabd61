"""How to walk a window page by page, and what each answer proves: pure decisions, no network, no clock.

    begin ─▶ Walk ─▶ ask ─▶ Question ┄┄▶ (a venue answers) ┄┄▶ turn ─▶ (Page, Walk) ─▶ ask ─▶ … ─▶ finish ─▶ Page

Nothing a venue says is taken on trust: rows outside the question are dropped (repeats, overlaps, an answer to another
question), bars not closed by then are dropped, the rest passes `rules.admit`. Every bar of the window ends in exactly
one place: a candle, or a gap with its reason. The walk always ends: each question starts later than the one before.

Reasons of gaps: `out_of_reach` the venue keeps only its newest bars, and its answer begins after this one ·
`truncated` it began later than asked, or answered another question · `no_trade` it answered and left the bar out, as it
does where nothing traded · `outage` it answered and left the bar out, though it prints bars without trades ·
`quarantined` it printed a bar that cannot be true · `unfetched` it did not have the newest bars yet.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.instants import Interval, Window
from service.market import gaps, rules
from service.market.candle import Candle, Gap, Quarantined
from service.market.venues import Answers, Venue


@dataclass(frozen=True, slots=True)
class Question:
    """Bars with `since` ≤ open_at < `until`; `limit` is how many that are."""

    since: dt.datetime
    until: dt.datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer adds: bars strictly rising and closed, refused rows, and holes now known for certain.

    A run that stores the page may resume at `resume_at`: everything before it is settled.
    """

    candles: tuple[Candle, ...]
    quarantined: tuple[Quarantined, ...]
    gaps: tuple[Gap, ...]
    resume_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands: bars before `settled` are accounted for, bars before `cursor` have been asked for."""

    venue: Venue
    symbol: str
    interval: Interval
    end: dt.datetime  # first bar not wanted
    now: dt.datetime  # bars that close later are not looked at
    cursor: dt.datetime
    settled: dt.datetime
    is_exhausted: bool = False
    is_truncated: bool = False  # the hole before the next bar is the venue's silence about another question


def begin(venue: Venue, symbol: str, interval: Interval, window: Window, *, now: dt.datetime) -> Walk:
    """A walk over the bars that lie wholly in the window and close at or before `now`."""
    start, end = interval.ceil(window.start), interval.floor(min(window.end, now))
    return Walk(venue, symbol, interval, max(start, end), now, cursor=start, settled=start)


def ask(walk: Walk) -> Question | None:
    """The next question, or None when there is nothing left to ask."""
    left = (walk.end - walk.cursor) // walk.interval.duration
    if left <= 0 or walk.is_exhausted:
        return None
    limit = min(left, walk.venue.page_limit)
    return Question(walk.cursor, walk.cursor + limit * walk.interval.duration, limit)


def turn(
    walk: Walk, question: Question, rows: Sequence[Candle], unreadable: Sequence[Quarantined] = (), *, now: dt.datetime
) -> tuple[Page, Walk]:
    """What the rows of one answer prove. `now` is the venue's clock where it is behind ours, else ours."""
    horizon = question.until if walk.venue.answers is Answers.SPAN else walk.end
    admitted, refused = rules.admit(rows, now=now)
    fresh = [candle for candle in admitted if question.since <= candle.open_at < horizon]
    bad = [row for row in refused if row.reason == "future" or _is_in(row, question.since, horizon)]
    slots = {walk.interval.floor(row.open_at) for row in bad if row.open_at is not None and row.open_at < horizon}
    seen = {candle.open_at for candle in fresh} | slots
    shown = [candle.open_at for candle in admitted]
    shown += [row.open_at for row in refused if row.reason == "unfinished" and row.open_at is not None]
    is_truncated = walk.is_truncated or _is_cut(walk, question, shown)
    if not seen:
        moved = replace(
            walk,
            cursor=question.until,
            is_truncated=is_truncated,
            is_exhausted=walk.venue.answers is not Answers.SPAN,
        )
        return Page((), (*unreadable, *bad), (), walk.settled), moved
    first, settled = min(seen), max(seen) + walk.interval.duration
    holes = gaps.find(
        (candle.open_at for candle in fresh),
        Window(first, settled),
        walk.interval,
        venue=walk.venue.name,
        symbol=walk.symbol,
        reason=_silence(walk.venue),
        quarantined=slots,
    )
    if first > walk.settled:
        before = Window(walk.settled, first)
        holes[:0] = _cut(walk, before) if is_truncated else [_gap(walk, before, _silence(walk.venue))]
    moved = replace(
        walk,
        cursor=settled,
        settled=settled,
        is_truncated=False,
        is_exhausted=walk.venue.answers is Answers.NEWEST,
    )
    return Page(tuple(fresh), (*unreadable, *bad), tuple(holes), settled), moved


def finish(walk: Walk) -> Page:
    """The hole that is left at the end, if any. Where it touches the present its bars may still come: `unfetched`, and
    the next run starts there again.
    """
    if walk.settled >= walk.end:
        return Page((), (), (), walk.settled)
    touches_now = walk.end == walk.interval.floor(walk.now)
    left = Window(walk.settled, walk.end)
    untold = _gap(walk, left, "unfetched" if touches_now else _silence(walk.venue))
    holes = _cut(walk, left) if walk.is_truncated else [untold]
    return Page((), (), tuple(holes), walk.settled if touches_now else walk.end)


def _is_cut(walk: Walk, question: Question, shown: Sequence[dt.datetime]) -> bool:
    """Whether the answer shows that the venue does not reach back to the question, or did not answer it.

    One bar before or after the span asked for is an inclusive edge; rows that all lie farther off answer something
    else. A venue with a short history that starts later than asked has nothing older.
    """
    if not shown:
        return False
    first, last = min(shown), max(shown)
    is_beyond = walk.venue.answers is Answers.SPAN and first > question.until
    starts_late = walk.venue.history_bars is not None and walk.settled == question.since and first > question.since
    return last < question.since - walk.interval.duration or is_beyond or starts_late


def _is_in(row: Quarantined, since: dt.datetime, horizon: dt.datetime) -> bool:
    """Whether a refused row belongs to the question; the running bar is part of every answer and no fault."""
    return row.reason != "unfinished" and row.open_at is not None and since <= row.open_at < horizon


def _silence(venue: Venue) -> str:
    """What it means that this venue answered and left a bar out."""
    return "no_trade" if venue.omits_quiet_bars else "outage"


def _cut(walk: Walk, hole: Window) -> list[Gap]:
    """A hole that the venue's answer shows it did not look into: for good, as far as it lies before its newest bars."""
    oldest = walk.venue.find_oldest(walk.interval, now=walk.now)
    border = hole.start if oldest is None else min(max(oldest, hole.start), hole.end)
    parts = (_gap(walk, Window(hole.start, border), "out_of_reach"), _gap(walk, Window(border, hole.end), "truncated"))
    return [part for part in parts if part.start < part.end]


def _gap(walk: Walk, hole: Window, reason: str) -> Gap:
    return Gap(walk.venue.name, walk.symbol, walk.interval, hole.start, hole.end, reason)
