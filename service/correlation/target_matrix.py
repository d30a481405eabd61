"""Other targets beside the same market: is what is found about this target, or about the news at large?"""

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.matrix import EACH, fill_matrix
from service.correlation.results import Matrix


def study_targets(
    series: AlignedSeries,
    alongside: Alongside,
    log_return: NDArray[np.float64],
    lags: NDArray[np.int64],
    *,
    worlds: int,
    seed: int,
) -> Matrix | None:
    """The log return against the sentiment toward every other target given, the market first; None without any."""
    if not alongside.targets:
        return None
    columns = {name: other.sentiment for name, other in alongside.targets.items()}
    outcomes = {"log_return": log_return}
    return fill_matrix(columns, series, outcomes, lags, spans=EACH, worlds=worlds, seed=seed)
