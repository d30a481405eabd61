"""What the sentiment is set beside: the outcomes a study tests, each as one column over the grid."""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries

OUTCOMES = ("log_return", "absolute_return", "realised_volatility", "log_volume_change")
"""In order of reading. Volatility is taken in logs: its level is skewed so far that one day rules the correlation."""


def outcome_columns(series: AlignedSeries) -> dict[str, NDArray[np.float64]]:
    """Every outcome by name, one value per bar, NaN where it cannot be told (a gap, a zero volume, a flat bar)."""
    log_volume = log_or_nan(series.volume)
    change = np.full(series.length, np.nan)
    change[1:] = np.diff(log_volume)
    columns = (series.log_return, np.abs(series.log_return), log_or_nan(series.realised_volatility), change)
    return dict(zip(OUTCOMES, columns, strict=True))


def log_or_nan(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm, NaN where `values` is not above zero."""
    logs = np.full(len(values), np.nan)
    np.log(values, out=logs, where=values > 0)
    return logs
