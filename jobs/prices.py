"""Prices: the first venue that answers → closed candles → store, page by page, with every gap and refusal.

    venues ─▶ exchange.fetch_from_first ─▶ Page(candles, quarantined, gaps) ─▶ one commit a page ─▶ next page
    and when all that is done: open holes that are due ─▶ retries.retry_holes

Where series are built on the reference price, every venue is asked instead of the first that answers.
A run that is killed resumes after the last page it committed.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from jobs.bars import keep_bars, keep_failure
from jobs.console import Advance
from jobs.exchange import FirstAnswer, Manners, NoVenue, fetch_from_first
from jobs.house import House
from jobs.markets import EVERY_VENUES_OWN, REFERENCE
from jobs.record import Outcome
from jobs.retries import Run, retry_holes
from jobs.venue_rests import find_resting, note_rests
from service.errors import BadInput, VenueFailed
from service.instants import Interval, Window, format_instant, parse_instant
from storage import candles, database
from storage.candles import Held

RECHECKED_BARS = 3  # the newest bars held are asked for again: venues restate them


def fetch_prices(house: House, start: str | None, end: str | None, advance: Advance) -> Outcome:
    """Fetch every interval of the settings; one that no venue serves does not keep the others from being fetched.

    Older holes are asked for again last of all, and only where no window was named.
    """
    counts: Counter[str] = Counter(new=0, revised=0, unchanged=0, quarantined=0, missing_bars=0)
    failures: list[str] = []
    notes: list[str] = []
    began = house.clock()
    asked: dict[tuple[str, Interval], dt.datetime] = {}
    failed: set[str] = set()
    for interval in house.settings.prices.intervals:
        for venues in _orders(house):
            window = _window(house, interval, venues, start, end)
            try:
                answer = _ask(house, interval, venues, window)
            except NoVenue as error:
                note_rests(house, error.failures)
                failures.append(f"{interval.value}: {error.reason}: {error}")
                failed.update(venue for venue, _ in error.failures)
                counts["missing_bars"] += _note_preferred(house, interval, venues, window, error.failures)
                continue
            note_rests(house, answer.failures)
            failures += [f"{venue}: {error.reason}: {error}" for venue, error in answer.failures]
            failed.update(venue for venue, _ in answer.failures)
            asked[(answer.venue, interval)] = window.start
            counts["missing_bars"] += _note_preferred(house, interval, venues, window, answer.failures)
            kept, failure = _store_all(house, answer, interval, window, advance)
            counts.update(kept)
            if failure is not None:
                note_rests(house, [(answer.venue, failure)])
                failures.append(f"{answer.venue}: {failure.reason}: {failure}")
                failed.add(answer.venue)
            notes.append(f"{interval.value} {answer.symbol} from {answer.venue} since {format_instant(window.start)}")
    if start is None and end is None:
        kept, unanswered = retry_holes(house, Run(began, asked, frozenset(failed)), advance)
        counts.update(kept)
        failures += unanswered
    return Outcome(counts, tuple(failures), tuple(notes))


def _orders(house: House) -> list[tuple[str, ...]]:
    """Venues of which the first that answers is enough; for a reference price every venue has to be asked."""
    names = house.settings.prices.venues
    return [(name,) for name in names] if house.settings.align.venue == REFERENCE else [names]


def _window(house: House, interval: Interval, venues: Sequence[str], start: str | None, end: str | None) -> Window:
    now = house.clock()
    until = parse_instant(end, "--to") if end else now
    if start:
        since = parse_instant(start, "--from")
    elif held := _preferred(house, interval, venues):
        since = held.last_open_at - (RECHECKED_BARS - 1) * interval.duration
    else:
        since = until - dt.timedelta(days=house.settings.prices.history_days)
    if since > until:
        raise BadInput("--from", format_instant(since), f"must come before the end, {format_instant(until)}")
    return Window(interval.floor(since), until)


def _preferred(house: House, interval: Interval, venues: Sequence[str]) -> Held | None:
    """The market that holds most bars: a series stays with its venue while that venue answers."""
    with database.read(house.engine) as connection:
        held = [
            market for market in candles.venues(connection) if market.interval is interval and market.venue in venues
        ]
    return max(held, key=lambda market: market.count, default=None)


def _ask(house: House, interval: Interval, venues: Sequence[str], window: Window) -> FirstAnswer:
    settings = house.settings.prices
    preferred = _preferred(house, interval, venues)
    first = [preferred.venue] if preferred else []
    order = [*first, *(venue for venue in venues if venue not in first)]
    resting = find_resting(house, order)
    awake = [venue for venue in order if venue not in dict(resting)]
    if not awake:
        raise NoVenue(resting)
    answer = fetch_from_first(
        awake,
        interval,
        window,
        now=house.clock(),
        symbols=None if settings.symbol == EVERY_VENUES_OWN else dict.fromkeys(order, settings.symbol),
        manners=Manners(attempts=settings.attempts),
        base_urls=dict.fromkeys(order, settings.base_url) if settings.base_url else None,
    )
    return replace(answer, failures=(*resting, *answer.failures))


def _store_all(
    house: House, answer: FirstAnswer, interval: Interval, window: Window, advance: Advance
) -> tuple[Counter[str], VenueFailed | None]:
    """Store page by page; pages before a failure stay, and what it left open is entered as a hole."""
    counts: Counter[str] = Counter()
    settled = window.start
    try:
        for page in answer.pages:
            until = max(settled, min(page.resume_at, window.end))
            # the newest bars a venue did not have yet are a hole too, though the next run starts before it
            told = max([until, *(hole.end for hole in page.gaps)])
            kept = keep_bars(
                house,
                page,
                venue=answer.venue,
                symbol=answer.symbol,
                interval=interval,
                window=Window(settled, told),
            )
            counts.update(kept)
            settled = until
            advance(1)
    except VenueFailed as error:
        rest = Window(settled, window.end)
        counts["missing_bars"] += _note(house, answer.venue, answer.symbol, interval, rest, error)
        return counts, error
    return counts, None


def _note_preferred(
    house: House,
    interval: Interval,
    venues: Sequence[str],
    window: Window,
    failures: Sequence[tuple[str, VenueFailed]],
) -> int:
    """Enter the hole in the market whose series nobody's answer continues, where its own venue is among `failures`."""
    held = _preferred(house, interval, venues)
    why = None if held is None else dict(failures).get(held.venue)
    return 0 if held is None or why is None else _note(house, held.venue, held.symbol, interval, window, why)


def _note(house: House, venue: str, symbol: str, interval: Interval, window: Window, error: VenueFailed) -> int:
    reason = "maintenance" if error.reason == "maintenance" else "fetch_failed"
    return keep_failure(house, venue=venue, symbol=symbol, interval=interval, window=window, reason=reason)
