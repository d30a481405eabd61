"""The information coefficient against pandas and scipy, planted and decaying effects, and noise."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from service.correlation.information import fit_decay, forward_return, pick_apart, study_information
from service.correlation.results import InformationHorizon
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds
from tests.correlation.builders import null_pair, returns_of


def measure(sentiment, log_return, *, worlds=199, seed=1, horizons=(1, 2, 3, 5, 10, 15), resamples=199):
    drawn = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), worlds, seed)
    return study_information(sentiment, log_return, drawn, horizons, resamples=resamples)


def with_holes(n=600):
    sentiment, price = null_pair(3, 0.5, b=0.3, n=n)
    sentiment[np.random.default_rng(4).random(n) < 0.2] = np.nan
    price[[100, 101, 300]] = np.nan
    return sentiment, returns_of(price)


def test_forward_returns_are_pandas_rolling_sums_and_end_with_the_sample():
    _, log_return = with_holes()
    for bars in (1, 4, 15):
        expected = pd.Series(log_return).rolling(bars, min_periods=bars).sum().shift(-bars).to_numpy()
        assert forward_return(log_return, bars) == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert np.isnan(forward_return(log_return[:3], 5)).all()


def test_coefficients_equal_spearmanr_on_bars_whose_returns_share_nothing():
    sentiment, log_return = with_holes()
    for row in measure(sentiment, log_return).horizons:
        frame = pd.DataFrame({"s": sentiment, "f": forward_return(log_return, row.bars)}).dropna()
        free, rows = 0, []
        for bar in frame.index:
            if bar >= free:
                rows.append(bar)
                free = bar + row.bars
        assert row.n == len(rows) <= -(-600 // row.bars)
        assert row.coefficient == pytest.approx(spearmanr(frame.s[rows], frame.f[rows]).statistic, abs=1e-12)
        assert row.low < row.coefficient < row.high


def test_rare_news_is_not_lost_between_the_steps_of_a_grid():
    held = np.zeros(100, bool)
    held[[3, 4, 27, 28, 52, 99]] = True
    assert pick_apart(held, 24).tolist() == [3, 27, 52, 99]
    assert pick_apart(held, 1).tolist() == [3, 4, 27, 28, 52, 99]
    assert pick_apart(held & False, 5).tolist() == []


def test_buckets_use_quantiles_of_the_past_alone_and_their_spread_is_top_minus_bottom():
    sentiment, log_return = with_holes()
    row = measure(sentiment, log_return).horizons[0]
    frame = pd.DataFrame({"s": sentiment, "f": forward_return(log_return, 1)})
    edges = pd.DataFrame({q: frame.s.expanding(60).quantile(q).shift(1) for q in (0.2, 0.4, 0.6, 0.8)})
    frame["bucket"] = 1 + edges.lt(frame.s, axis=0).sum(axis=1)
    frame = frame[edges[0.2].notna()].dropna()
    expected = frame.groupby("bucket").f.agg(["size", "mean"])
    assert [bucket.n for bucket in row.buckets] == expected["size"].tolist()
    assert [bucket.mean for bucket in row.buckets] == pytest.approx(expected["mean"].tolist(), abs=1e-12)
    assert row.spread == pytest.approx(expected["mean"][5] - expected["mean"][1], abs=1e-12)
    assert row.spread_low < row.spread < row.spread_high


def test_a_planted_lead_is_found_at_the_first_horizon_and_its_family_is_counted():
    sentiment, log_return = with_holes()
    made = measure(sentiment, log_return)
    assert made.horizons[0].p_family <= 0.01
    assert made.horizons[0].spread_low > 0
    assert made.family == made.tests == 6
    assert all(row.p_family >= row.p for row in made.horizons)


def a_row(bars, coefficient, p_family):
    return InformationHorizon(bars, 600 // bars, coefficient, None, None, p_family, p_family, (), None, None, None)


@pytest.mark.parametrize("life", [1.5, 4.0, 20.0])
def test_a_half_life_comes_out_of_coefficients_that_halve(life):
    rows = [a_row(bars, -0.3 * 2 ** (-bars / life), 0.01) for bars in (1, 2, 3, 5, 10, 15)]
    assert fit_decay(rows)[0] == pytest.approx(life, rel=1e-3)


@pytest.mark.parametrize(
    ("coefficients", "p", "reason"),
    [
        ((0.2, 0.2, 0.2, 0.2, 0.2, 0.2), 0.01, "do not decay"),
        ((0.1, 0.12, 0.15, 0.2, 0.3, 0.4), 0.01, "do not decay"),
        ((0.3, 0.2, 0.1, 0.05, 0.01, 0.0), 0.05, "no horizon stands out"),
        ((0.3, 0.0, 0.0, 0.0, 0.0, 0.0), 0.01, "too fast"),
        ((0.3, None, None, None, None, 0.0), 0.01, "fewer than three"),
    ],
)
def test_what_does_not_decay_or_is_noise_has_no_half_life(coefficients, p, reason):
    rows = [a_row(bars, value, p) for bars, value in zip((1, 2, 3, 5, 10, 15), coefficients, strict=True)]
    life, why = fit_decay(rows)
    assert life is None
    assert reason in why


def test_noise_is_called_as_often_as_it_should_be():
    """120 worlds of AR(0.8) sentiment: the smallest family p below 5 % in about 5 %."""
    alarms = 0
    for number in range(120):
        sentiment, price = null_pair(number, 0.8, n=300)
        made = measure(sentiment, returns_of(price), worlds=99, seed=number, horizons=(1, 3, 10), resamples=9)
        alarms += min(row.p_family for row in made.horizons) < 0.05
    assert 0.01 * 120 <= alarms <= 0.1 * 120, alarms


def test_a_sample_too_short_has_none_instead_of_figures():
    """60 days with 30 sentiments: the longer horizons keep fewer than twenty pairs."""
    sentiment, price = null_pair(1, 0.0, n=60)
    sentiment[30:] = np.nan
    made = measure(sentiment, returns_of(price))
    assert made.horizons[0].coefficient is not None
    for row in made.horizons[1:]:
        assert (row.coefficient, row.low, row.p, row.p_family, row.spread) == (None,) * 5
        assert row.buckets == ()
    assert (made.half_life, made.family) == (None, 1)
