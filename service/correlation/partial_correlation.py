"""What sentiment and outcome share beyond what the market's own past already told.

    outcome at t + lag, sentiment at t ─▶ both less their fit on controls ─▶ r of the residuals ─▶ worlds

Controls are the returns and the volatility (log) of the three bars before the outcome's, and the market-wide move of
the outcome's own bar and the one before, where one is given. R. A. Fisher (1924), The distribution of the partial
correlation coefficient, Metron 3; judged by worlds here, because its t test takes bars for independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import Direction, PartialCorrelation
from service.correlation.scan import pearson
from service.correlation.worlds import critical_value, step_down, tail_share

LAGS = (-1, 0, 1)
"""Reverse first; sentiment at t beside the outcome at t + lag."""

BARS_BACK = 3
_ROWS_BEYOND = 30
_DIRECTIONS = {-1: Direction.REVERSE, 0: Direction.SAME_BAR, 1: Direction.FORWARD}


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """One lag of one outcome: complete rows, an orthonormal basis of the controls, what is left of the outcome."""

    outcome: str
    lag: int
    rows: NDArray[np.int64]
    basis: NDArray[np.float64]
    left: NDArray[np.float64]
    plain: float | None

    def partial(self, worlds: NDArray[np.float64]) -> NDArray[np.float64]:
        """r of each world's residual with the outcome's, NaN where nothing is left of one of them."""
        x = worlds[:, self.rows]
        x = x - x.mean(axis=1, keepdims=True)
        spread = (x**2).sum(axis=1)
        own = spread - ((x @ self.basis) ** 2).sum(axis=1)
        told = own > 1e-10 * spread
        r = np.full(len(worlds), np.nan)
        np.divide(x @ self.left, np.sqrt(np.where(told, own, 1.0)), out=r, where=told)
        within: NDArray[np.float64] = np.clip(r, -1.0, 1.0)
        return within


class PartialScan:
    """Every outcome at every lag, given the controls."""

    most_worlds = None

    def __init__(
        self,
        sentiment: NDArray[np.float64],
        outcomes: Mapping[str, NDArray[np.float64]],
        log_return: NDArray[np.float64],
        log_volatility: NDArray[np.float64],
        market_return: NDArray[np.float64] | None = None,
    ) -> None:
        """One value per bar each, NaN where missing."""
        self._sentiment = sentiment
        self.controls = name_controls(with_market=market_return is not None)
        told = lay_out_controls(log_return, log_volatility, market_return)
        pairs = [(lag, name, values) for lag in LAGS for name, values in outcomes.items()]
        self._pairs = [self._prepare(lag, name, values, told) for lag, name, values in pairs]

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """Partial correlations, worlds × (lags, outcomes within)."""
        columns = [pair.partial(batch) if len(pair.rows) else np.full(len(batch), np.nan) for pair in self._pairs]
        return np.column_stack(columns) if columns else np.empty((len(batch), 0))

    def judge(self, null: NDArray[np.float64]) -> tuple[PartialCorrelation, ...]:
        """The rows, reverse first; `null` is what `of_worlds` gave."""
        partial = self.of_worlds(self._sentiment[None])[0]
        null = np.nan_to_num(np.abs(null))
        bands = np.array([critical_value(column) for column in null.T])
        told = np.isfinite(partial) & (bands > 0)
        bands = np.where(told, bands, 1.0)
        p_family = step_down(np.where(told, np.abs(partial) / bands, np.nan), null / bands)
        return tuple(
            PartialCorrelation(
                direction=_DIRECTIONS[pair.lag],
                outcome=pair.outcome,
                lag=pair.lag,
                n=len(pair.rows),
                controls=self.controls,
                r=pair.plain,
                partial=float(partial[place]) if told[place] else None,
                p=tail_share(null[:, place], abs(float(partial[place]))) if told[place] else None,
                p_family=float(p_family[place]) if told[place] else None,
                worlds=len(null),
            )
            for place, pair in enumerate(self._pairs)
        )

    def _prepare(self, lag: int, name: str, values: NDArray[np.float64], told: NDArray[np.float64]) -> _Pair:
        bars = len(self._sentiment)
        rows = np.arange(max(0, -lag), bars - max(0, lag))
        complete = np.isfinite(self._sentiment[rows]) & np.isfinite(values[rows + lag])
        complete &= np.isfinite(told[rows + lag]).all(axis=1)
        rows = rows[complete]
        nothing = _Pair(name, lag, rows[:0], np.empty((0, 0)), np.empty(0), None)
        if len(rows) < told.shape[1] + 1 + _ROWS_BEYOND:
            return nothing
        basis = _orthonormal(told[rows + lag])
        y = values[rows + lag] - values[rows + lag].mean()
        left = y - basis @ (basis.T @ y)
        if float(left @ left) <= 1e-10 * float(y @ y):
            return nothing
        plain = pearson(self._sentiment[rows], y)
        return _Pair(name, lag, rows, basis, left / np.sqrt(left @ left), plain)


def name_controls(*, with_market: bool) -> tuple[str, ...]:
    """The controls in the order of `lay_out_controls`; `−k` is k bars before the outcome's."""
    names = [f"{name} −{back}" for name in ("log_return", "realised_volatility") for back in range(1, BARS_BACK + 1)]
    return (*names, "market_return 0", "market_return −1") if with_market else tuple(names)


def lay_out_controls(
    log_return: NDArray[np.float64], log_volatility: NDArray[np.float64], market_return: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Controls of an outcome at each bar, bars × controls."""
    columns = [_back(values, back) for values in (log_return, log_volatility) for back in range(1, BARS_BACK + 1)]
    if market_return is not None:
        columns += [market_return, _back(market_return, 1)]
    return np.column_stack(columns)


def _back(values: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    earlier = np.full(len(values), np.nan)
    earlier[bars:] = values[: len(values) - bars]
    return earlier


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis of the centred columns; what depends on others is left out."""
    centred = columns - columns.mean(axis=0)
    scale = centred.std(axis=0)
    left, size, _ = np.linalg.svd(centred / np.where(scale > 0, scale, 1.0), full_matrices=False)
    basis: NDArray[np.float64] = left[:, size > 1e-10 * max(float(size.max(initial=0.0)), 1e-300)]
    return basis
