"""From one point of an aligned series back to the articles it was made of, and what each contributed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import STATES, Aggregation, ScoreColumns
from service.correlation.pooling import pool
from service.errors import BadInput
from service.instants import Interval
from service.sentiment.scorer import State


@dataclass(frozen=True, slots=True)
class PointName:
    """A point as users spell it: `bitcoin/1h@2024-05-01T13:00Z`, or `bitcoin/1h/rules@…` where scorers differ."""

    target: str
    interval: Interval
    scorer: str  # name or name/version; empty: not said
    instant: str  # as written


def parse_point(text: str) -> PointName:
    """`TARGET/INTERVAL[/SCORER[/VERSION]]@INSTANT`. Raises `BadInput`."""
    name, mark, instant = text.strip().rpartition("@")
    parts = name.split("/", 2)
    if not mark or len(parts) < 2 or not all(parts) or not instant:
        raise BadInput("point", text, "write it as bitcoin/1h@2024-05-01T13:00Z")
    return PointName(parts[0], Interval.parse(parts[1], "point"), parts[2] if len(parts) > 2 else "", instant)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One article in one bar: it moved the point by `contribution` = weight·value / total weight of the bar."""

    revision: int
    state: State  # scored or no_signal
    reading: float  # −1…1; no_signal reads as 0
    value: float  # the reading after winsorising: itself, or the nearest one that counts in full
    relevance: float  # 0–100
    weight: float
    contribution: float | None  # None where the bar has too few articles to have a value


@dataclass(frozen=True, slots=True)
class Lineage:
    """The articles of one bar in the order they are summed, and the value they give.

    `sentiment` is what `align` computes, to the last bit: Σ weight·value / `total_weight`, summed in this order. The
    contributions, each rounded by itself, sum to it within 1e-12. None: fewer articles than the aggregation asks for.
    """

    contributions: tuple[Contribution, ...]
    total_weight: float
    sentiment: float | None


def trace(scores: ScoreColumns, aggregation: Aggregation, open_at: int) -> Lineage:
    """What the articles among `scores` that count in the bar opening at `open_at` (UTC ms) make of it.

    Raises `BadInput` for a weight there is not.
    """
    made = pool(scores, aggregation, np.array([open_at], np.int64))
    rows = made.article[made.counts]
    reading, value, weight = (column[made.counts] for column in (made.reading, made.value, made.weight))
    total = _sum_in_order(weight)
    has_value = bool(made.has_value(aggregation)[0])
    contributions = tuple(
        Contribution(
            revision=int(scores.revision[row]),
            state=STATES[scores.state[row]],
            reading=float(read),
            value=float(counted),
            relevance=float(scores.relevance[row]),
            weight=float(its_weight),
            contribution=float(its_weight * counted) / total if has_value else None,
        )
        for row, read, counted, its_weight in zip(rows, reading, value, weight, strict=True)
    )
    return Lineage(contributions, total, _sum_in_order(weight * value) / total if has_value else None)


def _sum_in_order(values: NDArray[np.float64]) -> float:
    """The plain running sum from the first to the last, as `np.bincount` takes it: `np.sum` adds by pairs."""
    return float(np.add.accumulate(values)[-1]) if len(values) else 0.0
