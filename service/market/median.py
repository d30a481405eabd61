"""A median that listens to volume and is taken over by nobody. Arrays are venues × bars."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


def cap_weight(weight: Floats, is_used: Truths) -> Floats:
    """No weight above the second heaviest of its bar; equal weights where fewer than two venues traded."""
    if len(weight) < 2:
        return weight
    second = np.sort(weight, axis=0)[-2]
    return np.where(second > 0, np.minimum(weight, second), is_used.astype(np.float64))


def leave_out(weight: Floats, left_out: Truths) -> Floats:
    """The weights without some venues, where any weight remains."""
    rest = np.where(left_out, 0.0, weight)
    return np.where(rest.sum(axis=0) > 0, rest, weight)


def weighted_median(values: Floats, weight: Floats) -> Floats:
    """Per column the value at which half of the weight is reached; the middle of two where it is met exactly.

    Rows are venues; a value counts only with a weight > 0. NaN where a column has no weight. Always between the lowest
    and the highest value that counts, and monotone: larger values never give a smaller median (Edgeworth 1888).
    """
    kept = np.where(weight > 0, values, np.inf)
    order = np.lexsort((weight, kept), axis=0)
    ranked = np.take_along_axis(kept, order, axis=0)
    reached = np.cumsum(np.take_along_axis(weight, order, axis=0), axis=0)
    half = reached[-1] / 2
    lower = np.take_along_axis(ranked, np.argmax(reached >= half, axis=0)[None], axis=0)[0]
    upper = np.take_along_axis(ranked, np.argmax(reached > half, axis=0)[None], axis=0)[0]
    has_weight = reached[-1] > 0
    lower, upper = (np.where(has_weight, one, np.nan) for one in (lower, upper))
    return np.clip(lower + (upper - lower) / 2, lower, upper)
