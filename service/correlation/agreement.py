"""How far two readers of the same articles agree: not whether either is right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.bootstrap import correlation_interval
from service.correlation.scan import pearson, spearman

FEWEST = 8
"""Pairs below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over `n` articles both read: Pearson's r with its 95 % interval, Spearman's, and the share of equal signs.

    The interval is of the stationary bootstrap, whose blocks keep articles of one story together; None where there are
    fewer than 8 pairs or one reader never varies. `same_sign` counts articles to which both give a tone other than 0.
    """

    n: int
    pearson: float | None
    low: float | None
    high: float | None
    spearman: float | None
    same_sign: float | None


def agree(ours: NDArray[np.float64], theirs: NDArray[np.float64], *, seed: int, resamples: int = 999) -> Agreement:
    """The agreement of two columns of tones in order of time, without missing values; scales may differ."""
    n = len(ours)
    both = (ours != 0) & (theirs != 0)
    same = float((np.sign(ours[both]) == np.sign(theirs[both])).mean()) if both.any() else None
    if n < FEWEST or np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return Agreement(n, None, None, None, None, same)
    interval = correlation_interval(ours, theirs, np.random.default_rng([seed, 11]), resamples=resamples)
    low, high = interval or (None, None)
    return Agreement(n, pearson(ours, theirs), low, high, spearman(ours, theirs), same)
