"""The calendar in a series: news and markets both keep hours and weekends, and that alone makes them look related."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.instants import Interval

_READINGS_PER_PHASE = 20
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


def calendar_phases(open_at: NDArray[np.int64], interval: Interval) -> tuple[NDArray[np.int64], ...]:
    """Hour of the day (intraday bars only) and day of the week of each bar, UTC, as whole numbers from 0."""
    day = Interval.D1.millis
    weekday = (open_at // day + _EPOCH_WEEKDAY) % 7
    if interval.millis >= day:
        return (weekday,)
    return open_at % day // Interval.H1.millis, weekday


def seasonal_pattern(values: NDArray[np.float64], phases: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """The part of `values` (NaN where missing) that their mean and the calendar tell, one figure per bar.

    Additive means by phase, least squares. A calendar of k phases is fitted once 20·k values are held: below that its
    pattern would be noise. It is fitted then whether or not it is significant, since a weak cycle in the sentiment
    against a strong one in the market is already a correlation.
    """
    held = np.isfinite(values)
    columns = [np.ones(len(values))]
    for phase in phases:
        levels = np.unique(phase[held])
        if held.sum() >= _READINGS_PER_PHASE * len(levels):
            columns += [(phase == level).astype(np.float64) for level in levels[1:]]
    design = np.column_stack(columns)
    pattern: NDArray[np.float64] = design @ np.linalg.lstsq(design[held], values[held], rcond=None)[0]
    return pattern
