"""Small made candles for the market room's tests."""

import datetime as dt
import math
from dataclasses import replace

from service.instants import Interval
from service.market.candle import Candle

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def bar(number: int = 0, *, interval: Interval = Interval.H1, start: dt.datetime = START, **changes: object) -> Candle:
    """The `number`-th bar after `start`: a gently waving price that joins its neighbours, volume 10 + number % 5."""
    first, last = price(number), price(number + 1)
    made = Candle(
        venue="coinbase",
        symbol="BTC/USD",
        interval=interval,
        open_at=start + number * interval.duration,
        open=first,
        high=max(first, last) + 10,
        low=min(first, last) - 10,
        close=last,
        volume=10.0 + number % 5,
        fetched_at=LATER,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def bars(count: int, **changes: object) -> list[Candle]:
    return [bar(number, **changes) for number in range(count)]  # type: ignore[arg-type]


def price(number: int) -> float:
    return round(40_000 + 500 * math.sin(number / 3), 2)
