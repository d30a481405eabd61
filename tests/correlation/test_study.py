"""The study as a whole: a published notebook, an independent computation, and what it promises to everyone."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.stattools import adfuller, kpss

from service.correlation.results import Direction, Verdict
from service.correlation.study import StudyInputs, StudySettings, points, run
from service.correlation.verdict import Gates
from service.errors import BadInput
from service.instants import Interval, from_millis
from tests.correlation.builders import make_series, null_pair, study
from tests.correlation.notebook import CLOSE, FIRST_DAY, POLARITY


@pytest.fixture(scope="module")
def notebook_report():
    return study(make_series(POLARITY, CLOSE, start=FIRST_DAY))


def test_the_published_notebook_is_not_shown_and_its_levels_are_refused(notebook_report):
    """It regresses price on polarity in levels (p 0.088, "improved" to 0.0125 by HAC); the gate stands before that."""
    assert {c.verdict for c in notebook_report.conclusions} == {Verdict.NOT_SHOWN}
    assert {c.rule for c in notebook_report.conclusions} == {"too_few"}
    assert "ADF does not reject a unit root, p 0.606" in notebook_report.refusals[0]
    close = next(row for row in notebook_report.stationarity if row.series == "close")
    assert (close.conclusion, close.is_used) == ("not stationary", False)


def test_the_notebook_is_not_shown_either_when_the_gates_stand_open():
    """Even were thirty days enough, nothing in them beats its worlds."""
    report = study(make_series(POLARITY, CLOSE, start=FIRST_DAY), gates=Gates(pairs=5, effective_pairs=3), max_lag=2)
    returns = [c for c in report.conclusions if c.outcome == "log_return"]
    assert {c.rule for c in returns} == {"not_significant"}


def test_the_notebooks_own_correlations_come_out(notebook_report):
    """Anchors measured apart from this code: same day −0.0362 (n 30), and the lags around it."""
    same = notebook_report.same_bar[0]
    assert (same.outcome, same.n) == ("log_return", 30)
    assert same.pearson == pytest.approx(-0.03620817634566889, abs=1e-12)
    assert same.spearman == pytest.approx(-0.0665184, abs=5e-7)


@pytest.mark.parametrize(
    ("lag", "r", "n"), [(-2, 0.2187, 28), (-1, -0.0208, 29), (1, -0.1746, 29), (2, -0.2063, 28)]
)  # fmt: skip
def test_the_notebooks_leads_and_lags_come_out(lag, r, n):
    """Anchors measured on the thirty days that have a return, so the first day's polarity is left out."""
    polarity = np.concatenate([[np.nan], POLARITY[1:]])
    scan = study(make_series(polarity, CLOSE, start=FIRST_DAY), max_lag=2).lead_lag[0]
    at = scan.lags.index(lag)
    assert scan.pearson[at] == pytest.approx(r, abs=5e-5)
    assert scan.n[at] == n


def test_a_small_study_equals_pandas_and_statsmodels():
    """300 days with holes: every plain figure of the report once more, from a DataFrame."""
    sentiment, price = null_pair(11, 0.6, b=0.25, n=300)
    sentiment[np.random.default_rng(5).random(300) < 0.25] = np.nan
    price[[40, 41, 200]] = np.nan
    series = make_series(sentiment, price, seed=2)
    report = study(series, max_lag=5)
    frame = pd.DataFrame({"sentiment": series.sentiment, "close": series.close, "rv": series.realised_volatility})
    frame["log_return"] = np.log(frame.close).diff()
    frame["absolute_return"] = frame.log_return.abs()
    frame["realised_volatility"] = np.log(frame.rv)
    frame["log_volume_change"] = np.log(pd.Series(series.volume)).diff()
    for row in report.same_bar:
        both = frame[["sentiment", row.outcome]].dropna()
        assert row.n == len(both)
        assert row.pearson == pytest.approx(both.corr().iloc[0, 1], abs=1e-10)
        assert row.spearman == pytest.approx(both.corr(method="spearman").iloc[0, 1], abs=1e-10)
        assert row.pearson_low < row.pearson < row.pearson_high
    for scan in report.lead_lag:
        for lag, r, rank in zip(scan.lags, scan.pearson, scan.spearman, strict=True):
            both = pd.concat([frame.sentiment, frame[scan.outcome].shift(-lag)], axis=1).dropna()
            assert r == pytest.approx(both.corr().iloc[0, 1], abs=1e-10)
            assert rank == pytest.approx(both.corr(method="spearman").iloc[0, 1], abs=1e-10)
    for row in report.stationarity:
        values = frame[row.series].dropna().to_numpy()
        assert row.adf_statistic == pytest.approx(adfuller(values, result_object=True).statistic, rel=1e-9)
        assert row.kpss_statistic == pytest.approx(_kpss(values), rel=1e-9)


