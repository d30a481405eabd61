"""What stands beside the verdicts, as the study makes it: gate, order of reading, worlds, families."""

import dataclasses

import numpy as np
import pytest

from service.correlation.alongside import Alongside
from service.correlation.results import Direction, Verdict
from service.correlation.study import StudyInputs, StudySettings, run
from tests.correlation.builders import make_series, null_pair, study
from tests.correlation.notebook import CLOSE, FIRST_DAY, POLARITY

PARTS = ("granger_by_order", "toda_yamamoto", "horizons", "partial", "transfer_entropy", "families")


@pytest.fixture(scope="module")
def answering():
    """The sentiment answers yesterday's return, and nothing answers it."""
    sentiment, price = null_pair(5, 0.0, n=600)
    sentiment[2:] += 0.5 * np.diff(np.log(price))[:-1] / 0.03
    return make_series(sentiment, price)


@pytest.fixture(scope="module")
def report(answering):
    return study(answering)


def test_the_reverse_direction_stands_first_everywhere(report):
    order = [*Direction, None]
    for part in PARTS:
        places = [order.index(row.direction) for row in getattr(report, part)]
        assert places, part
        assert places == sorted(places), part


def test_an_answer_to_the_market_is_found_in_reverse_by_each_and_forward_by_none(report):
    """At 1 % or what 99 worlds can give; forward nothing beats its family."""
    returns = {"log_return", "sentiment"}
    flows = [row for row in report.transfer_entropy if {row.cause, row.effect} == returns]
    for rows in (report.horizons, [row for row in report.partial if row.outcome == "log_return"], flows):
        assert min(row.p_family for row in rows if row.direction is Direction.REVERSE) <= 0.02
        assert min(row.p_family for row in rows if row.direction is Direction.FORWARD) > 0.05
    reverse, forward = report.granger_by_order
    assert (reverse.called, reverse.computed) == (24, 24)
    assert forward.called < 6
    called = {(row.analysis, row.direction) for row in report.families if row.q < 0.05}
    assert {("lead_lag", Direction.REVERSE), ("granger", Direction.REVERSE), ("partial", Direction.REVERSE)} <= called
    assert Direction.FORWARD not in {direction for _, direction in called}


def test_levels_are_asked_of_the_price_alone_where_all_else_is_stationary(report):
    assert {row.conclusion for row in report.stationarity if row.series != "close"} == {"stationary"}
    assert [(row.cause, row.effect) for row in report.toda_yamamoto] == [
        ("log_close", "sentiment"),
        ("sentiment", "log_close"),
    ]
    assert report.toda_yamamoto[0].p_robust < 0.01


def test_a_sentiment_that_wanders_is_asked_of_levels_alone():
    """The gate refuses every correlation of it; Toda–Yamamoto needs no gate."""
    wandering = study(make_series(np.cumsum(null_pair(8, 0.0)[0]), null_pair(8, 0.0)[1]))
    assert wandering.stationarity[0].conclusion == "not stationary"
    assert (wandering.horizons, wandering.distance, wandering.partial, wandering.transfer_entropy) == ((), (), (), ())
    asked = [row.cause for row in wandering.toda_yamamoto if row.direction is Direction.REVERSE]
    assert asked == ["log_close", "log_return", "absolute_return", "realised_volatility", "log_volume_change"]
    assert {row.analysis for row in wandering.families} == {"toda_yamamoto"}


def test_the_notebook_is_studied_beside_its_verdicts_and_nothing_in_it_calls():
    """Thirty days: short horizons alone fit, and too few rows are left for controls or classes."""
    report = study(make_series(POLARITY, CLOSE, start=FIRST_DAY))
    assert {row.bars for row in report.horizons} == {1, 3}
    assert {row.partial for row in report.partial} == {None}
    assert {row.transfer for row in report.transfer_entropy} == {None}
    assert {c.verdict for c in report.conclusions} == {Verdict.NOT_SHOWN}
    assert min(row.q for row in report.families) > 0.05


def test_market_moves_alongside_become_controls(answering):
    settings = StudySettings(surrogates=99, bootstrap=99, certificate_runs=0, further_worlds=99)
    made = study(answering)
    moves = np.random.default_rng(1).normal(size=600)
    inputs = StudyInputs(answering, made.sample, settings, made.reproduction, companions={})
    plain = run(inputs)
    given = run(dataclasses.replace(inputs, alongside=Alongside(market_return=moves)))
    assert given.partial[0].controls == (*plain.partial[0].controls, "market_return 0", "market_return −1")
    assert given.partial[0].partial != plain.partial[0].partial
    assert given.conclusions[0].verdict is plain.conclusions[0].verdict


def test_worlds_and_family_sizes_are_stated(report):
    assert {row.worlds for row in (*report.horizons, *report.distance, *report.partial, *report.transfer_entropy)} == {
        99
    }
    sizes = {(row.analysis, row.direction): row.size for row in report.families}
    assert sizes["lead_lag", Direction.FORWARD] == 4 * 31
    assert sizes["horizons", Direction.REVERSE] == 12
    assert sizes["granger", Direction.FORWARD] == 8
    assert all(row.q >= row.p for row in report.families)
