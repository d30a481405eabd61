"""The correlation kernel against pandas and scipy, holes and all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from service.correlation.scan import correlate, lay_out, pair_counts, paired, pearson, ranked, spearman

seeds = st.integers(0, 2**32 - 1)


def holey(generator, shape, share):
    values = generator.normal(size=shape) * 10.0 ** generator.integers(-4, 5) + generator.normal() * 100
    values[generator.random(shape) < share] = np.nan
    return values


@settings(max_examples=80, deadline=None)
@given(seeds, st.integers(12, 60), st.sampled_from([0.0, 0.3, 0.8]), st.sampled_from([0.0, 0.4]))
def test_every_lag_agrees_with_pandas_on_the_complete_pairs(seed, bars, share_x, share_y):
    generator = np.random.default_rng(seed)
    worlds, outcome = holey(generator, (3, bars), share_x), holey(generator, bars, share_y)
    lags = np.arange(-6, 7)
    r = correlate(worlds, lay_out(outcome, lags))
    for row in range(3):
        for column, lag in enumerate(lags):
            later = pd.Series(outcome).shift(-lag)
            expected = pd.Series(worlds[row]).corr(later, min_periods=4)
            if np.isfinite(expected):
                assert r[row, column] == pytest.approx(expected, abs=1e-8)
            else:
                assert np.isnan(r[row, column])


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_one_mask_for_all_worlds_gives_the_same_as_a_mask_for_each(seed):
    generator = np.random.default_rng(seed)
    worlds, outcome = generator.normal(size=(4, 50)), holey(generator, 50, 0.2)
    worlds[:, generator.random(50) < 0.4] = np.nan
    laid = lay_out(outcome, np.arange(-3, 4))
    together = correlate(worlds, laid)
    apart = np.vstack([correlate(row[None], laid) for row in worlds])
    np.testing.assert_allclose(together, apart, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(-8, 8))
def test_pairs_and_coefficients_agree_with_scipy(seed, lag):
    generator = np.random.default_rng(seed)
    x, y = np.round(holey(generator, 40, 0.2), 1), holey(generator, 40, 0.2)
    a, b = paired(x, y, lag)
    assert len(a) == pair_counts(x, lay_out(y, np.array([lag])))[0]
    if np.ptp(a) > 0:
        assert pearson(a, b) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-9)
        assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


def test_sentiment_that_leads_shows_at_a_positive_lag():
    """The outcome two bars later repeats the sentiment: r = 1 at lag +2 and nowhere else."""
    x = np.random.default_rng(2).normal(size=400)
    y = np.concatenate([[np.nan, np.nan], x[:-2]])
    lags = np.arange(-5, 6)
    r = correlate(x[None], lay_out(y, lags))[0]
    assert r[lags == 2] == pytest.approx(1.0)
    assert np.abs(r[lags != 2]).max() < 0.2


def test_no_variance_or_too_few_pairs_is_no_coefficient():
    flat, some = np.ones(50), np.random.default_rng(0).normal(size=50)
    few = np.full(50, np.nan)
    few[:3] = [1.0, 2.0, 4.0]
    laid = lay_out(some, np.array([0]))
    assert np.isnan(correlate(np.vstack([flat, few]), laid)).all()
    assert np.isnan(correlate(some[None], lay_out(flat, np.array([0])))).all()
    assert (pearson(flat, some), pearson(some[:3], some[:3]), spearman(flat, some)) == (None, None, None)


def test_ranks_are_average_ranks_of_what_is_held():
    row = np.array([[3.0, np.nan, 1.0, 3.0]])
    assert ranked(row)[0, [0, 2, 3]].tolist() == [2.5, 1.0, 2.5]
    assert np.isnan(ranked(row)[0, 1])
