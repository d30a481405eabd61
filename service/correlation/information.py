"""Information coefficient: do higher sentiments come before higher returns, how far ahead, and by how much?

sentiments h bars apart ─▶ return of the h bars after each ─▶ rank correlation, quantile spread ─▶ decay over h

R. C. Grinold & R. N. Kahn (1999), Active Portfolio Management, 2nd ed., chapter 6. Samples do not overlap: overlapping
forward returns share bars, and their figures look several times surer than they are.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.bootstrap import block_length, correlation_interval, resampled_sums
from service.correlation.expanding import expanding_quantiles
from service.correlation.results import Bucket, InformationCoefficient, InformationHorizon
from service.correlation.scan import correlate, lay_out, ranked
from service.correlation.worlds import Worlds, step_down, tail_share
from service.instants import Interval
from service.wording import word

HORIZONS = {Interval.H1: (1, 2, 4, 8, 12, 24), Interval.D1: (1, 2, 3, 5, 10, 15)}
"""Bars ahead; those of daily bars serve every other interval."""

MOST_BUCKETS = 5
_PER_BUCKET = 20
_LEAST_PAIRS = 20
_LEAST_BEFORE = 60
_LEVEL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Bars (`rows`) that hold a sentiment and the return of the `bars` bars after it, none of which two share.

    `bucket` is that of each row, 0 where too little stands before it; there are `buckets` of them.
    """

    bars: int
    rows: NDArray[np.int64]
    sentiment: NDArray[np.float64]
    ahead: NDArray[np.float64]
    bucket: NDArray[np.int64]
    buckets: int

    def rank_correlations(self, worlds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spearman's coefficient of each world (worlds × bars of the whole series), NaN below twenty pairs."""
        if len(self.rows) < _LEAST_PAIRS:
            return np.full(len(worlds), np.nan)
        beside = lay_out(ranked(self.ahead[None])[0], np.zeros(1, np.int64))
        return correlate(ranked(worlds[:, self.rows]), beside)[:, 0]


def study_information(
    sentiment: NDArray[np.float64],
    log_return: NDArray[np.float64],
    worlds: Worlds,
    horizons: Sequence[int],
    *,
    resamples: int,
) -> InformationCoefficient:
    """The whole of it; one value per bar in both columns, NaN where missing. Seeded by `worlds.seed`."""
    edges = functools.cache(functools.partial(_place_edges, sentiment))  # most horizons fill equally many buckets
    samples = [_draw_sample(sentiment, log_return, bars, edges) for bars in horizons]
    observed = np.array([sample.rank_correlations(sentiment[None])[0] for sample in samples])
    null = np.nan_to_num(
        np.vstack([np.column_stack([one.rank_correlations(batch) for one in samples]) for batch in worlds.batches()])
    )
    # Coefficients of few pairs scatter more: in units of their own deviation the horizons are one family.
    scale = np.sqrt([max(len(sample.rows) - 1, 1) for sample in samples])
    family = step_down(np.abs(observed) * scale, np.abs(null) * scale)
    rows = []
    for place, sample in enumerate(samples):
        generator = np.random.default_rng([worlds.seed, 11, place])
        if np.isfinite(observed[place]):
            told = float(observed[place])
            p_values = (tail_share(np.abs(null[:, place]), abs(told)), float(family[place]))
            rows.append(_describe(sample, told, p_values, generator, resamples))
        else:
            rows.append(_describe(sample, None, (None, None), generator, resamples))
    half_life, decay = fit_decay(rows)
    return InformationCoefficient(tuple(rows), half_life, decay, sum(row.p is not None for row in rows), worlds.count)


def forward_return(log_return: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    """Sum of the log returns of the `bars` bars after each bar, NaN unless all of them are held."""
    held = np.isfinite(log_return)
    total = np.concatenate([[0.0], np.cumsum(np.where(held, log_return, 0.0))])
    missing = np.concatenate([[0], np.cumsum(~held)])
    ahead = np.full(len(log_return), np.nan)
    last = len(log_return) - bars
    if last > 0:
        whole = missing[bars + 1 :] == missing[1 : last + 1]
        ahead[:last] = np.where(whole, total[bars + 1 :] - total[1 : last + 1], np.nan)
    return ahead


def _place_edges(sentiment: NDArray[np.float64], buckets: int) -> NDArray[np.float64]:
    shares = [part / buckets for part in range(1, buckets)]
    return expanding_quantiles(sentiment, shares, least=_LEAST_BEFORE)


def _draw_sample(
    sentiment: NDArray[np.float64],
    log_return: NDArray[np.float64],
    bars: int,
    place_edges: Callable[[int], NDArray[np.float64]],
) -> _Sample:
    ahead = forward_return(log_return, bars)
    rows = pick_apart(np.isfinite(sentiment) & np.isfinite(ahead), bars)
    x, y = sentiment[rows], ahead[rows]
    buckets = min(MOST_BUCKETS, len(rows) // _PER_BUCKET)
    if buckets < 2:
        return _Sample(bars, rows, x, y, np.zeros(len(x), np.int64), 0)
    edges = place_edges(buckets)[rows]
    bucket = np.where(np.isfinite(edges[:, 0]), 1 + (x[:, None] > edges).sum(axis=1), 0)
    return _Sample(bars, rows, x, y, bucket, buckets)


def pick_apart(held: NDArray[np.bool_], bars: int) -> NDArray[np.int64]:
    """The first bar of `held`, then each time the next one at least `bars` later: few are lost where news is rare."""
    places = np.flatnonzero(held)
    if bars == 1:
        return places
    kept: list[int] = []
    at = 0
    while at < len(places):
        kept.append(int(places[at]))
        at = int(np.searchsorted(places, kept[-1] + bars))
    return np.array(kept, np.int64)


def _describe(
    sample: _Sample,
    coefficient: float | None,
    p_values: tuple[float | None, float | None],
    generator: np.random.Generator,
    resamples: int,
) -> InformationHorizon:
    interval = None
    if coefficient is not None:
        ranks = ranked(np.vstack([sample.sentiment, sample.ahead]))
        interval = correlation_interval(ranks[0], ranks[1], generator, resamples=resamples)
    low, high = interval or (None, None)
    inside = [sample.ahead[sample.bucket == number] for number in range(1, sample.buckets + 1)]
    buckets = tuple(
        Bucket(number, len(chosen), float(chosen.mean()) if len(chosen) else None)
        for number, chosen in enumerate(inside, 1)
    )
    spread, spread_low, spread_high = _spread(sample, generator, resamples)
    return InformationHorizon(
        sample.bars, len(sample.rows), coefficient, low, high, *p_values, buckets, spread, spread_low, spread_high
    )


def _spread(
    sample: _Sample, generator: np.random.Generator, resamples: int
) -> tuple[float | None, float | None, float | None]:
    """Mean return of the top bucket minus that of the bottom, with its 95 % stationary-bootstrap interval."""
    placed = sample.bucket > 0
    returns = sample.ahead[placed]
    top, bottom = sample.bucket[placed] == sample.buckets, sample.bucket[placed] == 1
    if min(top.sum(), bottom.sum()) < _PER_BUCKET // 2:
        return None, None, None
    spread = float(returns[top].mean() - returns[bottom].mean())
    moments = np.column_stack([top * returns, top, bottom * returns, bottom]).astype(np.float64)
    mean_block = max(block_length(returns), block_length(sample.sentiment[placed]))
    sums = resampled_sums(moments, generator, resamples, mean_block)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]
    low, high = np.quantile(drawn[np.isfinite(drawn)], (0.025, 0.975))
    return spread, float(low), float(high)


def fit_decay(rows: Sequence[InformationHorizon]) -> tuple[float | None, str]:
    """Half-life in bars of IC(h) = a·2^(−h/half-life), least squares weighted by pairs, or why there is none."""
    from scipy.optimize import minimize_scalar

    told = [(row.bars, row.coefficient, row.n) for row in rows if row.coefficient is not None]
    if len(told) < 3:
        return None, word("fewer than three horizons have a coefficient")
    if min(row.p_family for row in rows if row.p_family is not None) >= _LEVEL:
        return None, word("no horizon stands out, so there is nothing to see decay")
    bars, values, weights = (np.array(column, np.float64) for column in zip(*told, strict=True))

    def misfit(log_life: float) -> float:
        shape = 2.0 ** ((bars[0] - bars) / np.exp(log_life))
        height = (weights * shape) @ values / ((weights * shape) @ shape)
        return float(weights @ (values - height * shape) ** 2)

    shortest, longest = float(np.log(bars[0] / 4)), float(np.log(4 * bars[-1]))
    best = minimize_scalar(misfit, bounds=(shortest, longest), method="bounded")
    if misfit(longest) <= best.fun * (1 + 1e-9):
        return None, word("the coefficients do not decay over these horizons")
    if misfit(shortest) <= best.fun * (1 + 1e-9):
        return None, word("it is gone after the first horizon, too fast to fit")
    return float(np.exp(best.x)), "fitted"
