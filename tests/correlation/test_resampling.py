"""Coarse candles come only out of complete sets of finer ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.correlation.resampling import resample
from service.errors import BadInput
from service.instants import Interval
from tests.correlation.builders import make_candles


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 95), max_size=40), st.sampled_from([Interval.H4, Interval.D1]))
def test_agrees_with_pandas_on_complete_bars_and_leaves_the_others_out(missing, interval):
    candles = make_candles(np.array(sorted(set(range(96)) - missing), np.int64))
    made = resample(candles, interval)
    frame = pd.DataFrame(
        {
            "open": candles.open,
            "high": candles.high,
            "low": candles.low,
            "close": candles.close,
            "volume": candles.volume,
        },
        index=pd.to_datetime(candles.open_at, unit="ms"),
    )
    groups = frame.groupby(candles.open_at // interval.millis)
    expected = groups.agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    expected = expected[groups.size() == interval.millis // Interval.H1.millis]
    assert (made.open_at // interval.millis).tolist() == expected.index.tolist()
    for name in ("open", "high", "low", "close"):
        assert getattr(made, name).tolist() == expected[name].tolist()
    assert made.volume == pytest.approx(expected["volume"].to_numpy(), rel=1e-12)


def test_the_same_interval_comes_back_as_it_is_and_a_finer_one_is_refused():
    candles = make_candles(5)
    assert resample(candles, Interval.H1) is candles
    with pytest.raises(BadInput, match="no finer than the candles held"):
        resample(candles, Interval.M5)
