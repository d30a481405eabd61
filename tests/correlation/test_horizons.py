"""Overlapping horizons: figures against matrices written out and statsmodels; size and power together."""

import numpy as np
import pytest
import statsmodels.api as sm

from service.correlation.horizons import HorizonScan, choose_horizons, sum_after, transformed_test
from service.correlation.regression import fit_line
from service.correlation.results import Direction
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds, draw_null
from service.instants import Interval
from tests.correlation.builders import null_pair, returns_of

HORIZONS = (1, 3, 5, 10, 15, 20, 30, 40)
RUNS = 40


def judge(sentiment, price, seed, worlds=99, horizons=HORIZONS):
    scan = HorizonScan(sentiment, returns_of(price), horizons)
    (null,) = draw_null(Worlds(fit_sieve(sentiment), np.isfinite(sentiment), worlds, seed), [scan])
    return scan.judge(null)


def calls(memory, b=0.0, runs=RUNS):
    """Share of data sets in which any horizon, either way, is called at 5 %."""
    rows = [judge(*null_pair(number, memory, b=b), number) for number in range(runs)]
    return np.mean([min(row.p_family for row in found) < 0.05 for found in rows])


@pytest.mark.parametrize("memory", [0.0, 0.8, 0.95])
def test_unlinked_series_alarm_in_about_five_of_a_hundred(memory):
    """A slice of `python -m benchmarks.dependence`; plain tests call 81 % at φ = 0.8."""
    assert calls(memory) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_a_planted_correlation_of_a_fifth_is_found():
    assert calls(0.8, b=0.2) >= 0.85 - 3 * np.sqrt(0.85 * 0.15 / RUNS)


@pytest.mark.parametrize("bars", [1, 4, 20])
@pytest.mark.parametrize("holes", [False, True])
def test_the_transformed_regression_is_the_papers(bars, holes):
    """Least squares of single-bar returns on X̃(X̃'X̃)⁻¹X'X with every matrix written out; slope as of the sums."""
    sentiment, price = null_pair(3, 0.8, b=0.2, n=160)
    returns = returns_of(price)
    if holes:
        sentiment[np.random.default_rng(1).random(160) < 0.2] = np.nan
        returns[[50, 51, 90]] = np.nan
    ahead = sum_after(returns, bars)
    origins = np.flatnonzero(np.isfinite(sentiment) & np.isfinite(ahead))
    summing = np.zeros((len(origins), 160))
    for row, origin in enumerate(origins):
        summing[row, origin + 1 : origin + 1 + bars] = 1
    used = summing.any(axis=0)
    design = np.column_stack([np.ones(len(origins)), sentiment[origins]])
    lagged = (summing.T @ design)[used]
    transformed = lagged @ np.linalg.inv(lagged.T @ lagged) @ (design.T @ design)
    expected = sm.OLS(returns[used], transformed).fit()
    overlapping = sm.OLS(ahead[origins], design).fit()
    slope, t, p = transformed_test(sentiment, returns, bars)
    assert slope == pytest.approx(overlapping.params[1], rel=1e-9)
    assert (slope, t, p) == pytest.approx((expected.params[1], expected.tvalues[1], expected.pvalues[1]), rel=1e-8)


def test_sums_after_a_bar_hold_only_whole_stretches():
    values = np.array([1.0, 2.0, 4.0, np.nan, 8.0, 16.0])
    np.testing.assert_array_equal(sum_after(values, 2), [6.0, np.nan, np.nan, 24.0, np.nan, np.nan])
    np.testing.assert_array_equal(sum_after(values, 1), [2.0, 4.0, np.nan, 8.0, 16.0, np.nan])
    assert np.isnan(sum_after(values, 6)).all()


def test_every_row_is_that_of_its_own_sums_reverse_first():
    sentiment, price = null_pair(5, 0.7)
    returns = returns_of(price)
    rows = judge(sentiment, price, 1, 99, (1, 5))
    assert [(row.direction, row.bars) for row in rows] == [
        (way, bars) for way in (Direction.REVERSE, Direction.FORWARD) for bars in (1, 5)
    ]
    ahead = np.array([returns[t + 1 : t + 6].sum() for t in range(495)])
    past = np.array([returns[t - 5 : t].sum() for t in range(6, 500)])
    assert rows[3].r == pytest.approx(np.corrcoef(sentiment[:495], ahead)[0, 1], abs=1e-10)
    assert rows[1].r == pytest.approx(np.corrcoef(sentiment[6:], past)[0, 1], abs=1e-10)
    assert (rows[1].n, rows[3].n) == (494, 495)
    hac = sm.OLS(ahead, sm.add_constant(sentiment[:495])).fit(
        cov_type="HAC", cov_kwds={"maxlags": 8, "use_correction": True}, use_t=True
    )
    shorter = fit_line(sentiment[:495], ahead, lags=8)
    assert (shorter.slope, shorter.t_hac, shorter.p_hac) == pytest.approx(
        (hac.params[1], hac.tvalues[1], hac.pvalues[1]), rel=1e-9
    )
    assert all(row.hac_lags >= row.bars for row in rows)
    assert rows[0].t_transformed is None


def test_horizons_fit_ten_times_into_the_sample_and_too_little_gives_none():
    assert choose_horizons(Interval.D1, 500) == (1, 3, 5, 10, 20, 40)
    assert choose_horizons(Interval.D1, 31) == (1, 3)
    assert choose_horizons(Interval.H1, 8760)[-1] == 168
    assert choose_horizons(Interval.M15, 5) == ()
    sentiment = null_pair(1, 0.0)[0]
    nothing = judge(sentiment, np.full(500, np.nan), 1, 99, (1, 3))
    assert {(row.n, row.r, row.p_hac, row.p_family) for row in nothing} == {(0, None, None, None)}
    assert transformed_test(sentiment, np.full(500, np.nan), 3) is None


@pytest.mark.parametrize("bars", [1, 4, 20])
@pytest.mark.parametrize("holes", [False, True])
def test_what_is_judged_is_single_returns_against_the_sums_their_stretches_hold(bars, holes):
    """Bar by bar: forward the sentiments of the bars before, reverse those of the bars after, whole stretches only."""
    sentiment, price = null_pair(6, 0.7, n=150)
    returns = returns_of(price)
    if holes:
        sentiment[np.random.default_rng(2).random(150) < 0.2] = np.nan
        returns[[60, 61, 100]] = np.nan
    reverse, forward = HorizonScan(sentiment, returns, (bars,)).of_worlds(sentiment[None])[0]
    for told, way in ((reverse, -1), (forward, 1)):
        stretches = {t: [t + way * k for k in range(1, bars + 1)] for t in range(150) if np.isfinite(sentiment[t])}
        whole = {
            t: bars_of
            for t, bars_of in stretches.items()
            if all(0 <= u < 150 and np.isfinite(returns[u]) for u in bars_of)
        }
        mean = np.mean([sentiment[t] for t in whole])
        sums: dict[int, float] = {}
        for t, bars_of in whole.items():
            for u in bars_of:
                sums[u] = sums.get(u, 0.0) + sentiment[t] - mean
        x, y = np.array(list(sums.values())), returns[list(sums)] - returns[list(sums)].mean()
        assert told == pytest.approx(x @ y / np.sqrt((x @ x) * (y @ y)), abs=1e-12)
