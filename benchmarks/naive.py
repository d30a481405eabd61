"""What others do to the same two series: the tests that a study of sentiment and price is usually made of.

Each says whether it "found" something, so that its rate of false alarms can stand beside ours. Bars are the rows, NaN
where missing; `sentiment` and `price` have one length.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

HORIZONS: Final = (1, 3, 5, 10, 15, 20, 30, 40)
LAGS: Final = range(-15, 16)
LEVEL: Final = 0.05

Column = NDArray[np.float64]


def _pairs(x: Column, y: Column) -> tuple[Column, Column]:
    held = np.isfinite(x) & np.isfinite(y)
    return x[held], y[held]


def _returns(price: Column) -> Column:
    return np.concatenate([[np.nan], np.diff(np.log(price))])


def _forward(price: Column, horizon: int) -> Column:
    """p[t + h] / p[t] − 1, NaN at the end."""
    ahead = np.full(len(price), np.nan)
    ahead[:-horizon] = price[horizon:] / price[:-horizon] - 1
    return ahead


def levels(sentiment: Column, price: Column) -> bool:
    """Price in levels on sentiment, ordinary p."""
    return bool(stats.pearsonr(*_pairs(sentiment, price)).pvalue < LEVEL)


def lag_scan(sentiment: Column, price: Column) -> bool:
    """Any of 31 lags against the one-bar return with an ordinary Pearson p below 5 %."""
    x, y, bars = sentiment, _returns(price), len(price)
    for lag in LAGS:
        pair = (x[: bars - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[: bars + lag])
        if stats.pearsonr(*_pairs(*pair)).pvalue < LEVEL:
            return True
    return False


def horizons(sentiment: Column, price: Column) -> bool:
    """Any of 8 overlapping forward returns with an ordinary Pearson p below 5 %."""
    return any(stats.pearsonr(*_pairs(sentiment, _forward(price, h))).pvalue < LEVEL for h in HORIZONS)


def horizons_hac(sentiment: Column, price: Column) -> bool:
    """The same with Newey–West (1987) errors: Bartlett, max(4, 1.5·h) lags, small-sample factor, t distribution."""
    return any(_hac_p(*_pairs(sentiment, _forward(price, h)), max(4, int(1.5 * h))) < LEVEL for h in HORIZONS)


def _hac_p(x: Column, y: Column, lags: int) -> float:
    n = len(x)
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ (y - y.mean())) / spread
    moments = centred * (y - y.mean() - slope * centred)
    long_run = float(moments @ moments)
    for lag in range(1, min(lags, n - 1) + 1):
        long_run += 2 * (1 - lag / (lags + 1)) * float(moments[lag:] @ moments[:-lag])
    error = np.sqrt(max(long_run, 0.0) * n / (n - 2)) / spread
    return 1.0 if error == 0 else float(2 * stats.t.sf(abs(slope / error), n - 2))


def granger_scan(sentiment: Column, price: Column) -> bool:
    """Sentiment → return or return → sentiment at any of five lag orders, ordinary F, the best lag taken."""
    from service.correlation.causality import nested_test

    returns = _returns(price)
    both = [(sentiment, returns), (returns, sentiment)]
    tests = [nested_test(x, y, order) for x, y in both for order in range(1, 6)]
    return any(test.p is not None and test.p < LEVEL for test in tests)


PEERS: Final[dict[str, Callable[[Column, Column], bool]]] = {
    "levels": levels,
    "lags": lag_scan,
    "horizons": horizons,
    "HAC": horizons_hac,
    "Granger": granger_scan,
}
"""In the order of the table's columns."""
