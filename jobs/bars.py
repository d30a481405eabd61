"""Bars into the store, from an exchange's page or an archive alike: candles, refusals and holes in one commit."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from jobs.house import House
from service.instants import Interval, Window
from service.market import gaps
from service.market.candle import Candle, Gap, Quarantined
from storage import candles, database
from storage.venues import load_traded_elsewhere


class Bars(Protocol):
    """What a page of an exchange and a reading of an archive have in common."""

    @property
    def candles(self) -> Sequence[Candle]:
        """Sound, closed bars."""
        ...

    @property
    def quarantined(self) -> Sequence[Quarantined]:
        """Rows refused at the door."""
        ...

    @property
    def gaps(self) -> Sequence[Gap]:
        """Holes, each with its reason."""
        ...


def keep_bars(
    house: House,
    bars: Bars,
    *,
    venue: str,
    symbol: str,
    interval: Interval,
    window: Window,
    retried_at: dt.datetime | None = None,
    is_archive: bool = False,
) -> Counter[str]:
    """Store `bars`, whose gaps are all the holes of `window`; returns what was new, revised, refused and missing.

    A bar that is held is no hole, though the venue leaves it out or garbles it when it is asked again. A bar the venue
    left out as if nothing traded is a disputed hole where another venue printed trades. `retried_at`: the window was
    asked for then because of its holes, which is counted with those that stay. `is_archive`: what only repeats an
    earlier statement does not turn back what the venue said since.
    """
    now = house.clock()
    with database.begin(house.engine) as connection:
        saved = candles.save(connection, bars.candles, is_archive=is_archive)
        candles.save_quarantined(connection, bars.quarantined, noticed_at=now)
        spans = [Window(hole.start, hole.end) for hole in bars.gaps]
        held = candles.held_within(connection, venue=venue, symbol=symbol, interval=interval, windows=spans)
        holes = gaps.leave_out(bars.gaps, held)
        quiet = [Window(hole.start, hole.end) for hole in holes if hole.reason == "no_trade"]
        holes = gaps.dispute(
            holes, load_traded_elsewhere(connection, venue=venue, symbol=symbol, interval=interval, windows=quiet)
        )
        candles.replace_gaps(
            connection,
            venue=venue,
            symbol=symbol,
            interval=interval,
            window=window,
            gaps=holes,
            noticed_at=now,
            retried_at=retried_at,
        )
    return Counter(
        new=saved.new,
        revised=saved.revised,
        unchanged=saved.unchanged,
        quarantined=len(bars.quarantined),
        missing_bars=sum(hole.bars for hole in holes),
    )


def keep_failure(house: House, *, venue: str, symbol: str, interval: Interval, window: Window, reason: str) -> int:
    """Enter what a failed fetch left open: bars of `window` neither held nor known as missing. Returns how many."""
    now = house.clock()
    start, end = interval.ceil(window.start), interval.floor(min(window.end, now))
    if start >= end:
        return 0
    span = Window(start, end)
    with database.begin(house.engine) as connection:
        known = candles.load_gaps(connection, venue=venue, symbol=symbol, interval=interval, window=span)
        held = candles.held_within(connection, venue=venue, symbol=symbol, interval=interval, windows=[span])
        told = [hole.start + number * interval.duration for hole in known for number in range(hole.bars)]
        untold = gaps.find([*held, *told], span, interval, venue=venue, symbol=symbol, reason=reason)
        candles.replace_gaps(
            connection,
            venue=venue,
            symbol=symbol,
            interval=interval,
            window=span,
            gaps=[*known, *untold],
            noticed_at=now,
        )
    return sum(hole.bars for hole in untold)


def keep_retry(house: House, *, venue: str, symbol: str, interval: Interval, window: Window) -> None:
    """Count that the holes of `window` were asked for again, and that nobody answered."""
    now = house.clock()
    with database.begin(house.engine) as connection:
        known = candles.load_gaps(connection, venue=venue, symbol=symbol, interval=interval, window=window)
        candles.replace_gaps(
            connection,
            venue=venue,
            symbol=symbol,
            interval=interval,
            window=window,
            gaps=known,
            noticed_at=now,
            retried_at=now,
        )
