"""Transfer entropy: counted by hand, a non-linear link found, silence between independent series with memory."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.correlation.results import Direction
from service.correlation.surrogates import fit_sieve
from service.correlation.transfer_entropy import TransferScan, classify, transfer_entropy
from service.correlation.worlds import Worlds, draw_null
from tests.correlation.builders import null_pair


def judge(sentiment, outcome, seed, count=99):
    scan = TransferScan(sentiment, {"y": outcome})
    (null,) = draw_null(Worlds(fit_sieve(sentiment), np.isfinite(sentiment), count, seed), [scan])
    return scan.judge(null)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_equals_the_sum_over_classes_written_out(seed):
    generator = np.random.default_rng(seed)
    cause, effect = generator.integers(0, 4, 600), generator.integers(0, 4, 600)  # 3 is a missing bar
    triples = [
        (int(effect[t]), int(effect[t - 1]), int(cause[t - 1]))
        for t in range(1, 600)
        if max(effect[t], effect[t - 1], cause[t - 1]) < 3
    ]
    total = 0.0
    for later, own, foreign in itertools.product(range(3), repeat=3):
        joint = sum(triple == (later, own, foreign) for triple in triples)
        if joint:
            given_both = joint / sum(triple[1:] == (own, foreign) for triple in triples)
            given_own = sum(triple[:2] == (later, own) for triple in triples) / sum(
                triple[1] == own for triple in triples
            )
            total += joint / len(triples) * math.log(given_both / given_own)
    assert transfer_entropy(cause[None], effect[None])[0] == pytest.approx(total, abs=1e-12)


def test_a_copy_one_bar_later_transfers_the_whole_entropy():
    cause = np.random.default_rng(0).integers(0, 3, 30_000)
    effect = np.roll(cause, 1)
    assert transfer_entropy(cause[None], effect[None])[0] == pytest.approx(math.log(3), abs=1e-3)
    assert transfer_entropy(effect[None], cause[None])[0] == pytest.approx(0.0, abs=1e-3)


def test_a_planted_non_linear_link_is_found_in_its_direction_only():
    """Extreme sentiment of either sign makes the next outcome large: correlation sees nothing of it."""
    sentiment = null_pair(1, 0.5, n=800)[0]
    outcome = np.random.default_rng(3).normal(size=800)
    outcome[1:] += 1.5 * (np.abs(sentiment[:-1]) > 1)
    reverse, forward = judge(sentiment, outcome, 1)
    assert abs(np.corrcoef(sentiment[:-1], outcome[1:])[0, 1]) < 0.08
    assert (forward.direction, forward.cause, forward.p) == (Direction.FORWARD, "sentiment", 1 / 100)
    assert forward.z > 5
    assert forward.effective == pytest.approx(forward.transfer, rel=0.3)
    assert (reverse.direction, reverse.effect) == (Direction.REVERSE, "sentiment")
    assert reverse.p > 0.05


def test_independent_series_with_memory_alarm_in_about_five_of_a_hundred_each_way():
    """Of 200 one-way tests, and what is left after the correction is nought on average."""
    rows = []
    for number in range(100):
        sentiment, other = null_pair(number, 0.8, n=400)[0], null_pair(1000 + number, 0.8, n=400)[0]
        if number % 2:
            sentiment = np.where(
                np.abs(sentiment) < 0.8, 0.0, sentiment
            )  # a third and more of the readings are neutral
        rows += judge(sentiment, other, number)
    assert np.mean([row.p < 0.05 for row in rows]) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    effective = np.array([row.effective for row in rows])
    assert abs(effective.mean()) < 3 * effective.std() / np.sqrt(200)


def test_classes_hold_a_third_each_and_ties_stay_together():
    values = np.array([np.nan, *np.arange(9.0)])
    assert classify(values).tolist() == [3, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert classify(np.array([-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])).tolist() == [0, 1, 1, 1, 1, 1, 2]
    assert classify(np.array([0.0, 0.0, 0.0, 0.0, 1.0])).tolist() == [1, 1, 1, 1, 2]
    assert classify(np.full(3, np.nan)).tolist() == [3, 3, 3]


def test_worlds_keep_the_class_counts_of_a_sentiment_that_is_mostly_neutral():
    """Smooth worlds exactly; worlds that repeat its values nearly, their neutral readings in one class too."""
    smooth = null_pair(2, 0.5)[0]
    sentiment = np.where(np.abs(smooth) < 1, 0.0, smooth)
    own = np.bincount(classify(sentiment), minlength=3)
    assert own.min() > 50
    scan = TransferScan(sentiment, {})
    assert np.bincount(scan._cut_alike(null_pair(5, 0.5)[0][None])[0]).tolist() == own.tolist()
    repeated = np.random.default_rng(1).choice(sentiment, (20, 500))
    classes = scan._cut_alike(repeated)
    assert all(len(set(row[world == 0])) == 1 for row, world in zip(classes, repeated, strict=True))
    assert np.abs(np.apply_along_axis(np.bincount, 1, classes, minlength=3) - own).max() < 50


def test_a_sentiment_that_is_neutral_or_good_alone_still_tells_two_classes_in_every_world():
    sentiment = np.where(null_pair(2, 0.5)[0] < 0.8, 0.0, null_pair(2, 0.5)[0])
    scan = TransferScan(sentiment, {})
    classes = scan._cut_alike(null_pair(5, 0.5)[0][None])[0]
    assert np.bincount(classes, minlength=3).tolist() == np.bincount(classify(sentiment), minlength=3).tolist()
    assert set(classes) == {1, 2}


def test_too_little_gives_none():
    sentiment = null_pair(1, 0.3, n=100)[0]
    assert {(row.transfer, row.z, row.p) for row in judge(sentiment, null_pair(2, 0.3, n=100)[0], 0)} == {
        (None, None, None)
    }