def _kpss(values):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kpss(values, nlags="auto", result_object=True).statistic


@pytest.fixture(scope="module")
def planted():
    return study(make_series(*null_pair(3, 0.5, b=0.4, n=700)), surrogates=399)


def test_a_strong_planted_lead_is_held_out_of_sample_and_only_where_it_is(planted):
    verdicts = {(c.direction, c.outcome): c for c in planted.conclusions}
    forward = verdicts[Direction.FORWARD, "log_return"]
    assert (forward.verdict, forward.lag, forward.rule) == (Verdict.HELD_OUT_OF_SAMPLE, 1, "hold_out")
    assert verdicts[Direction.REVERSE, "log_return"].verdict is Verdict.NOT_SHOWN
    for outcome in ("absolute_return", "realised_volatility", "log_volume_change"):
        for direction in Direction:
            assert verdicts[direction, outcome].verdict is Verdict.NOT_SHOWN


def test_an_effect_that_dies_before_the_part_held_out_is_not_held_out():
    sentiment, price = null_pair(3, 0.5, b=0.5, n=700)
    moves = np.diff(np.log(price))
    moves[490:] = np.random.default_rng(8).normal(0, 0.03, len(moves) - 490)
    price = np.concatenate([[price[0]], price[0] * np.exp(np.cumsum(moves))])
    report = study(make_series(sentiment, price), surrogates=399)
    forward = next(c for c in report.conclusions if (c.direction, c.outcome) == (Direction.FORWARD, "log_return"))
    assert forward.verdict in (Verdict.SUGGESTIVE, Verdict.SHOWN_IN_SAMPLE)


def test_the_reverse_direction_is_read_first_and_every_pair_is_judged_once(planted):
    assert [c.direction for c in planted.conclusions] == [d for d in Direction for _ in range(4)]
    assert [g.direction for g in planted.granger] == [Direction.REVERSE] * 4 + [Direction.FORWARD] * 4
    assert len({(c.direction, c.outcome) for c in planted.conclusions}) == 12
    assert {c.family for c in planted.conclusions} == {4 * 31}


def test_a_market_that_moves_the_sentiment_is_told_from_the_other_way_round():
    sentiment, price = null_pair(5, 0.0, n=700)
    moves = np.diff(np.log(price)) / 0.03
    sentiment[2:] += 0.5 * moves[:-1]
    report = study(make_series(sentiment, price), surrogates=399)
    found = {c.direction: c.verdict for c in report.conclusions if c.outcome == "log_return"}
    assert found[Direction.REVERSE] is Verdict.HELD_OUT_OF_SAMPLE
    assert found[Direction.FORWARD] is Verdict.NOT_SHOWN


def test_equal_input_and_seed_give_an_equal_report_and_another_seed_other_bands(planted):
    series = make_series(*null_pair(3, 0.5, b=0.4, n=700))
    assert study(series, surrogates=399) == planted
    assert study(series, surrogates=399, seed=2).lead_lag[0].band != planted.lead_lag[0].band


def test_tests_made_counts_every_p_value(planted):
    """6 series × 2 gates, 4 outcomes × (2 same bar + 3 scans + 2 rank scans), 8 Granger × 2, 2 per hold-out.

    Dependence: 48 orders, Toda–Yamamoto 2 × 2, 6 horizons × (3 reverse + 4 forward), 4 distances, 12 partials, 8 flows.
    """
    tried = sum(c.rule in ("in_sample", "hold_out") for c in planted.conclusions)
    assert tried >= 1
    beside = [planted.placebo, planted.stability, planted.events, planted.information, planted.predictors]
    assert all(one.tests > 0 for one in beside)
    assert (
        planted.tests_made == 12 + 4 * 7 + 16 + 2 * tried + sum(one.tests for one in beside) + 48 + 4 + 42 + 4 + 12 + 8
    )


