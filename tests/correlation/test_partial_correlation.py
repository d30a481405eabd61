"""Partial correlation: residuals written out, a shared cause taken off, silence without a link."""

import numpy as np
import pytest
import statsmodels.api as sm

from service.correlation.partial_correlation import LAGS, PartialScan
from service.correlation.results import Direction
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds, draw_null
from tests.correlation.builders import null_pair, returns_of


def judge(sentiment, outcomes, returns, volatility, market=None, seed=1, count=99):
    scan = PartialScan(sentiment, outcomes, returns, volatility, market)
    (null,) = draw_null(Worlds(fit_sieve(sentiment), np.isfinite(sentiment), count, seed), [scan])
    return scan.judge(null)


def world(number, n=500, b=0.0):
    sentiment, price = null_pair(number, 0.7, b=b, n=n)
    return sentiment, returns_of(price), np.random.default_rng([number, 9]).normal(-4, 0.5, n)


@pytest.mark.parametrize("with_market", [False, True])
def test_equals_the_correlation_of_residuals_on_complete_rows(with_market):
    sentiment, returns, volatility = world(3)
    sentiment[::11], returns[100:103], volatility[[7, 300]] = np.nan, np.nan, np.nan
    market = np.random.default_rng(5).normal(size=500) if with_market else None
    rows = judge(sentiment, {"log_return": returns, "v": volatility}, returns, volatility, market)
    assert [(row.lag, row.outcome) for row in rows] == [(lag, name) for lag in LAGS for name in ("log_return", "v")]
    assert [row.direction for row in rows[::2]] == [Direction.REVERSE, Direction.SAME_BAR, Direction.FORWARD]
    for row in rows:
        outcome = returns if row.outcome == "log_return" else volatility
        x, y, design = [], [], []
        for t in range(500):
            at = t + row.lag
            if not 3 <= at < 500:
                continue
            told = [*returns[at - 3 : at], *volatility[at - 3 : at]]
            told += [market[at], market[at - 1]] if with_market else []
            if np.isfinite([sentiment[t], outcome[at], *told]).all():
                x.append(sentiment[t])
                y.append(outcome[at])
                design.append(told)
        design = sm.add_constant(np.array(design))
        left = [sm.OLS(np.array(side), design).fit().resid for side in (x, y)]
        assert row.n == len(x)
        assert len(row.controls) == (8 if with_market else 6)
        assert row.partial == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-10)
        assert row.r == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-10)


def test_a_cause_that_both_share_is_taken_off():
    """Yesterday's return moves today's sentiment and today's volatility: they correlate, and not beyond it."""
    sentiment, returns, volatility = world(4, 800)
    sentiment[1:] += 60 * returns[:-1]
    volatility[1:] -= 15 * returns[:-1]
    same_bar = judge(sentiment, {"v": volatility}, returns, volatility)[1]
    assert same_bar.r < -0.2
    assert abs(same_bar.partial) < 0.08
    assert same_bar.p > 0.05


def test_market_wide_moves_explain_the_rest_where_they_are_given():
    sentiment, returns, volatility = world(6, 800)
    market = np.random.default_rng(1).normal(size=800)
    returns = 0.02 * market + 0.2 * returns
    sentiment = sentiment + market
    blind = judge(sentiment, {"log_return": returns}, returns, volatility)[1]
    sees = judge(sentiment, {"log_return": returns}, returns, volatility, market)[1]
    assert blind.p == 1 / 100
    assert abs(sees.partial) < 0.08 < blind.partial


def test_a_planted_lead_stays_and_unlinked_series_are_silent():
    assert judge(*_split(world(8, b=0.3)))[4].p_family == 1 / 100
    alarms = [min(row.p_family for row in judge(*_split(world(number)), seed=number)) < 0.05 for number in range(100)]
    assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def _split(made):
    sentiment, returns, volatility = made
    return sentiment, {"log_return": returns, "v": volatility}, returns, volatility


def test_too_few_rows_or_an_outcome_its_controls_tell_whole_give_none():
    sentiment, returns, volatility = world(1, 25)
    assert {(row.n, row.partial, row.p) for row in judge(sentiment, {"y": returns}, returns, volatility)} == {
        (0, None, None)
    }
    sentiment, returns, volatility = world(1, 200)
    told = np.append(np.nan, returns[:-1])
    assert judge(sentiment, {"y": told}, returns, volatility)[1].partial is None
