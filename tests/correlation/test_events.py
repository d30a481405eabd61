"""The event study: what is planted comes out, statistics equal hand calculations, and noise is not called."""

import datetime as dt
import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from service.correlation.abnormal import AbnormalReturns, abnormal_returns, merge_overlapping
from service.correlation.alongside import Alongside, NamedEvent
from service.correlation.event_tests import corrado_rank, cross_sectional_t, draw_blocks, generalised_sign
from service.correlation.events import find_spikes, place_events, study_events
from service.correlation.expanding import expanding_moments, expanding_quantiles
from service.instants import Interval
from tests.correlation.builders import START, make_series, null_pair


def test_what_is_known_before_a_bar_equals_numpy_on_everything_before_it():
    values = np.random.default_rng(1).normal(5, 2, 60)
    values[[3, 17, 18]] = np.nan
    mean, deviation = expanding_moments(values, least=5)
    edges = expanding_quantiles(values, (0.2, 0.9), least=5)
    for bar in range(60):
        before = values[:bar][np.isfinite(values[:bar])]
        if len(before) < 5:
            assert np.isnan([mean[bar], deviation[bar], *edges[bar]]).all()
            continue
        assert mean[bar] == pytest.approx(before.mean(), abs=1e-12)
        assert deviation[bar] == pytest.approx(before.std(ddof=1), abs=1e-12)
        assert edges[bar] == pytest.approx(np.quantile(before, (0.2, 0.9)), abs=1e-12)


def test_no_spike_is_chosen_with_knowledge_of_what_comes_later():
    sentiment = null_pair(2, 0.5, n=400)[0]
    rising, falling = find_spikes(sentiment)
    assert min(len(rising), len(falling)) >= 3
    later = sentiment.copy()
    later[250:] *= 50
    for before, after in zip((rising, falling), find_spikes(later), strict=True):
        assert before[before < 250].tolist() == after[after < 250].tolist()
    assert not {*rising.tolist()} & {*falling.tolist()}
    assert (sentiment[rising] > 0).all()
    assert (sentiment[falling] < 0).all()


def test_events_whose_windows_meet_become_the_first_of_them():
    assert merge_overlapping(np.array([10, 12, 15, 20, 21, 26]), 3).tolist() == [10, 20]
    assert merge_overlapping(np.array([10, 17]), 3).tolist() == [10, 17]
    assert merge_overlapping(np.array([], np.int64), 3).tolist() == []


def test_the_constant_mean_is_that_of_the_bars_before_the_window_alone():
    returns = np.random.default_rng(3).normal(0, 0.02, 80)
    made = abnormal_returns(returns, np.array([40, 3, 78]), estimation=30, reach=4)
    assert made.events.tolist() == [40]
    normal = returns[6:36].mean()
    assert made.before[0] == pytest.approx(returns[6:36] - normal)
    assert made.around[0] == pytest.approx(returns[36:45] - normal)


def test_the_market_model_takes_off_what_numpys_line_takes_off():
    generator = np.random.default_rng(4)
    market = generator.normal(0, 0.02, 90)
    returns = 0.001 + 1.4 * market + generator.normal(0, 0.01, 90)
    market[20] = np.nan
    made = abnormal_returns(returns, np.array([60]), estimation=40, reach=5, market=market)
    used = [bar for bar in range(15, 55) if bar != 20]
    slope, level = np.polyfit(market[used], returns[used], 1)
    assert made.around[0] == pytest.approx(returns[55:66] - level - slope * market[55:66])


def test_a_hole_in_the_window_drops_the_event_and_one_before_it_does_not():
    returns = np.random.default_rng(5).normal(0, 0.02, 200)
    returns[[52, 118]] = np.nan
    assert abnormal_returns(returns, np.array([60, 120]), estimation=30, reach=4).events.tolist() == [60]
    returns[30:47] = np.nan
    assert abnormal_returns(returns, np.array([60]), estimation=30, reach=4).events.tolist() == []


SMALL = AbnormalReturns(
    np.array([10, 30]),
    np.array([[0.01, -0.02, 0.005, -0.001], [np.nan, 0.02, -0.01, -0.03]]),
    np.array([[0.03, 0.04], [-0.04, 0.05]]),
)


def test_the_rank_statistic_of_two_events_by_hand():
    """Ranks of event 1 are 4 1 3 2 | 5 6 of 7 parts, of event 2 – 4 3 2 | 1 5 of 6 parts."""
    parts = [
        [4 / 7 - 0.5, 1 / 7 - 0.5, 3 / 7 - 0.5, 2 / 7 - 0.5, 5 / 7 - 0.5, 6 / 7 - 0.5],
        [None, 4 / 6 - 0.5, 3 / 6 - 0.5, 2 / 6 - 0.5, 1 / 6 - 0.5, 5 / 6 - 0.5],
    ]
    per_bar = [parts[0][0]] + [(parts[0][t] + parts[1][t]) / math.sqrt(2) for t in range(1, 6)]
    deviation = math.sqrt(sum(value**2 for value in per_bar) / 6)
    assert corrado_rank(SMALL, slice(1, 2))[0] == pytest.approx(per_bar[5] / deviation)
    z, p = corrado_rank(SMALL, slice(0, 2))
    assert z == pytest.approx((per_bar[4] + per_bar[5]) / math.sqrt(2) / deviation)
    assert p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))


def test_the_sign_statistic_of_two_events_by_hand():
    """Half of event 1's four and a third of event 2's three estimation returns are above zero: 5/12 on average."""
    expected = (2 / 4 + 1 / 3) / 2
    z, _ = generalised_sign(SMALL, np.array([0.07, 0.01]))
    assert z == pytest.approx((2 - 2 * expected) / math.sqrt(2 * expected * (1 - expected)))


