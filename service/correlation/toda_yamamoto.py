"""Granger's question where a series may wander: tested on levels, with lags to spare.

H. Y. Toda & T. Yamamoto (1995), Statistical inference in vector autoregressions with possibly integrated processes, J.
Econometrics 66: fit p + d lags, d the highest order of integration there may be, and test the first p alone; the Wald
statistic then keeps its χ² law whether or not there is a unit root.
"""

import numpy as np
from numpy.typing import NDArray

from service.correlation.causality import choose_order, nested_test
from service.correlation.results import Direction, TodaYamamoto

EXTRA_LAGS = 1
"""Prices and moods wander at most once integrated: their differences are stationary."""


def toda_yamamoto(
    direction: Direction, cause: str, effect: str, x: NDArray[np.float64], y: NDArray[np.float64], *, maximum_lag: int
) -> TodaYamamoto:
    """Does `x` (cause) help to tell `y` (effect)? Levels over the bars, NaN where missing; order by BIC as in Granger.

    F and p are those of Wald/lags with (lags, n − 2·(lags + extra) − 1) degrees of freedom; None where the rows are too
    few.
    """
    order = choose_order(x, y, maximum_lag)
    if order is None:
        return TodaYamamoto(direction, cause, effect, 0, 0, EXTRA_LAGS, None, None, None)
    test = nested_test(x, y, order, extra=EXTRA_LAGS)
    return TodaYamamoto(direction, cause, effect, test.n, order, EXTRA_LAGS, test.f, test.p, test.p_robust)
