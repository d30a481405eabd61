"""Same-bar association: effective n against the written-out formula and against what it promises."""

import numpy as np
import pytest
from scipy.signal import lfilter

from service.correlation.association import effective_n
from service.correlation.autocovariance import autocovariance


def autoregression(number: int, memory: float, bars: int = 500) -> np.ndarray:
    return lfilter([1.0], [1.0, -memory], np.random.default_rng([31, number]).normal(size=bars + 100))[100:]


def test_autocovariance_over_holes_equals_the_loop_over_pairs():
    values = autoregression(0, 0.7, 60)
    values[[3, 4, 10, 30, 31, 32]] = np.nan
    covariance, pairs = autocovariance(values)
    deviation = values - np.nanmean(values)
    for lag in range(60):
        products = deviation[lag:] * deviation[: 60 - lag]
        held = np.isfinite(products)
        assert pairs[lag] == held.sum()
        if held.any():
            assert covariance[lag] == pytest.approx(products[held].mean(), abs=1e-10)


def test_effective_n_equals_the_product_formula_written_out():
    x, y = autoregression(1, 0.8), autoregression(2, 0.6)
    n = len(x)
    a, b = x - x.mean(), y - y.mean()
    total = 1.0
    for lag in range(1, n // 4 + 1):
        own = (a[lag:] @ a[:-lag]) / (n - lag) / a.var()
        other = (b[lag:] @ b[:-lag]) / (n - lag) / b.var()
        total += 2 * (1 - lag / n) * own * other
    assert effective_n(x, y) == pytest.approx(n / total, rel=1e-9)


@pytest.mark.parametrize(("first", "second", "inflation"), [(0.0, 0.0, 1.0), (0.8, 0.8, 4.556), (0.9, 0.0, 1.0)])
def test_effective_n_tells_the_spread_of_r_between_unrelated_series(first, second, inflation):
    """Two AR(φ), AR(ψ): n / n_eff tends to (1 + φψ)/(1 − φψ), and r between them has variance 1/n_eff."""
    worth, squares = [], []
    for number in range(200):
        x, y = autoregression(2 * number, first), autoregression(2 * number + 1, second)
        worth.append(effective_n(x, y))
        squares.append(np.corrcoef(x, y)[0, 1] ** 2)
    assert 500 / np.mean(worth) == pytest.approx(inflation, rel=0.15)
    assert np.mean(squares) * np.mean(worth) == pytest.approx(1.0, rel=0.3)


def test_effective_n_is_none_without_variance_and_never_above_n():
    x = autoregression(5, -0.7)
    assert effective_n(np.ones(50), np.arange(50.0)) is None
    assert effective_n(x[:5], x[:5]) is None
    assert effective_n(x, autoregression(6, 0.7)) <= 500
