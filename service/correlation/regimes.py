"""Regimes: which side of a split each bar lies on, told from what was known at its close."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import NamedEvent
from service.correlation.expanding import expanding_quantiles
from service.instants import Interval, from_millis, to_millis
from service.wording import word

_LEAST_BEFORE = 60
_TREND_DAYS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Two disjoint sets of bars and what they are called; a bar may lie in neither."""

    name: str
    sides: tuple[str, str]
    first: NDArray[np.bool_]
    second: NDArray[np.bool_]


def split_regimes(series: AlignedSeries, dates: Sequence[NamedEvent]) -> tuple[tuple[Split, ...], tuple[str, ...]]:
    """By volatility, by trend, and before and after every date inside the series; notes tell which dates are not.

    Volatility is that of the bar against the median of all before it; the trend is up where the close is above that
    of thirty days before (twenty bars where bars are longer than a day).
    """
    median = expanding_quantiles(series.realised_volatility, (0.5,), least=_LEAST_BEFORE)[:, 0]
    back = max(20, _TREND_DAYS * Interval.D1.millis // series.aggregation.interval.millis)
    change = np.full(series.length, np.nan)
    change[back:] = series.close[back:] - series.close[: max(series.length - back, 0)]
    volatility = series.realised_volatility
    splits = [
        Split("volatility", ("calm", "volatile"), volatility <= median, volatility > median),
        Split("trend", ("falling", "rising"), change < 0, change > 0),
    ]
    notes = []
    for date in dates:
        at = to_millis(date.at)
        if not series.length or not series.open_at[0] < at <= series.open_at[-1]:
            notes.append(
                word("{label} ({day}) lies outside this sample and does not split it.", label=date.label, day=_day(at))
            )
            continue
        after = series.open_at >= at
        splits.append(
            Split(word("{label} ({day})", label=date.label, day=_day(at)), ("before", "after"), ~after, after)
        )
    return tuple(splits), tuple(notes)


def _day(millis: int) -> str:
    moment: dt.datetime = from_millis(millis)
    return f"{moment:%Y-%m-%d}"
