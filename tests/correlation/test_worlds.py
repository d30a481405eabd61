"""Surrogate worlds: they keep what must be kept, cut what must be cut, and the p-values from them keep their rules."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from service.correlation.autocovariance import autocovariance
from service.correlation.seasons import calendar_phases, seasonal_pattern
from service.correlation.surrogates import fit_sieve, generate
from service.correlation.worlds import Worlds, critical_value, draw_null, holm, step_down, tail_share
from service.instants import Interval, to_millis
from tests.correlation.builders import START, null_pair


def mean_correlation(worlds: np.ndarray, lags: list[int]) -> np.ndarray:
    rows = [autocovariance(world)[0] for world in worlds]
    return np.mean([row[lags] / row[0] for row in rows], axis=0)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_worlds_keep_spread_and_memory_of_an_autoregression(memory):
    sentiment = null_pair(2, memory, n=2000)[0]
    worlds = generate(fit_sieve(sentiment), np.ones(2000, bool), 200, np.random.default_rng(1))
    assert worlds.std() == pytest.approx(sentiment.std(), rel=0.1)
    assert mean_correlation(worlds, [1, 2, 5]) == pytest.approx([memory, memory**2, memory**5], abs=0.06)


def test_worlds_keep_a_drift_that_an_ar5_forgets():
    """A fifth of the variance drifts with a time constant of 100 bars, the rest is white: memory at lag 50 ≈ 0.12."""
    generator = np.random.default_rng(6)
    drift = null_pair(4, float(np.exp(-1 / 100)), n=6000)[0]
    sentiment = np.sqrt(0.2) * drift / drift.std() + np.sqrt(0.8) * generator.normal(size=6000)
    sentiment[generator.random(6000) < 0.6] = np.nan
    worlds = generate(fit_sieve(sentiment), np.ones(6000, bool), 100, generator)
    own = autocovariance(sentiment)[0]
    assert mean_correlation(worlds, [10, 50]) == pytest.approx(own[[10, 50]] / own[0], abs=0.06)


def test_worlds_miss_the_bars_the_sentiment_missed_and_are_cut_from_it():
    sentiment = null_pair(5, 0.8)[0]
    mask = np.random.default_rng(2).random(500) < 0.5
    sentiment[~mask] = np.nan
    worlds = np.vstack(list(Worlds(fit_sieve(sentiment), mask, 400, 7).batches()))
    assert (np.isfinite(worlds) == mask).all()
    links = [np.corrcoef(world[mask], sentiment[mask])[0, 1] for world in worlds]
    assert abs(np.mean(links)) < 0.03


def test_the_same_seed_walks_through_the_same_worlds_and_another_seed_does_not():
    sentiment = null_pair(5, 0.8, n=3000)[0]
    sieve, mask = fit_sieve(sentiment), np.ones(3000, bool)
    one, again, other = (np.vstack(list(Worlds(sieve, mask, 700, seed).batches())) for seed in (1, 1, 2))
    assert one.shape == (700, 3000)  # more than one batch
    assert one.tobytes() == again.tobytes()
    assert not np.allclose(one, other)
    assert len(np.unique(one[:, 0])) > 690


def test_hours_of_the_day_and_days_of_the_week_are_told_in_utc():
    """1 January 2024 was a Monday."""
    open_at = to_millis(START) + np.arange(24 * 14) * Interval.H1.millis
    hour, weekday = calendar_phases(open_at, Interval.H1)
    assert hour[:25].tolist() == [*range(24), 0]
    assert weekday[::24].tolist() == [0, 1, 2, 3, 4, 5, 6] * 2
    assert len(calendar_phases(open_at, Interval.D1)) == 1


def test_a_weekly_pattern_is_found_through_holes_and_stays_in_every_world():
    generator = np.random.default_rng(9)
    open_at = to_millis(START) + np.arange(700) * Interval.D1.millis
    phases = calendar_phases(open_at, Interval.D1)
    truth = np.array([0.0, 0.1, 0.2, 0.3, 0.2, -0.4, -0.5])
    sentiment = truth[phases[0]] + generator.normal(0, 0.3, 700)
    sentiment[generator.random(700) < 0.3] = np.nan
    pattern = seasonal_pattern(sentiment, phases)
    assert pattern[:7] == pytest.approx(truth, abs=0.12)
    worlds = generate(fit_sieve(sentiment, phases=phases), np.ones(700, bool), 300, generator)
    assert worlds.mean(axis=0) == pytest.approx(pattern, abs=0.08)


def test_a_calendar_longer_than_the_readings_carry_is_left_out():
    open_at = to_millis(START) + np.arange(100) * Interval.D1.millis
    values = np.random.default_rng(0).normal(size=100)
    assert np.ptp(seasonal_pattern(values, calendar_phases(open_at, Interval.D1))) < 1e-12


class FirstBar:
    """The first bar of each world, of at most `most_worlds` of them."""

    def __init__(self, most_worlds):
        self.most_worlds = most_worlds

    def of_worlds(self, batch):
        return batch[:, :1]


def test_one_walk_serves_every_statistic_with_as_many_worlds_as_it_asks_for():
    sentiment = null_pair(5, 0.8, n=3000)[0]
    worlds = Worlds(fit_sieve(sentiment), np.ones(3000, bool), 700, 1)
    walked = np.vstack(list(worlds.batches()))[:, :1]  # more than one batch
    every, more_than_a_batch, few = draw_null(worlds, [FirstBar(None), FirstBar(600), FirstBar(20)])
    np.testing.assert_array_equal(every, walked)
    np.testing.assert_array_equal(more_than_a_batch, walked[:600])
    np.testing.assert_array_equal(few, walked[:20])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 120), st.floats(0.2, 1.0))
def test_any_sentiment_with_variance_gives_finite_worlds_of_its_size(seed, bars, coverage):
    """Even explosive, ramped, two-valued or nearly empty ones."""
    generator = np.random.default_rng(seed)
    kinds = (
        np.cumsum(generator.normal(size=bars)),
        np.arange(bars) * 1.0,
        generator.integers(0, 2, bars) * 1.0,
        np.exp(np.arange(bars) / 5.0),
        (-1.0) ** np.arange(bars),
    )
    sentiment = kinds[seed % 5]
    mask = generator.random(bars) < coverage
    mask[: min(20, bars)] = True
    sentiment = np.where(mask, sentiment, np.nan)
    if np.ptp(sentiment[mask]) == 0:
        return
    worlds = generate(fit_sieve(sentiment), mask, 20, generator)
    assert np.isfinite(worlds[:, mask]).all()
    assert np.abs(worlds[:, mask]).max() < 1e3 * (np.abs(sentiment[mask]).max() + 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0.0005, 1.0)), min_size=1, max_size=8))
def test_holm_equals_statsmodels_and_leaves_none_alone(p_values):
    given_p = [p for p in p_values if p is not None]
    expected = iter(multipletests(given_p, method="holm")[1] if given_p else [])
    for p, adjusted in zip(p_values, holm(p_values), strict=True):
        assert adjusted is None if p is None else adjusted == pytest.approx(next(expected), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_step_down_equals_the_written_out_algorithm(seed, hypotheses):
    """For the k-th largest statistic: worlds whose largest among it and all smaller ones reaches it; then monotone."""
    generator = np.random.default_rng(seed)
    null, observed = generator.random((99, hypotheses)), generator.random(hypotheses) * 1.2
    adjusted = step_down(observed, null)
    order, running = np.argsort(-observed), 0.0
    for rank, index in enumerate(order):
        rest = null[:, order[rank:]].max(axis=1)
        running = max(running, (1 + (rest >= observed[index]).sum()) / 100)
        assert adjusted[index] == pytest.approx(running)
    assert (adjusted >= [tail_share(null[:, i], observed[i]) for i in range(hypotheses)]).all()


def test_a_statistic_that_could_not_be_computed_takes_no_part():
    null = np.random.default_rng(0).random((99, 3))
    adjusted = step_down(np.array([0.97, np.nan, 0.5]), null)
    assert np.isnan(adjusted[1])
    np.testing.assert_allclose(adjusted[[0, 2]], step_down(np.array([0.97, 0.5]), null[:, [0, 2]]))


def test_beyond_the_band_and_below_five_percent_are_the_same():
    for count, step in itertools.product((99, 199, 299, 999), (-1e-9, 1e-9)):
        null = np.random.default_rng(count).random(count)
        band = critical_value(null)
        assert (tail_share(null, band + step) < 0.05) == (step > 0)
