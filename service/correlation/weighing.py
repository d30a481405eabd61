"""Which articles moved the sentiment series most."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries, ScoreColumns
from service.correlation.alignment import article_weights, counting, placed, readings


def weigh(
    scores: ScoreColumns, series: AlignedSeries, *, count: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of `scores` that moved `series` (aligned from them) most, heaviest first, and each one's share, 0–1.

    An article moves its bar by weight·score / sum of the bar's weights; its share is that, without sign, over the sum
    of all articles' in bars that have a value. At most `count` rows, and none that did not move anything.
    """
    row = placed(scores, series.aggregation, series.open_at)
    counted = counting(scores, series.aggregation) & (row >= 0)
    counted[counted] &= np.isfinite(series.sentiment[row[counted]])
    place = np.where(counted, row, 0)
    weight = np.where(counted, article_weights(scores, series.aggregation), 0.0)
    total = np.bincount(place, weight, series.length) if series.length else np.zeros(1)
    weight = np.where(counted & (total[place] == 0), 1.0, weight)
    total = np.bincount(place, weight, series.length) if series.length else np.zeros(1)
    moved = np.zeros(len(weight))
    np.divide(np.abs(weight * np.where(counted, readings(scores), 0.0)), total[place], out=moved, where=counted)
    everything = moved.sum()
    order = np.lexsort((scores.revision, scores.available_at, -moved))[:count]
    order = order[moved[order] > 0]
    return order.astype(np.int64), moved[order] / everything if everything > 0 else np.empty(0)
