"""Which articles moved the sentiment series most."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries, ScoreColumns
from service.correlation.pooling import pool


def weigh(
    scores: ScoreColumns, series: AlignedSeries, *, count: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of `scores` that moved `series` (aligned from them) most, heaviest first, and each one's share, 0–1.

    An article moves a bar by weight·value / sum of the bar's weights; its share is that, without sign and over all
    bars that read it, over the sum of all articles' in bars that have a value. At most `count` rows, and none that did
    not move anything.
    """
    made = pool(scores, series.aggregation, series.open_at)
    total = np.bincount(made.bar, made.weight, series.length)
    counted = made.counts & np.isfinite(series.sentiment[made.bar])
    share = np.zeros(len(made.article))
    np.divide(np.abs(made.weight * made.value), total[made.bar], out=share, where=counted)
    moved = np.bincount(made.article, share, len(scores.revision))
    everything = moved.sum()
    order = np.lexsort((scores.revision, scores.available_at, -moved))[:count]
    order = order[moved[order] > 0]
    return order.astype(np.int64), moved[order] / everything if everything > 0 else np.empty(0)
