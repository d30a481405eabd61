"""Families beside each other: statsmodels' q-values, and the share of false calls they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from service.correlation.multiplicity import adjust_across, benjamini_hochberg, summarise_family
from service.correlation.results import Direction


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0.0005, 1.0)), min_size=1, max_size=10))
def test_q_values_equal_statsmodels_and_leave_none_alone(p_values):
    told = [p for p in p_values if p is not None]
    expected = iter(multipletests(told, method="fdr_bh")[1] if told else [])
    for p, q in zip(p_values, benjamini_hochberg(p_values), strict=True):
        assert q is None if p is None else q == pytest.approx(next(expected), abs=1e-12)


def test_a_family_is_named_by_its_smallest_p_and_one_without_any_is_left_out():
    families = [
        summarise_family("lead_lag", Direction.REVERSE, 124, [0.2, None, 0.01]),
        summarise_family("lead_lag", Direction.FORWARD, 124, [None, None]),
        summarise_family("distance", Direction.SAME_BAR, 4, [0.04, 0.9]),
    ]
    assert [(row.analysis, row.p, row.q) for row in adjust_across(families)] == [
        ("lead_lag", 0.01, 0.02),
        ("distance", 0.04, 0.04),
    ]
    assert adjust_across([]) == ()


def test_of_the_called_about_five_of_a_hundred_are_chance():
    """Ten families, four of them real: the mean share of false ones among the called stays at 5 % of six tenths."""
    generator = np.random.default_rng(2)
    shares = []
    for _ in range(400):
        p = np.concatenate([generator.random(6), generator.random(4) * 1e-3])
        called = np.array(benjamini_hochberg(list(p))) < 0.05
        shares.append(called[:6].sum() / max(called.sum(), 1))
    assert np.mean(shares) == pytest.approx(0.03, abs=0.012)
