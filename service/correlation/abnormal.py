"""Abnormal returns around events: the return less what is normal, told from bars before the event window.

A. C. MacKinlay (1997), Event studies in economics and finance, Journal of Economic Literature 35, sections 5 and 6.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class AbnormalReturns:
    """Abnormal log returns of the events kept, one row per event.

    `before` (events × estimation bars) holds NaN where a return is missing, `around` (events × 2·reach + 1) never.
    `events` are the bar numbers of event time 0.
    """

    events: NDArray[np.int64]
    before: NDArray[np.float64]
    around: NDArray[np.float64]


def merge_overlapping(events: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """The events (rising bar numbers) whose window of ± `reach` bars meets no window of an event kept before."""
    kept: list[int] = []
    for event in events.tolist():
        if not kept or event - kept[-1] > 2 * reach:
            kept.append(event)
    return np.array(kept, np.int64)


def abnormal_returns(
    returns: NDArray[np.float64],
    events: NDArray[np.int64],
    *,
    estimation: int,
    reach: int,
    market: NDArray[np.float64] | None = None,
) -> AbnormalReturns:
    """Returns (one per bar, NaN where missing) less the normal ones of the constant-mean or, with `market`, its model.

    The constant mean is that of the `estimation` bars that end before the window; the market model is the least-squares
    line on the market's return over the same bars. An event is dropped where a bar of its window has no return (or no
    market return) or more than half of the bars before it have none.
    """
    usable = returns if market is None else np.where(np.isfinite(market), returns, np.nan)
    offsets = np.arange(-reach - estimation, reach + 1)
    inside = events[(events + reach < len(returns)) & (events + offsets[0] >= 0)]
    rows = inside[:, None] + offsets[None, :]
    own = usable[rows]
    held = np.isfinite(own)
    keep = held[:, estimation:].all(axis=1) & (2 * held[:, :estimation].sum(axis=1) >= estimation)
    own, rows, inside = own[keep], rows[keep], inside[keep]
    normal = np.nanmean(own[:, :estimation], axis=1, keepdims=True) if len(own) else np.zeros((0, 1))
    if market is not None and len(own):
        normal = _market_line(own, market[rows], estimation)
    abnormal = own - normal
    return AbnormalReturns(inside, abnormal[:, :estimation], abnormal[:, estimation:])


def _market_line(own: NDArray[np.float64], market: NDArray[np.float64], estimation: int) -> NDArray[np.float64]:
    x = np.where(np.isfinite(own), market, np.nan)[:, :estimation]
    y = own[:, :estimation]
    mean_x, mean_y = np.nanmean(x, axis=1, keepdims=True), np.nanmean(y, axis=1, keepdims=True)
    spread = np.nansum((x - mean_x) ** 2, axis=1, keepdims=True)
    product = np.nansum((x - mean_x) * (y - mean_y), axis=1, keepdims=True)
    slope = np.divide(product, spread, out=np.zeros_like(product), where=spread > 0)
    line: NDArray[np.float64] = mean_y + slope * (market - mean_x)
    return line
