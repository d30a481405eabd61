"""Granger at every order, and on levels: statsmodels' figures, the direction, and rates where the series wander."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.stattools import grangercausalitytests

from service.correlation.causality import choose_order, nested_test
from service.correlation.granger_orders import granger_by_order
from service.correlation.results import Direction
from service.correlation.toda_yamamoto import EXTRA_LAGS, toda_yamamoto
from tests.correlation.builders import null_pair, returns_of
from tests.correlation.notebook import CLOSE, POLARITY
from tests.correlation.test_causality import macrodata


def by_order(x, y, longest=24):
    return granger_by_order(Direction.FORWARD, "x", "y", x, y, longest=longest)


def statsmodels_by_order(x, y, longest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = grangercausalitytests(np.column_stack([y, x]), longest)
    return np.array([told[order][0]["ssr_ftest"][:2] for order in range(1, longest + 1)])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_all_24_orders_equal_statsmodels_loop(seed):
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=300) + 7, generator.standard_t(4, size=300) * 1e-3
    y[2:] += 2e-4 * (x[:-2] - 7) * (seed % 2)
    made = by_order(x, y)
    expected = statsmodels_by_order(x, y, 24)
    np.testing.assert_allclose(np.column_stack([made.f, made.p]), expected, rtol=1e-8)
    assert made.n == tuple(300 - order for order in range(1, 25))
    assert made.called == (expected[:, 1] < 0.05).sum()


def test_the_direction_anchors_and_the_notebooks():
    """GDP does not help to tell consumption, consumption does help to tell GDP; polarity and return, neither way."""
    consumption, gdp = macrodata()
    assert by_order(gdp, consumption, 2).f == pytest.approx((2.8807907647606767, 0.2430969779600416), rel=1e-9)
    assert by_order(consumption, gdp, 2).f == pytest.approx((28.99697086415685, 19.03531756939815), rel=1e-9)
    polarity, returns = POLARITY[1:], returns_of(CLOSE)[1:]
    assert by_order(polarity, returns, 2).p == pytest.approx((0.37144437214683307, 0.45617017276527505), rel=1e-9)
    assert by_order(returns, polarity, 2).p == pytest.approx((0.9547870838191638, 0.4938222612659972), rel=1e-9)


def test_with_holes_every_order_is_the_nested_test_of_that_order():
    sentiment, price = null_pair(4, 0.6, b=0.3)
    returns = returns_of(price)
    sentiment[np.random.default_rng(0).random(500) < 0.05] = np.nan
    made = by_order(sentiment, returns, 6)
    for order in range(1, 7):
        expected = nested_test(sentiment, returns, order)
        assert made.n[order - 1] == expected.n
        assert (made.f[order - 1], made.p[order - 1]) == pytest.approx((expected.f, expected.p), rel=1e-9)


def test_orders_without_rows_or_variance_are_none():
    short = by_order(np.random.default_rng(1).normal(size=30), np.random.default_rng(2).normal(size=30))
    assert short.f[0] is not None
    assert short.computed < 24
    assert set(short.f[10:]) == {None}
    assert set(by_order(np.ones(100), np.random.default_rng(2).normal(size=100)).p) == {None}
    assert by_order(np.full(50, np.nan), np.full(50, np.nan)).computed == 0


def walk_pair(number, n=300):
    """Two independent random walks."""
    generator = np.random.default_rng([17, number])
    return np.cumsum(generator.normal(size=n)), np.cumsum(generator.normal(size=n))


def test_toda_yamamoto_is_the_wald_test_of_the_first_lags_alone():
    """Of a regression with one lag more of both, fitted by statsmodels."""
    x, y = walk_pair(3)
    y[1:] += 0.4 * x[:-1]
    made = toda_yamamoto(Direction.FORWARD, "x", "y", x, y, maximum_lag=6)
    lags, extra = made.lags, EXTRA_LAGS
    assert (lags, extra) == (choose_order(x, y, 6), 1)
    whole = lags + extra
    columns = [series[whole - k : -k] for series in (y, x) for k in range(1, whole + 1)]
    fitted = sm.OLS(y[whole:], sm.add_constant(np.column_stack(columns))).fit()
    tested = np.hstack([np.zeros((lags, 1 + whole)), np.eye(lags), np.zeros((lags, extra))])
    wald = fitted.f_test(tested)
    assert made.n == 300 - whole
    assert (made.f, made.p) == pytest.approx((float(wald.fvalue), float(wald.pvalue)), rel=1e-8)


def test_between_independent_walks_toda_yamamoto_keeps_its_level_where_a_regression_of_levels_does_not():
    """Of 200 tests: the plain regression of one walk on the other calls most of them."""
    asked = [(x, y) for number in range(100) for x, y in (walk_pair(number), walk_pair(number)[::-1])]
    ours = np.mean([toda_yamamoto(Direction.FORWARD, "x", "y", x, y, maximum_lag=4).p < 0.05 for x, y in asked])
    plain = np.mean([sm.OLS(y, sm.add_constant(x)).fit().pvalues[1] < 0.05 for x, y in asked])
    assert ours <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert plain > 0.5


def test_toda_yamamoto_finds_a_link_between_levels_in_its_direction():
    x = walk_pair(5, 500)[0]
    y = np.random.default_rng(3).normal(size=500)
    y[2:] += 0.5 * np.diff(x)[:-1]
    y = np.cumsum(y)
    assert toda_yamamoto(Direction.FORWARD, "x", "y", x, y, maximum_lag=6).p_robust < 1e-4
    assert toda_yamamoto(Direction.REVERSE, "y", "x", y, x, maximum_lag=6).p_robust > 0.01
    nothing = toda_yamamoto(Direction.REVERSE, "y", "x", y[:12], x[:12], maximum_lag=6)
    assert (nothing.n, nothing.f, nothing.p) == (0, None, None)
