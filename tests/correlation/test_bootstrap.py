"""Block length and resampling against `arch`, and whether the intervals cover."""

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from scipy.signal import lfilter

from service.correlation.bootstrap import block_length, correlation_interval, resampled_correlations


@pytest.mark.parametrize("bars", [30, 100, 501, 3000])
@pytest.mark.parametrize("memory", [-0.5, 0.3, 0.8, 0.97])
def test_block_length_equals_archs(bars, memory):
    values = lfilter([1.0], [1.0, -memory], np.random.default_rng([bars, 9]).normal(size=bars))
    expected = optimal_block_length(values)["stationary"].iloc[0]
    assert block_length(values) == pytest.approx(max(expected, 1.0), rel=1e-10)


def test_resamples_have_the_distribution_of_archs():
    """Same blocks in law, other random numbers: mean and quantiles of r agree within the resampling error."""
    generator = np.random.default_rng(12)
    x = lfilter([1.0], [1.0, -0.7], generator.normal(size=400))
    y = 0.3 * x + lfilter([1.0], [1.0, -0.7], generator.normal(size=400))
    ours = resampled_correlations(x, y, np.random.default_rng(1), 2000, 12.0)
    theirs = StationaryBootstrap(12, x, y, seed=2).apply(lambda a, b: np.corrcoef(a, b)[0, 1], 2000)[:, 0]
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.006)
    assert np.quantile(ours, [0.025, 0.5, 0.975]) == pytest.approx(np.quantile(theirs, [0.025, 0.5, 0.975]), abs=0.02)


def test_a_resample_with_blocks_of_one_bar_is_the_ordinary_bootstrap():
    generator = np.random.default_rng(5)
    x, y = generator.normal(size=200), generator.normal(size=200)
    r = resampled_correlations(x, y, np.random.default_rng(3), 4000, 1.0)
    assert r.std() == pytest.approx(1 / np.sqrt(200), rel=0.08)


def test_intervals_of_autocorrelated_pairs_cover_the_truth():
    """True r = 0.4 between AR(0.6) series: 95 % intervals must hold it in about 95 of 100 (naive ones: far fewer)."""
    held = 0
    for number in range(120):
        generator = np.random.default_rng([8, number])
        common, x, y = (lfilter([1.0], [1.0, -0.6], generator.normal(size=600)) for _ in range(3))
        x, y = np.sqrt(0.4) * common + np.sqrt(0.6) * x, np.sqrt(0.4) * common + np.sqrt(0.6) * y
        interval = correlation_interval(x, y, generator, resamples=199)
        assert interval is not None
        held += interval[0] <= 0.4 <= interval[1]
    assert 0.87 <= held / 120 <= 0.99


def test_no_interval_without_variance_or_pairs():
    flat, some = np.ones(50), np.arange(50.0)
    assert correlation_interval(flat, some, np.random.default_rng(0)) is None
    assert correlation_interval(some[:5], some[:5], np.random.default_rng(0)) is None
    assert (block_length(flat), block_length(some[:5])) == (1.0, 1.0)
