"""Which articles moved the series, and by what share."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings

from service.correlation.aligned import Aggregation
from service.correlation.alignment import align
from service.correlation.weighing import weigh
from service.instants import Interval, Window
from tests.correlation.builders import START, make_candles, make_scores
from tests.correlation.test_alignment import BARS, HOUR, T0, WINDOW, aggregations, rows


def test_shares_are_each_articles_part_of_its_bars_mean():
    scores = make_scores([
        (T0, 0, 0.8, 30.0),  # 30 of 40 in the bar: 0.6
        (T0 + 1, 0, -0.4, 10.0),  # 10 of 40: 0.1
        (T0 + HOUR, 0, -0.3, 100.0),  # alone: 0.3
        (T0 + HOUR * 2, 1, 0.0, 100.0),  # a neutral reading moves nothing
    ])  # fmt: skip
    window = Window(START, START + dt.timedelta(hours=4))
    series = align(scores, make_candles(4), Aggregation(Interval.H1), window)
    order, shares = weigh(scores, series)
    assert order.tolist() == [0, 2, 1]
    assert shares == pytest.approx([0.6, 0.3, 0.1])


@settings(max_examples=60, deadline=None)
@given(rows, aggregations)
def test_all_shares_sum_to_one_and_none_comes_from_a_bar_without_a_value(given_rows, chosen):
    scores = make_scores(given_rows)
    series = align(scores, make_candles(BARS), chosen, WINDOW)
    order, shares = weigh(scores, series, count=1000)
    assert shares.sum() == pytest.approx(1.0 if len(order) else 0.0)
    assert (np.diff(shares) <= 1e-15).all()
    for index in order:
        known_at = scores.available_at[index] + 1000 * chosen.embargo_seconds
        reading = (known_at < series.available_at) & (known_at >= series.available_at - chosen.window_millis)
        assert np.isfinite(series.sentiment[reading]).any()
        assert scores.state[index] == 0
