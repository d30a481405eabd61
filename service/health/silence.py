"""How long a source is usually silent, by its own past: the gaps between readings that brought something new."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_GAPS = 30
"""Gaps that must be known before anything is said of the usual."""


@dataclass(frozen=True, slots=True)
class Silence:
    """`usual`: the 99th percentile of the gaps, `longest` of them all, `known`: how long a past they were seen in."""

    usual: dt.timedelta
    longest: dt.timedelta
    known: dt.timedelta


def measure_silence(news_at: Sequence[dt.datetime]) -> Silence | None:
    """From the instants of readings that brought something new, in order; None where the past is too short.

    The percentile is the nearest rank, so with fewer than a hundred gaps it is the longest.
    """
    gaps = sorted(later - one for one, later in pairwise(news_at))
    if len(gaps) < LEAST_GAPS:
        return None
    return Silence(gaps[math.ceil(0.99 * len(gaps)) - 1], gaps[-1], news_at[-1] - news_at[0])
