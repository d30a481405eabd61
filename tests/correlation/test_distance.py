"""Distance correlation: the definition written out, shapes that Pearson misses, silence without a link."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from service.correlation.distance import DistanceScan, distance_correlation
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds, draw_null
from tests.correlation.builders import null_pair


def from_the_definition(x, y):
    """Double-centred distance matrices (Székely, Rizzo & Bakirov 2007, definition 4)."""
    a, b = (np.abs(v[:, None] - v[None, :]) for v in (x, y))
    a, b = (d - d.mean(0) - d.mean(1)[:, None] + d.mean() for d in (a, b))
    return np.sqrt((a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()))


def judge(sentiment, outcome, seed, count=99):
    scan = DistanceScan(sentiment, {"y": outcome})
    (null,) = draw_null(Worlds(fit_sieve(sentiment), np.isfinite(sentiment), count, seed), [scan])
    return scan.judge(null)[0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 300), st.booleans())
def test_equals_the_definition_ties_and_all(seed, n, tied):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=n) * 10.0 ** generator.integers(-3, 4) + 50
    y = x**2 * (seed % 2) + generator.standard_t(3, size=n)
    if tied:
        x, y = np.round(x, 1), np.sign(y) * (np.abs(y) > 1)
    expected = from_the_definition(x, y) if np.ptp(x) > 0 and np.ptp(y) > 0 else None
    assert distance_correlation(x, y) == (None if expected is None else pytest.approx(expected, rel=1e-7, abs=1e-7))


def test_four_points_by_hand():
    """x = 0, 0, 1, 1 and y = 0, 1, 0, 1 are independent; y = 0, 0, 0, 1 shares dCov² 1/16 with x, of 1/4 and 9/64."""
    x = np.array([0.0, 0.0, 1.0, 1.0])
    assert distance_correlation(x, np.array([0.0, 1.0, 0.0, 1.0])) == pytest.approx(0.0, abs=1e-12)
    assert distance_correlation(x, np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(np.sqrt((1 / 16) / (3 / 16)))


def test_thousands_of_pairs_in_bounded_memory_agree_with_the_definition():
    generator = np.random.default_rng(1)
    x = generator.normal(size=1501)
    y = np.abs(x) + generator.normal(size=1501)
    assert distance_correlation(x, y) == pytest.approx(from_the_definition(x, y), rel=1e-10)


def test_a_vee_is_found_that_pearson_and_ranks_miss():
    """More and less sentiment both go with larger moves."""
    sentiment = null_pair(3, 0.6)[0]
    outcome = np.abs(sentiment) + np.random.default_rng(4).normal(size=500)
    row = judge(sentiment, outcome, 1)
    assert stats.pearsonr(sentiment, outcome).pvalue > 0.05
    assert row.distance > row.band
    assert (row.p, row.worlds) == (1 / 100, 99)
    assert row.kendall == pytest.approx(stats.kendalltau(sentiment, outcome).statistic)


def test_independent_series_with_memory_alarm_in_about_five_of_a_hundred():
    pairs = [(null_pair(number, 0.9, n=150)[0], null_pair(1000 + number, 0.9, n=150)[0]) for number in range(60)]
    alarms = np.mean([judge(x, y, number, 59).p < 0.05 for number, (x, y) in enumerate(pairs)])
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_holes_are_left_out_pair_by_pair():
    sentiment, outcome = null_pair(3, 0.3)[0], null_pair(4, 0.3)[0]
    sentiment[::7], outcome[::5] = np.nan, np.nan
    both = np.isfinite(sentiment) & np.isfinite(outcome)
    row = judge(sentiment, outcome, 0)
    assert row.n == both.sum()
    assert row.distance == pytest.approx(from_the_definition(sentiment[both], outcome[both]), rel=1e-9)


def test_nothing_to_relate_gives_none():
    sentiment = null_pair(3, 0.3)[0]
    for outcome in (np.full(500, np.nan), np.ones(500)):
        row = judge(sentiment, outcome, 0)
        assert (row.distance, row.band, row.p, row.p_family) == (None, None, None, None)
    assert distance_correlation(sentiment[:3], sentiment[:3]) is None
