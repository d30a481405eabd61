"""Granger against statsmodels and published figures; above all, the direction."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.stattools import grangercausalitytests

from service.correlation.causality import choose_order, granger, nested_test
from service.correlation.results import Direction
from tests.correlation.builders import null_pair, returns_of
from tests.correlation.notebook import CLOSE, POLARITY


def macrodata() -> tuple[np.ndarray, np.ndarray]:
    """Log differences of real consumption and GDP, as statsmodels ships them."""
    data = sm.datasets.macrodata.load_pandas().data
    return np.diff(np.log(data["realcons"])), np.diff(np.log(data["realgdp"]))


@pytest.mark.parametrize(
    ("cause", "lags", "f", "p"),
    [
        ("gdp", 1, 2.8807907647606767, 0.09121322302946476),
        ("gdp", 2, 0.2430969779600416, 0.784432758035727),
        ("consumption", 1, 28.99697086415685, 2.0418103098396752e-07),
        ("consumption", 2, 19.03531756939815, 2.8076149148441615e-08),
    ],
)
def test_macrodata_direction_and_figures(cause, lags, f, p):
    """GDP does not help to tell consumption, consumption does help to tell GDP (R's lmtest agrees)."""
    consumption, gdp = macrodata()
    x, y = (gdp, consumption) if cause == "gdp" else (consumption, gdp)
    test = nested_test(x, y, lags)
    assert test.n == len(x) - lags
    assert (test.f, test.p) == pytest.approx((f, p), rel=1e-9)


@pytest.mark.parametrize(
    ("direction", "lags", "f", "p"),
    [
        ("forward", 1, 0.8271775628403785, 0.37144437214683307),
        ("forward", 2, 0.8122940994757873, 0.45617017276527505),
        ("reverse", 1, 0.0032770811769011502, 0.9547870838191638),
        ("reverse", 2, 0.7276745076905045, 0.4938222612659972),
    ],
)
def test_the_notebooks_granger_figures(direction, lags, f, p):
    polarity, returns = POLARITY[1:], returns_of(CLOSE)[1:]
    x, y = (polarity, returns) if direction == "forward" else (returns, polarity)
    test = nested_test(x, y, lags)
    assert (test.f, test.p) == pytest.approx((f, p), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_equals_statsmodels_and_its_robust_wald(seed, lags):
    generator = np.random.default_rng(seed)
    x, noise = generator.normal(size=150), generator.standard_t(4, size=150)
    y = noise.copy()
    y[1:] += 0.5 * y[:-1] * (seed % 2) + 0.2 * x[:-1]
    test = nested_test(x, y, lags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = grangercausalitytests(np.column_stack([y, x]), [lags])[lags][0]["ssr_ftest"]
    assert (test.f, test.p) == pytest.approx((expected[0], expected[1]), rel=1e-8, abs=1e-10)
    columns = [y[lags - k : -k] for k in range(1, lags + 1)] + [x[lags - k : -k] for k in range(1, lags + 1)]
    fitted = sm.OLS(y[lags:], sm.add_constant(np.column_stack(columns))).fit(cov_type="HC3", use_t=True)
    restriction = np.hstack([np.zeros((lags, lags + 1)), np.eye(lags)])
    robust = fitted.wald_test(restriction, use_f=True, scalar=True)
    assert test.p_robust == pytest.approx(float(robust.pvalue), rel=1e-7, abs=1e-10)


def test_order_is_that_of_least_bic_on_common_rows():
    """The lag-3 effect asks for three lags; statsmodels' OLS agrees on every candidate's BIC."""
    generator = np.random.default_rng(3)
    x, y = generator.normal(size=400), generator.normal(size=400)
    y[3:] += 0.6 * x[:-3]
    longest = 6
    bic = []
    for lags in range(1, longest + 1):
        columns = [s[longest - k : -k] for s in (y, x) for k in range(1, lags + 1)]
        bic.append(sm.OLS(y[longest:], sm.add_constant(np.column_stack(columns))).fit().bic)
    assert choose_order(x, y, longest) == int(np.argmin(bic)) + 1 == 3


def test_holes_cost_rows_and_change_no_rule():
    """With holes the test is the one on complete rows: deleting those rows from a design built by hand."""
    sentiment, price = null_pair(3, 0.5, b=0.3)
    returns = returns_of(price)
    sentiment[np.random.default_rng(1).random(500) < 0.2] = np.nan
    test = nested_test(sentiment, returns, 2)
    rows = [t for t in range(2, 500) if np.isfinite([*returns[t - 2 : t + 1], *sentiment[t - 2 : t]]).all()]
    design = np.array([[1, returns[t - 1], returns[t - 2], sentiment[t - 1], sentiment[t - 2]] for t in rows])
    full = sm.OLS(returns[rows], design).fit()
    part = sm.OLS(returns[rows], design[:, :3]).fit()
    assert test.n == len(rows)
    assert test.f == pytest.approx(full.compare_f_test(part)[0], rel=1e-9)


def test_a_planted_forward_effect_is_found_forward_and_not_in_reverse():
    sentiment, price = null_pair(1, 0.5, b=0.35, n=800)
    returns = returns_of(price)
    forward = granger(Direction.FORWARD, "sentiment", "log_return", sentiment, returns, maximum_lag=8)
    reverse = granger(Direction.REVERSE, "log_return", "sentiment", returns, sentiment, maximum_lag=8)
    assert forward.p_robust < 1e-6
    assert reverse.p_robust > 0.01


@pytest.mark.parametrize("x", [np.full(200, np.nan), np.ones(200), np.arange(12.0)])
def test_too_little_or_flat_gives_none(x):
    y = np.random.default_rng(0).normal(size=len(x))
    test = granger(Direction.FORWARD, "sentiment", "log_return", x, y, maximum_lag=5)
    assert (test.f, test.p, test.p_robust) == (None, None, None)
