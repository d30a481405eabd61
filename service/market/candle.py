"""One bar as a venue printed it, and the rules at the door."""

import datetime as dt
from dataclasses import dataclass

from service.instants import Interval


@dataclass(frozen=True, slots=True)
class Candle:
    """A closed bar: prices in quote currency, volume in base currency, instants UTC.

    It covers [open_at, close_at) and can be known at `close_at` at the earliest. `fetched_at` is when it was read.
    """

    venue: str  # ccxt id: coinbase, kraken …
    symbol: str  # unified: BTC/USD
    interval: Interval
    open_at: dt.datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    fetched_at: dt.datetime

    @property
    def close_at(self) -> dt.datetime:
        """The first instant after the bar."""
        return self.open_at + self.interval.duration


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was refused at the door: kept whole, with a stable reason code and where it stood."""

    reason: str  # invalid_bar, off_grid, unfinished, future, duplicate, conflicting_duplicate, unreadable …
    venue: str
    symbol: str
    interval: Interval
    open_at: dt.datetime | None
    row: str  # the row as it came, as text
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars that should be there and are not: [start, end) on the interval's grid, with a stable reason code."""

    venue: str
    symbol: str
    interval: Interval
    start: dt.datetime
    end: dt.datetime
    reason: str  # one of the codes that storage/schema lists for `gap.reason`

    @property
    def bars(self) -> int:
        """How many bars are missing."""
        return (self.end - self.start) // self.interval.duration
