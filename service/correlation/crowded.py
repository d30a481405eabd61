"""Bars in which unusually many articles tell of one thing: news of a hack is every day, a hack is not."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from service.correlation.expanding import expanding_quantiles
from service.instants import Interval, Window, from_millis, to_millis
from service.sentiment.events import EventKind

LEAST_ARTICLES = 2
_SHARE = 0.95
_LEAST_BEFORE = 60


def find_crowded_bars(told_at: Sequence[dt.datetime], window: Window, interval: Interval) -> tuple[dt.datetime, ...]:
    """Openings (UTC) of the bars of `window` in which more articles tell of it than in 95 % of the bars before.

    `told_at` has an instant per article, when it could be known. A bar asks for two articles at least and for sixty
    bars before it, and no bar is chosen with knowledge of a later one.
    """
    first, step = to_millis(window.start), interval.millis
    bars = (to_millis(window.end) - first) // step
    places = np.array([(to_millis(at) - first) // step for at in told_at], np.int64)
    counts = np.bincount(places[(places >= 0) & (places < bars)], minlength=bars).astype(np.float64)
    bound = expanding_quantiles(counts, (_SHARE,), least=_LEAST_BEFORE)[:, 0]
    crowded = np.flatnonzero((counts > bound) & (counts >= LEAST_ARTICLES))
    return tuple(from_millis(int(first + bar * step)) for bar in crowded)


def label_news(kind: EventKind) -> str:
    """What the events of one kind that the news tells of are called."""
    return f"news of the kind {kind.value}"
