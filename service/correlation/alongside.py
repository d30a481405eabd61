"""What a caller may lay alongside the series of a study: dated events and other series over the same bars."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries, CandleColumns
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """Something that happened: events of one `label` are studied together. `at` is UTC, when it could be known."""

    label: str
    at: dt.datetime


SPOT_ETF = NamedEvent("US spot ETF approval", dt.datetime(2024, 1, 10, tzinfo=dt.UTC))
HALVING = NamedEvent("halving of 2024", dt.datetime(2024, 4, 20, tzinfo=dt.UTC))


@dataclass(frozen=True, slots=True, eq=False)
class Alongside:
    """All of it optional; what is not given is not studied, and the report says so.

    `market_return`: log return of a market index per bar, NaN where missing. `dates` split the sample in a before and
    an after. `targets`: the series of other targets by name. `copies_once`: the series with syndicated copies sharing
    one weight; `by_publication`: articles placed by published instead of first-seen time.
    """

    events: tuple[NamedEvent, ...] = ()
    dates: tuple[NamedEvent, ...] = (SPOT_ETF, HALVING)
    market_return: NDArray[np.float64] | None = None
    targets: Mapping[str, AlignedSeries] = field(default_factory=dict)
    copies_once: AlignedSeries | None = None
    by_publication: AlignedSeries | None = None

    def require_grid(self, series: AlignedSeries) -> None:
        """Raise `BadInput` for anything that does not stand on the bars of `series`."""
        given = {**self.targets, "copies_once": self.copies_once, "by_publication": self.by_publication}
        for name, other in given.items():
            if other is not None and not np.array_equal(other.open_at, series.open_at):
                raise BadInput("alongside", name, "align it over the same window and interval")
        if self.market_return is not None and len(self.market_return) != series.length:
            raise BadInput("alongside", "market_return", f"give one return per bar, {series.length}")


def returns_on(open_at: NDArray[np.int64], candles: CandleColumns) -> NDArray[np.float64]:
    """Log return of each bar that opens at one of `open_at` (ms), NaN unless it and the bar before it are held."""
    now, before = (_closes_at(candles, instants) for instants in (open_at, open_at - candles.interval.millis))
    return np.log(now / before)


def _closes_at(candles: CandleColumns, open_at: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(candles.open_at):
        return np.full(len(open_at), np.nan)
    places = np.minimum(np.searchsorted(candles.open_at, open_at), len(candles.open_at) - 1)
    return np.where(candles.open_at[places] == open_at, candles.close[places], np.nan)
