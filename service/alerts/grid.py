"""Stretches of one aligned series laid on one even grid, so that bars can be judged by those before them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from service.correlation.aligned import AlignedSeries
from service.instants import Window, to_millis

_COUNTS = ("scored", "no_signal", "no_mention", "unsupported")
_FIGURES = ("sentiment", "close", "log_return", "realised_volatility", "volume")


def lay_on_grid(parts: Sequence[AlignedSeries], window: Window) -> AlignedSeries:
    """A row per bar that lies wholly in `window`; of two parts that hold one bar the later counts.

    A bar that none of them holds has no articles and no figures. `parts` are of one series, at least one.
    """
    step = parts[0].aggregation.interval.millis
    first = to_millis(parts[0].aggregation.interval.ceil(window.start))
    bars = max(0, (to_millis(window.end) - first) // step)
    open_at = first + np.arange(bars, dtype=np.int64) * step
    columns: dict[str, Any] = {name: np.zeros(bars, np.int32) for name in _COUNTS}
    columns |= {name: np.full(bars, np.nan) for name in _FIGURES}
    for part in parts:
        row = (part.open_at - first) // step
        inside = (row >= 0) & (row < bars)
        for name, column in columns.items():
            column[row[inside]] = getattr(part, name)[inside]
    return replace(parts[0], open_at=open_at, available_at=open_at + step, **columns)