def test_what_stands_beside_the_verdicts_changes_none_of_them(planted):
    without = study(make_series(*null_pair(3, 0.5, b=0.4, n=700)), surrogates=399, further_worlds=0)
    assert (without.horizons, without.distance, without.toda_yamamoto) == ((), (), ())
    assert without.events is without.information is without.stability is without.placebo is without.predictors is None
    for field in ("calibration", "stationarity", "same_bar", "lead_lag", "granger", "comparisons", "refusals"):
        assert getattr(without, field) == getattr(planted, field)
    for one, other in zip(without.conclusions, planted.conclusions, strict=True):
        assert dataclasses.replace(one, p_ledger=other.p_ledger) == other


@pytest.mark.parametrize("bars", [0, 1, 5, 25, 70])
@pytest.mark.parametrize("kind", ["no sentiment", "flat sentiment", "no price", "all"])
def test_any_sample_however_poor_gives_a_report_and_claims_nothing(bars, kind):
    sentiment, price = null_pair(1, 0.5, n=max(bars, 1))
    sentiment, price = sentiment[:bars].copy(), price[:bars].copy()
    if kind == "no sentiment":
        sentiment[:] = np.nan
    if kind == "flat sentiment":
        sentiment[:] = 0.25
    if kind == "no price":
        price[:] = np.nan
    report = study(make_series(sentiment, price))
    assert len(report.conclusions) == 12
    assert {c.verdict for c in report.conclusions} == {Verdict.NOT_SHOWN}
    if bars < 20 or kind in ("no sentiment", "flat sentiment"):
        assert report.calibration.false_alarm_rate is None
        assert any("refused" in line for line in report.refusals[1:])


def test_sparse_hours_are_studied_on_what_is_there():
    """2,000 hours of which 4 % have news: figures, but no claim from noise."""
    sentiment, price = null_pair(9, 0.0, n=2000)
    sentiment[np.random.default_rng(3).random(2000) > 0.04] = np.nan
    report = study(make_series(sentiment, price, interval=Interval.H1))
    assert report.same_bar[0].n < 120
    assert report.lead_lag[0].lags[-1] == 24
    assert {c.verdict for c in report.conclusions} == {Verdict.NOT_SHOWN}


def test_other_scorers_stand_beside_with_their_agreement():
    sentiment, price = null_pair(3, 0.5, b=0.4, n=200)
    series = make_series(sentiment, price)
    opposite = dataclasses.replace(series, scorer="contrary/1", sentiment=-sentiment)
    made = study(series)
    settings = StudySettings(surrogates=99, bootstrap=99, certificate_runs=0)
    report = run(StudyInputs(series, made.sample, settings, made.reproduction, companions={"contrary/1": opposite}))
    (row,) = report.comparisons
    assert (row.scorer, row.agreement, row.n) == ("contrary/1", pytest.approx(-1.0), 199)
    assert row.same_bar_r == pytest.approx(-report.same_bar[0].pearson)
    shorter = make_series(sentiment[:100], price[:100])
    with pytest.raises(BadInput, match="same window"):
        run(StudyInputs(series, made.sample, settings, made.reproduction, companions={"short/1": shorter}))


def test_points_keep_holes_as_none():
    sentiment, price = null_pair(0, 0.0, n=4)
    sentiment[1], price[2] = np.nan, np.nan
    drawn = points(make_series(sentiment, price))
    assert drawn.sentiment[1] is None
    assert drawn.close[2] is None
    assert drawn.articles == (1, 0, 1, 1)
    assert drawn.open_at[1] - drawn.open_at[0] == dt.timedelta(days=1)
    assert drawn.open_at[0] == from_millis(1704067200000)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"surrogates": 50}, "surrogates"),
        ({"hold_out": 0.7}, "hold_out"),
        ({"max_lag": 0}, "max_lag"),
        ({"further_worlds": 50}, "further_worlds"),
    ],
)
def test_settings_that_cannot_mean_anything_are_refused(choice, field):
    with pytest.raises(BadInput) as refused:
        StudySettings(**choice)
    assert refused.value.field == field


def test_the_digest_names_every_choice():
    assert StudySettings().digest == StudySettings().digest
    assert len({StudySettings().digest, StudySettings(seed=1).digest, StudySettings(gates=Gates(pairs=61)).digest}) == 3
