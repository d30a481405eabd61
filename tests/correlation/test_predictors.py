"""Predictors beyond the score and other targets: what each column holds, and what the whole matrix may call."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from service.correlation.alongside import Alongside
from service.correlation.matrix import ANY, fill_matrix
from service.correlation.outcomes import outcome_columns
from service.correlation.predictors import expect, predictor_columns, study_predictors
from service.correlation.target_matrix import study_targets
from tests.correlation.builders import make_series, null_pair

LAGS = np.arange(-5, 6)


def with_holes():
    sentiment, price = null_pair(3, 0.5, b=0.4, n=500)
    sentiment[np.random.default_rng(4).random(500) < 0.15] = np.nan
    return make_series(sentiment, price)


def test_columns_are_what_they_are_called():
    series = with_holes()
    other = dataclasses.replace(series, sentiment=series.sentiment * 0.5 + 0.1)
    once = dataclasses.replace(series, sentiment=-series.sentiment)
    columns, missing = predictor_columns(series, {"other/1": other}, Alongside(copies_once=once))
    held = np.isfinite(series.sentiment)
    both = columns["positive part"] + columns["negative part"]
    assert both == pytest.approx(series.sentiment, nan_ok=True)
    assert columns["positive part"][held].min() == 0 == columns["negative part"][held].max()
    assert set(np.round(columns["attention"], 12)) == {0.0, round(np.log(2), 12)}
    pair = np.vstack([series.sentiment, other.sentiment])
    assert columns["disagreement of scorers"][held] == pytest.approx(np.abs(np.diff(pair, axis=0))[0][held] / 2)
    assert columns["score weighted by novelty"] is once.sentiment
    assert [name for name, _ in missing] == ["disagreement of sources"]
    alone = dict(predictor_columns(series, {}, Alongside())[1])
    assert sorted(alone) == ["disagreement of scorers", "disagreement of sources", "score weighted by novelty"]


def test_what_is_expected_knows_the_past_alone_and_forecasts_an_autoregression():
    values = null_pair(9, 0.8, n=3000)[0]
    told = expect(values, least=60)
    later = values.copy()
    later[1000:] += 50
    assert expect(later, least=60)[:1001] == pytest.approx(told[:1001], nan_ok=True)
    best = 0.8 * values[999:2999]
    assert np.corrcoef(told[1000:3000], best)[0, 1] > 0.995
    assert np.isnan(told[:60]).all()
    mean = pd.Series(values).expanding(60).mean().shift(1)
    holed = values.copy()
    holed[1999] = np.nan
    assert expect(holed, least=60)[2000] == pytest.approx(pd.Series(holed).expanding().mean()[1999], abs=1e-9)
    assert np.abs(told - mean).max() > 0.1


def test_a_planted_predictor_stands_out_of_the_whole_matrix_and_no_other_does():
    series = with_holes()
    matrix = study_predictors(series, {}, Alongside(), outcome_columns(series), LAGS, worlds=199, seed=1)
    by_cell = {(cell.predictor, cell.outcome): cell for cell in matrix.cells}
    for name in ("positive part", "negative part", "surprise"):
        cell = by_cell[name, "log_return"]
        assert cell.lag == 1
        assert cell.p_family < 0.05
        assert by_cell[name, "log_volume_change"].p_family > 0.05
    assert len(matrix.cells) == 4 * matrix.predictors
    assert matrix.family == len(matrix.cells) * 11
    assert matrix.tests == len(matrix.cells) + matrix.gate_tests
    assert all(cell.p_family >= cell.p for cell in matrix.cells)


def test_a_predictor_that_wanders_or_never_moves_is_left_out_with_the_reason():
    series = with_holes()
    wandering = np.cumsum(np.random.default_rng(2).normal(size=500))
    columns = {"wandering": wandering, "flat": np.ones(500), "white": np.random.default_rng(3).normal(size=500)}
    matrix = fill_matrix(columns, series, {"log_return": series.log_return}, LAGS, spans=ANY, worlds=99, seed=1)
    assert {cell.predictor for cell in matrix.cells} == {"white"}
    assert [name for name, _ in matrix.missing] == ["wandering", "flat"]
    assert matrix.missing[0][1].startswith("not stationary")


def test_a_matrix_of_noise_is_called_anywhere_as_rarely_as_one_test():
    """60 matrices of four persistent predictors and two outcomes: any family p below 5 % in about 5 %."""
    alarms = 0
    for number in range(60):
        series = make_series(*null_pair(number, 0.0, n=300))
        columns = {f"p{k}": null_pair(1000 + 10 * number + k, 0.7, n=300)[0] for k in range(4)}
        outcomes = dict(list(outcome_columns(series).items())[:2])
        matrix = fill_matrix(columns, series, outcomes, LAGS, spans=ANY, worlds=99, seed=number)
        alarms += min(cell.p_family for cell in matrix.cells) < 0.05
    assert alarms <= 8, alarms


def test_other_targets_have_three_spans_each_the_market_first():
    series = with_holes()
    linked = dataclasses.replace(series, sentiment=null_pair(3, 0.5, n=500)[0])
    free = dataclasses.replace(series, sentiment=null_pair(50, 0.5, n=500)[0])
    alongside = Alongside(targets={"SEC": linked, "Fed": free})
    matrix = study_targets(series, alongside, series.log_return, LAGS, worlds=199, seed=1)
    assert [(cell.predictor, cell.span) for cell in matrix.cells] == [
        (name, span) for name in ("SEC", "Fed") for span in ("market first", "same bar", "news first")
    ]
    found = [cell for cell in matrix.cells if cell.p_family < 0.05]
    assert {cell.predictor for cell in found} == {"SEC"}
    strongest = max(matrix.cells, key=lambda cell: abs(cell.r))
    assert (strongest.predictor, strongest.span, strongest.lag) == ("SEC", "news first", 1)
    assert study_targets(series, Alongside(), series.log_return, LAGS, worlds=199, seed=1) is None