def test_the_cross_sectional_t_equals_scipy():
    sums = np.random.default_rng(6).normal(0.01, 0.03, 25)
    told = ttest_1samp(sums, 0)
    assert cross_sectional_t(sums) == pytest.approx((told.statistic, told.pvalue))


def test_the_block_bootstrap_sees_that_events_of_one_block_are_one():
    """Each block's single figure, copied tenfold: plain t takes it for ten times as much; the bootstrap does not."""
    values = np.random.default_rng(7).normal(0.35, 1.0, 12)
    alone = draw_blocks(np.arange(12), 1999, np.random.default_rng(1)).p_value(values)
    tenfold = draw_blocks(np.repeat(np.arange(12), 10), 1999, np.random.default_rng(1)).p_value(np.repeat(values, 10))
    assert tenfold == pytest.approx(alone, abs=1e-12)
    assert cross_sectional_t(np.repeat(values, 10))[1] < 0.01 < cross_sectional_t(values)[1] < 1
    assert draw_blocks(np.repeat(np.arange(7), 10), 99, np.random.default_rng(1)) is None


def a_planted_series(after: float):
    """900 days with a spike of each sign every 40th day from day 200 on, a jump of ± `after` on the day after it."""
    generator = np.random.default_rng(8)
    sentiment, moves = 0.1 * generator.standard_normal(900), 0.01 * generator.standard_normal(900)
    up, down = np.arange(200, 890, 40), np.arange(220, 890, 40)
    for events, sign in ((up, 1), (down, -1)):
        sentiment[events] = sign
        moves[events + 1] += sign * after
    return make_series(sentiment, 30000 * np.exp(np.cumsum(moves))), up, down


def test_a_planted_move_after_spikes_comes_out_with_its_size_and_nothing_before():
    series, up, down = a_planted_series(0.03)
    found = find_spikes(series.sentiment)
    assert {*up.tolist()} <= {*found[0].tolist()}
    assert {*down.tolist()} <= {*found[1].tolist()}
    named = tuple(NamedEvent("planted", START + dt.timedelta(days=int(day), hours=7)) for day in up)
    study = study_events(series, Alongside(events=named), seed=1, draws=499)
    planted = study.sets[2]
    assert (planted.label, planted.model, planted.found, planted.used) == ("planted", "constant mean", 18, 18)
    before, same, after = planted.windows
    assert after.mean == pytest.approx(0.03, abs=0.01)
    assert planted.bars[6].offset == 1
    assert planted.bars[6].mean_low < 0.03 < planted.bars[6].mean_high
    assert max(after.p_t, after.p_sign, after.p_bootstrap) < 0.01
    assert min(before.p_t, before.p_rank, before.p_sign, before.p_bootstrap) > 0.02
    assert same.mean == pytest.approx(planted.bars[5].mean)
    assert planted.bars[-1].cumulative == pytest.approx(sum(bar.mean for bar in planted.bars))
    assert study.tests == sum(len(one.windows) for one in study.sets) * 4
    assert study.family == sum(len(one.windows) for one in study.sets)


def test_spikes_of_either_sign_are_apart_and_a_market_model_stands_beside():
    series, _, _ = a_planted_series(0.03)
    market = np.random.default_rng(9).normal(0, 0.01, 900)
    study = study_events(series, Alongside(market_return=market), seed=1, draws=199)
    assert [(one.label.split()[0], one.model) for one in study.sets] == [
        (sign, model) for sign in ("positive", "negative") for model in ("constant mean", "market model")
    ]
    assert all(one.windows[2].mean > 0.005 for one in study.sets[:2])
    assert all(one.windows[2].mean < -0.005 for one in study.sets[2:])


def test_few_events_are_shown_counted_and_not_tested():
    series = make_series(*null_pair(4, 0.3, n=600))
    days = (150, 152, 300, 599)
    named = tuple(NamedEvent("hack", START + dt.timedelta(days=day)) for day in (*days, 5000))
    one = study_events(series, Alongside(events=named), seed=1, draws=99).sets[2]
    assert (one.found, one.merged, one.dropped, one.used, one.windows) == (4, 1, 1, 2, ())
    assert one.note.startswith("2 of the 8 events")
    assert len(one.bars) == 11
    assert one.bars[0].mean_low is None


def test_an_event_belongs_to_the_bar_in_which_it_was_known():
    series = make_series(*null_pair(4, 0.3, n=48), interval=Interval.H1)
    minutes = (0, 59, 60, 48 * 60 - 1, 48 * 60, -1)
    placed = place_events(series, [NamedEvent("x", START + dt.timedelta(minutes=m)) for m in minutes])
    assert placed["x"].tolist() == [0, 1, 47]


def test_noise_is_not_called_by_any_of_the_four_tests():
    """300 worlds of heavy tails: each test of the window after positive spikes alarms in 5 %, give or take."""
    alarms = []
    for number in range(300):
        series = make_series(*null_pair(number, 0.4, df=3, n=900))
        after = study_events(series, Alongside(), seed=number, draws=199).sets[0].windows
        if after and after[2].p_bootstrap is not None:
            window = after[2]
            alarms.append([p < 0.05 for p in (window.p_t, window.p_rank, window.p_sign, window.p_bootstrap)])
    assert len(alarms) > 250
    rates = np.mean(alarms, axis=0)
    assert (rates <= 0.09).all(), rates
    assert (rates >= 0.01).all(), rates
