"""Windows, regimes and breaks against numpy and statsmodels; a constant link is no break, a planted one is."""

import datetime as dt

import numpy as np
import pytest
import statsmodels.api as sm

from service.correlation.alongside import HALVING, SPOT_ETF, NamedEvent
from service.correlation.breaks import lay_sides, less_constant_link
from service.correlation.parts import slope_difference, sum_parts
from service.correlation.regimes import split_regimes
from service.correlation.stability import place_windows, study_stability
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds
from service.instants import from_millis
from tests.correlation.builders import make_series, null_pair, returns_of


def measure(sentiment, price, *, worlds=199, seed=1, dates=(), **columns):
    series = make_series(sentiment, price, seed=seed, **columns)
    drawn = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), worlds, seed)
    return series, study_stability(series, series.log_return, drawn, dates)


def linked(n=600, *, slopes, seed=5):
    """Sentiment and price whose return in the same bar hangs on the sentiment by `slopes`, one per bar."""
    sentiment = null_pair(seed, 0.5, n=n)[0]
    moves = slopes * sentiment + np.random.default_rng([seed, 1]).standard_normal(n)
    return sentiment, 30000 * np.exp(np.cumsum(0.01 * moves))


@pytest.mark.parametrize("bars", [30, 90, 91, 400, 8760])
def test_windows_are_of_one_length_and_end_with_the_sample(bars):
    starts = place_windows(bars, min(90, bars))
    assert 1 <= len(starts) <= 24
    assert starts[-1] + min(90, bars) == bars
    assert (np.diff(starts) >= 30).all()


def test_rolling_figures_equal_numpys_at_every_lag():
    sentiment, price = linked(slopes=np.full(600, 0.2))
    sentiment[np.random.default_rng(2).random(600) < 0.3] = np.nan
    price[[200, 201]] = np.nan
    series, made = measure(sentiment, price)
    assert [relation.lag for relation in made.relations] == [-1, 0, 1]
    for relation in made.relations:
        for window in relation.windows:
            inside = [bar for bar in range(600) if window.start <= from_millis(int(series.open_at[bar])) < window.end]
            pairs = [(bar, bar + relation.lag) for bar in inside if 0 <= bar + relation.lag < 600]
            x = np.array([sentiment[a] for a, _ in pairs])
            y = np.array([series.log_return[b] for _, b in pairs])
            both = np.isfinite(x) & np.isfinite(y)
            assert window.n == both.sum()
            assert window.r == pytest.approx(np.corrcoef(x[both], y[both])[0, 1], abs=1e-9)


def test_f_of_two_slopes_is_the_squared_t_of_the_interaction():
    sentiment, price = linked(slopes=np.full(600, 0.2))
    outcome = returns_of(price) * 100
    late = np.arange(600) >= 250
    f = slope_difference(
        *(sum_parts(sentiment[None], outcome, side[:, None]) for side in (~late & (np.arange(600) > 99), late))
    )
    rows = np.arange(100, 600)
    design = np.column_stack([np.ones(500), sentiment[rows], late[rows], sentiment[rows] * late[rows]]).astype(float)
    assert f[0, 0] == pytest.approx(sm.OLS(outcome[rows], design).fit().tvalues[3] ** 2, rel=1e-9)


def test_f_does_not_change_when_a_multiple_of_the_sentiment_is_put_back():
    """What the worlds rest on: F of y and F of y less a constant link are one figure."""
    sentiment, price = linked(slopes=np.full(600, 0.8))
    outcome = returns_of(price) * 100
    sides = lay_sides(600, ())
    plain = sides.differences(sentiment[None], outcome)
    assert sides.differences(sentiment[None], less_constant_link(sentiment, outcome)) == pytest.approx(plain, rel=1e-6)


