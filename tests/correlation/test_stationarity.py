"""The gate: figures against statsmodels and a published notebook, and no estimator before it."""

import numpy as np
import pytest

from service.correlation.stationarity import augmented_dickey_fuller, examine, refuse_levels
from tests.correlation.builders import returns_of
from tests.correlation.notebook import CLOSE, POLARITY


def test_the_notebooks_numbers_are_whole():
    assert POLARITY.sum() == pytest.approx(3.54374315762514, abs=1e-14)
    assert CLOSE.sum() == pytest.approx(205588.15, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "values", "adf", "kpss", "conclusion"),
    [
        ("close", CLOSE, (-1.3490130655059267, 0.606461406545102), (0.5403771, 0.0325727), "not stationary"),
        ("sentiment", POLARITY, (-4.000698094890347, 0.0014068602315564414), (0.1227870, 0.1), "stationary"),
        ("log_return", returns_of(CLOSE), (-5.778826867475772, 5.18e-07), (0.1511417, 0.1), "stationary"),
    ],
)
def test_reproduces_the_notebooks_adf_and_kpss(name, values, adf, kpss, conclusion):
    """Anchors measured apart from this code, with statsmodels 0.15."""
    row = examine(name, values)
    assert row.adf_statistic == pytest.approx(adf[0], rel=1e-9)
    assert row.kpss_statistic == pytest.approx(kpss[0], abs=5.1e-8)
    assert row.adf_p == pytest.approx(adf[1], rel=1e-3 if adf[1] < 1e-6 else 1e-9)
    assert row.kpss_p == pytest.approx(kpss[1], rel=2e-6)
    assert row.conclusion == conclusion
    assert row.is_used == (conclusion == "stationary")


def test_levels_are_refused_with_their_figures_even_where_they_happen_to_pass():
    wandering = examine("close", CLOSE, may_be_used=False)
    assert "ADF does not reject a unit root, p 0.606" in refuse_levels(wandering)
    assert "KPSS rejects stationarity, p 0.033" in refuse_levels(wandering)
    calm = examine("close", 100 + np.random.default_rng(1).normal(size=300), may_be_used=False)
    assert calm.conclusion == "stationary"
    assert not calm.is_used
    assert "refused" in refuse_levels(calm)


def test_a_random_walk_fails_and_white_noise_passes():
    generator = np.random.default_rng(4)
    walk, noise = np.cumsum(generator.normal(size=500)), generator.normal(size=500)
    assert examine("walk", walk).conclusion == "not stationary"
    assert examine("noise", noise).conclusion == "stationary"


@pytest.mark.parametrize("values", [np.empty(0), np.arange(19.0), np.ones(200), np.full(50, np.nan)])
def test_too_short_or_flat_has_no_figures_and_is_not_used(values):
    row = examine("x", values)
    assert (row.adf_p, row.kpss_p, row.conclusion, row.is_used) == (None, None, "too short", False)
    assert "refused" in refuse_levels(row)


@pytest.mark.parametrize("seed", range(12))
def test_the_lag_order_is_the_one_statsmodels_finds(seed):
    """One decomposition instead of a regression per lag: same order, same figures."""
    from statsmodels.tsa.stattools import adfuller

    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(60 + 90 * seed)
    values = np.cumsum(noise) if seed % 3 == 0 else np.convolve(noise, rng.standard_normal(seed + 1), "same")
    slow = adfuller(values, regression="c", autolag="AIC", result_object=True)
    assert augmented_dickey_fuller(values) == pytest.approx((slow.statistic, slow.pvalue), rel=1e-9, abs=1e-12)
