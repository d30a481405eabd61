"""Size and power together: no false alarms on null data, and effects that are there are found.

A fast slice of `python -m benchmarks.calibration`; bounds are 5 % (or the measured power) ± 3 standard errors.
"""

import numpy as np
import pytest
from scipy.signal import lfilter

from service.correlation.association import effective_n
from service.correlation.calibration import calibrate, joint, least_effect, misdated
from service.correlation.leadlag import largest, scan_outcomes
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds, critical_value, tail_share
from tests.correlation.builders import null_pair, returns_of

LAGS = np.arange(-15, 16)
RUNS = 100


def scan_p(sentiment, outcome, number, surrogates=99):
    worlds = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), surrogates, number)
    scan = scan_outcomes(sentiment, {"y": outcome}, worlds, LAGS)["y"]
    r, _, null = scan.strongest(None)
    return tail_share(null, abs(r))


def alarms(make, runs=RUNS):
    return np.mean([scan_p(*make(number), number) < 0.05 for number in range(runs)])


def test_the_recipe_gives_the_published_first_values():
    sentiment, price = null_pair(0, 0.8)
    assert sentiment[1:4] == pytest.approx([-1.4403604212435517, -1.1697545426504437, -1.8049274353594418], rel=1e-12)
    assert price[:3] == pytest.approx([32049.165960555074, 31359.949321938475, 31920.817404717334], rel=1e-12)


@pytest.mark.parametrize(("memory", "df"), [(0.0, None), (0.8, None), (0.8, 3), (0.95, None)])
def test_unlinked_series_alarm_in_about_five_of_a_hundred(memory, df):
    def make(number):
        sentiment, price = null_pair(number, memory, df)
        return sentiment, returns_of(price)

    assert alarms(make) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_unlinked_series_that_both_drift_and_miss_bars_alarm_no_more_often():
    """12 % of the sentiment and 60 % of the outcome drift for weeks, 40 % of the bars are missing: an AR(5) fails."""

    def make(number):
        generator = np.random.default_rng([41, number])
        drifts = [lfilter([1.0], [1.0, -phi], generator.normal(size=1300))[300:] for phi in (0.99, 0.98)]
        slow, slower = (drift / drift.std() for drift in drifts)
        sentiment = np.sqrt(0.12) * slow + np.sqrt(0.88) * generator.normal(size=1000)
        sentiment[generator.random(1000) < 0.4] = np.nan
        return sentiment, np.sqrt(0.6) * slower + np.sqrt(0.4) * generator.normal(size=1000)

    assert alarms(make, 100) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_a_planted_correlation_of_a_fifth_is_found():
    def make(number):
        sentiment, price = null_pair(number, 0.8, b=0.2)
        return sentiment, returns_of(price)

    assert alarms(make, 100) >= 0.85 - 3 * np.sqrt(0.85 * 0.15 / 100)


def certify(sentiment, outcome, runs=100):
    worlds = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), 199, 3)
    scans = tuple(scan_outcomes(sentiment, {"log_return": outcome}, worlds, LAGS).values())
    worth = effective_n(sentiment, outcome)
    return calibrate(sentiment, {"log_return": outcome}, scans, headline_n=worth, runs=runs, seed=1, period=7)


def test_the_certificate_finds_five_percent_even_where_the_link_is_strong():
    """The link is cut before the study is run on itself, so a real effect does not count as a false alarm."""
    rates = []
    for number in range(8):
        sentiment, price = null_pair(number, 0.6, b=0.5)
        rates.append(certify(sentiment, returns_of(price)).false_alarm_rate)
    assert 0.01 <= np.mean(rates) <= 0.09


def test_misdated_worlds_keep_the_calendar_and_come_near_no_bar_of_their_own():
    week = np.tile(np.arange(7.0), 60) + np.repeat(np.arange(60) * 100, 7)
    worlds = misdated(week, 50, np.random.default_rng(0), period=7, reach=30)
    assert (worlds % 100 % 7 == week % 100 % 7).mean() == 1.0 or (worlds % 100 == week % 100).all()
    assert (np.abs((worlds - week) // 100) >= 4).all()
    assert misdated(week[:50], 10, np.random.default_rng(0), period=7, reach=30).size == 0


def test_the_least_effect_is_found_in_four_of_five_samples():
    """Plant exactly the |r| the certificate names for this n: 80 % ± 3 standard errors of the samples find it."""
    threshold = []
    for number in range(10):
        sentiment, price = null_pair(number, 0.8)
        worlds = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), 199, number)
        scan = scan_outcomes(sentiment, {"y": returns_of(price)}, worlds, LAGS)["y"]
        band = critical_value(largest(scan.null_pearson))
        threshold.append(band * critical_value(joint([scan], [band])))
    named = least_effect(float(np.mean(threshold)), 499.0)

    def make(number):
        sentiment, price = null_pair(1000 + number, 0.8, b=named)
        return sentiment, returns_of(price)

    assert alarms(make, 120) == pytest.approx(0.8, abs=3 * np.sqrt(0.8 * 0.2 / 120))


def test_the_least_effect_shrinks_with_the_sample_and_is_none_where_there_is_none():
    assert least_effect(0.1, 2000) < least_effect(0.1, 500)
    assert (least_effect(0.0, 500), least_effect(0.1, 3.0), least_effect(1.0, 500)) == (None, None, None)