def test_a_planted_break_is_dated_and_a_constant_link_is_not_one():
    slopes = np.where(np.arange(600) < 350, 0.0, 0.7)
    series, made = measure(*linked(slopes=slopes, seed=6))
    same = made.relations[1]
    at = (same.break_test.at - from_millis(int(series.open_at[0]))).days
    assert abs(at - 350) <= 25
    assert same.break_test.p <= 0.01
    assert abs(same.break_test.before_r) < 0.2 < same.break_test.after_r
    assert same.p_rolling <= 0.01
    steady = measure(*linked(slopes=np.full(600, 0.7)))[1].relations[1]
    assert steady.break_test.p > 0.05
    assert all(window.r > window.band for window in steady.windows)


def test_a_link_of_volatile_bars_alone_shows_in_that_regime():
    volatility = np.exp(np.random.default_rng(3).normal(-4, 0.5, 900))
    slopes = np.where(volatility > np.exp(-4), 0.8, 0.0)
    _, made = measure(*linked(900, slopes=slopes), volatility=volatility)
    split = made.relations[1].regimes[0]
    assert (split.name, split.first, split.second) == ("volatility", "calm", "volatile")
    assert abs(split.first_r) < 0.15 < 0.4 < split.second_r
    assert split.p_family <= 0.05
    assert min(one.p for one in made.relations[1].regimes[1:]) > 0.01


def test_regimes_are_told_from_what_was_known_and_dates_split_where_they_lie():
    sentiment, price = null_pair(2, 0.3, n=400)
    series = make_series(sentiment, price)
    far = NamedEvent("later", dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    splits, notes = split_regimes(series, (SPOT_ETF, HALVING, far))
    assert [split.sides for split in splits[2:]] == [("before", "after")] * 2
    assert [int(split.first.sum()) for split in splits[2:]] == [9, 110]
    assert [note.split(" (")[0] for note in notes] == ["later"]
    calm, trend = splits[0], splits[1]
    median = np.median(series.realised_volatility[:200])
    assert calm.first[200] == (series.realised_volatility[200] <= median)
    assert trend.second[200] == (price[200] > price[170])
    assert not (calm.first | calm.second)[:60].any()
    later_unknown = make_series(sentiment[:200], price[:200], volatility=series.realised_volatility[:200])
    for whole, part in zip(splits[:2], split_regimes(later_unknown, ())[0], strict=True):
        assert whole.first[:200].tolist() == part.first.tolist()
        assert whole.second[:200].tolist() == part.second.tolist()


def test_nine_days_before_a_date_are_too_few_to_compare():
    _, made = measure(*null_pair(2, 0.3, n=400), dates=(SPOT_ETF,))
    etf = made.relations[0].regimes[2]
    assert (etf.first_n, etf.first_r, etf.p, etf.p_family) == (7, None, None, None)
    assert etf.second_r is not None


def test_a_constant_link_amid_spells_of_volatility_is_called_broken_as_rarely_as_it_should():
    """24 worlds, volatility doubling halfway; 400 of them gave 5.8 % breaks and 3.5 % windows outside their band."""
    breaks = splits = bands = 0
    for number in range(24):
        sentiment = null_pair(number, 0.7, n=400)[0]
        noise = np.random.default_rng([number, 2]).standard_normal(400) * np.where(np.arange(400) < 200, 0.7, 1.4)
        linked_price = 30000 * np.exp(np.cumsum(0.01 * (0.3 * sentiment + noise)))
        made = measure(sentiment, linked_price, worlds=99, seed=number)[1]
        breaks += made.relations[1].break_test.p < 0.05
        splits += min(split.p_family for relation in made.relations for split in relation.regimes) < 0.05
        free = 30000 * np.exp(np.cumsum(0.01 * noise))
        bands += measure(sentiment, free, worlds=99, seed=number)[1].relations[2].p_rolling < 0.05
    assert max(breaks, splits, bands) <= 0.2 * 24, (breaks, splits, bands)
    assert breaks + splits + bands >= 1, (breaks, splits, bands)


@pytest.mark.parametrize("bars", [20, 45])
def test_a_sample_too_short_has_none_instead_of_figures(bars):
    _, made = measure(*null_pair(1, 0.2, n=bars), worlds=99, dates=(SPOT_ETF, HALVING))
    for relation in made.relations:
        assert all(window.r is None for window in relation.windows)
        assert relation.p_rolling is None
    assert made.tests <= 3
