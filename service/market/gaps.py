"""Bars that should be there and are not, found on the expected grid. A gap is recorded, never filled."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from service.instants import Interval, Window, from_millis, to_millis
from service.market.candle import Gap


def find(
    open_at: Iterable[dt.datetime],
    window: Window,
    interval: Interval,
    *,
    venue: str,
    symbol: str,
    reason: str = "unknown",
    quarantined: Collection[dt.datetime] = (),
) -> list[Gap]:
    """Runs of missing bars among those that lie wholly inside `window`, in time order, each as long as it can be.

    `open_at` are opening instants of bars that are held (UTC, any order; those outside the window or off the grid do
    not count). A missing bar whose instant is in `quarantined` gets that reason of its own; the rest get `reason`.
    Cost is linear in the number of bars of the window.
    """
    first, last = to_millis(interval.ceil(window.start)), to_millis(interval.floor(window.end))
    slots = max(0, (last - first) // interval.millis)
    state = np.zeros(slots, dtype=np.int8)  # 0 missing, 1 held, 2 quarantined
    for code, instants in ((2, quarantined), (1, open_at)):
        millis = np.fromiter((to_millis(instant) for instant in instants), dtype=np.int64)
        index, off_grid = np.divmod(millis - first, interval.millis)
        state[index[(off_grid == 0) & (index >= 0) & (index < slots)]] = code
    edges = np.flatnonzero(np.diff(state)) + 1
    bounds = [0, *edges.tolist(), slots]
    return [
        Gap(
            venue=venue,
            symbol=symbol,
            interval=interval,
            start=from_millis(first + begin * interval.millis),
            end=from_millis(first + end * interval.millis),
            reason="quarantined" if state[begin] else reason,
        )
        for begin, end in pairwise(bounds)
        if end > begin and state[begin] != 1
    ]


def leave_out(holes: Iterable[Gap], held: Iterable[dt.datetime]) -> list[Gap]:
    """`holes` without the bars whose opening instants are `held`, in the order given; a hole may fall into pieces."""
    instants = sorted(held)
    left: list[Gap] = []
    for hole in holes:
        start = hole.start
        for instant in instants[bisect_left(instants, hole.start) : bisect_left(instants, hole.end)]:
            if instant > start:
                left.append(replace(hole, start=start, end=instant))
            start = instant + hole.interval.duration
        if start < hole.end:
            left.append(replace(hole, start=start))
    return left


def dispute(holes: Iterable[Gap], traded_elsewhere: Iterable[dt.datetime]) -> list[Gap]:
    """`holes`, in the order given; a bar called `no_trade` that had trades at another venue is called `disputed`.

    A thin venue may well be quiet while others trade: the word says that they did, not who is right.
    """
    traded = sorted(traded_elsewhere)
    told: list[Gap] = []
    for hole in holes:
        if hole.reason != "no_trade":
            told.append(hole)
            continue
        quiet = leave_out([hole], traded)
        start = hole.start
        for rest in quiet:
            if start < rest.start:
                told.append(replace(hole, start=start, end=rest.start, reason="disputed"))
            told.append(rest)
            start = rest.end
        if start < hole.end:
            told.append(replace(hole, start=start, reason="disputed"))
    return told


def count_by_reason(gaps: Iterable[Gap]) -> dict[str, int]:
    """Number of missing bars per reason, for messages and reports."""
    ordered = sorted(gaps, key=lambda gap: gap.reason)
    return {reason: sum(gap.bars for gap in group) for reason, group in groupby(ordered, key=lambda gap: gap.reason)}
