"""Bars into the store, from an exchange's page or an archive alike: candles, refusals and holes in one commit."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from jobs.house import House
from service.instants import Interval, Window
from service.market.candle import Candle, Gap, Quarantined
from storage import candles, database


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


def keep_bars(house: House, bars: Bars, *, venue: str, symbol: str, interval: Interval, window: Window) -> Counter[str]:
    """Store `bars`, whose gaps are all the holes of `window`; returns what was new, revised, refused and missing."""
    now = house.clock()
    with database.begin(house.engine) as connection:
        saved = candles.save(connection, bars.candles)
        candles.save_quarantined(connection, bars.quarantined, noticed_at=now)
        candles.replace_gaps(
            connection,
            venue=venue,
            symbol=symbol,
            interval=interval,
            window=window,
            gaps=bars.gaps,
            noticed_at=now,
        )
    return Counter(
        new=saved.new,
        revised=saved.revised,
        unchanged=saved.unchanged,
        quarantined=len(bars.quarantined),
        missing_bars=sum(hole.bars for hole in bars.gaps),
    )
