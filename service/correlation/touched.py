"""Which stretches of a series have to be computed again: those whose inputs are not what they were.

    articles and candle statements per day ─ tell_inputs ─▶ a line per day ─ find_touched ─▶ windows

Both kinds of input are only ever added, so equal numbers are equal inputs. Days are UTC, counted from 1970-01-01; no
bar is longer than a day, and all lengths of bars divide it.
"""

import datetime as dt
from collections.abc import Mapping

from service.correlation.aligned import Aggregation
from service.instants import EPOCH, Interval, Window

METHOD = 1
"""Raise it when a change of the code changes a figure: every series is then computed anew, whatever its inputs."""

_DAY = dt.timedelta(days=1)
_NEAR = 7  # days left alone between two touched ones that cost less to compute than to go around


def tell_inputs(
    window: Window,
    aggregation: Aggregation,
    candle_interval: Interval,
    articles: Mapping[int, int],
    statements: Mapping[int, int],
) -> dict[int, str]:
    """What the points of each day of `window` (whole bars) are computed from: equal lines, equal points.

    `articles` per day of being known, embargo included; `statements` of candles per day of opening. A day's bars read
    the articles as far back as the aggregation's window reaches, and one bar before them, for its close.
    """
    reach = dt.timedelta(milliseconds=max(0, aggregation.window_millis - aggregation.interval.millis))
    days_back = -(-reach // _DAY)
    told = {}
    for day in _days(window):
        start = EPOCH + day * _DAY
        bars = (min(start + _DAY, window.end) - max(start, window.start)) // aggregation.interval.duration
        read = sum(articles.get(day - back, 0) for back in range(days_back + 1))
        stated = statements.get(day, 0) + statements.get(day - 1, 0)
        told[day] = (
            f"method {METHOD}, {candle_interval.value} candles: {bars} bars of {read} articles, {stated} statements"
        )
    return told


def _days(window: Window) -> range:
    return range((window.start - EPOCH) // _DAY, -(-(window.end - EPOCH) // _DAY))


def find_touched(window: Window, before: Mapping[int, str], now: Mapping[int, str]) -> list[Window]:
    """The stretches of `window` that hold every day which is not told as before; days near to one another in one."""
    touched = sorted(day for day, inputs in now.items() if before.get(day) != inputs)
    runs: list[tuple[int, int]] = []
    for day in touched:
        if runs and day - runs[-1][1] <= _NEAR:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [
        Window(max(EPOCH + first * _DAY, window.start), min(EPOCH + (last + 1) * _DAY, window.end))
        for first, last in runs
    ]
