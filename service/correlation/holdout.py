"""Out of sample: the lag and sign are fixed on the first part of the time, then tried once on the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.leadlag import largest
from service.correlation.scan import LaggedOutcome, correlate, lay_out, pair_counts
from service.correlation.worlds import Worlds, tail_share

LEAST_PAIRS = 40
"""Fewer complete pairs than this in either part: nothing is tried."""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """`lag` and its sign come from the first part, `p_first` is its max-statistic p there.

    `r` and `p` (one-sided, against the same worlds) are what the last part says at that lag.
    """

    lag: int
    p_first: float
    r: float
    p: float

    @property
    def confirms(self) -> bool:
        """Whether the first part found something and the last part bears it out, both at 5 %."""
        return self.p_first < 0.05 and self.p < 0.05


def hold_out(
    sentiment: NDArray[np.float64],
    outcome: NDArray[np.float64],
    worlds: Worlds,
    lags: NDArray[np.int64],
    share: float,
) -> HoldOut | None:
    """Try one direction of one outcome on the last `share` of the bars; None where a part is too short.

    `lags` are those of the direction. No pair crosses the cut, so the last part's figures owe nothing to the first.
    """
    cut = len(sentiment) - int(share * len(sentiment))
    first, last = lay_out(outcome[:cut], lags), lay_out(outcome[cut:], lags)
    if not _has_pairs(sentiment[:cut], first) or not _has_pairs(sentiment[cut:], last):
        return None
    r_first = correlate(sentiment[None, :cut], first)[0]
    r_last = correlate(sentiment[None, cut:], last)[0]
    if not np.isfinite(r_first).any():
        return None
    at = int(np.nanargmax(np.abs(r_first)))
    if not np.isfinite(r_last[at]):
        return None
    sign = float(np.sign(r_first[at]))
    null_first, null_last = [], []
    for batch in worlds.batches():
        null_first.append(largest(correlate(batch[:, :cut], first)))
        null_last.append(sign * correlate(batch[:, cut:], last)[:, at])
    return HoldOut(
        lag=int(lags[at]),
        p_first=tail_share(np.concatenate(null_first), abs(float(r_first[at]))),
        r=float(r_last[at]),
        p=tail_share(np.nan_to_num(np.concatenate(null_last)), sign * float(r_last[at])),
    )


def _has_pairs(sentiment: NDArray[np.float64], laid: LaggedOutcome) -> bool:
    return bool(pair_counts(sentiment, laid).min(initial=LEAST_PAIRS) >= LEAST_PAIRS)
