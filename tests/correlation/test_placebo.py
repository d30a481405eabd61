"""The placebo panel: a planted link stays where it ought to and goes where it ought to go."""

import dataclasses

import numpy as np
import pytest

from service.correlation.alongside import Alongside
from service.correlation.placebo import move_later, study_placebos
from service.correlation.probe import probe
from service.correlation.scan import lay_out
from service.errors import BadInput
from tests.correlation.builders import make_series, null_pair

LAGS = np.arange(-15, 16)


def measure(series, alongside=None, *, worlds=199, seed=1, scan_of=None):
    laid = {"log_return": lay_out(series.log_return, LAGS)}
    (real,) = probe(series.sentiment if scan_of is None else scan_of, series, laid, worlds=worlds, seed=77)
    return study_placebos(series, alongside or Alongside(), real, series.log_return, worlds=worlds, seed=seed)


@pytest.fixture(scope="module")
def planted():
    return make_series(*null_pair(3, 0.5, b=0.4, n=700))


def test_a_planted_link_stands_in_the_real_row_and_dies_at_other_dates(planted):
    panel = measure(planted)
    assert (panel.real.lag, panel.family) == (1, 31)
    assert panel.real.p <= 0.01
    shuffled, moved = panel.rows[:2]
    for row in (shuffled, moved):
        assert abs(row.r) < abs(panel.real.r) / 2
        assert row.p > 0.05
    assert moved.n < panel.real.n < 700
    assert panel.tests == 2


def test_what_was_not_given_says_so_and_has_no_figure(planted):
    rows = {row.name: row for row in measure(planted).rows}
    for name in ("toward another target", "copies of one text counted once", "placed by published time"):
        assert (rows[name].r, rows[name].lag, rows[name].p) == (None, None, None)
        assert "stored" in rows[name].missing
    assert all(row.expected for row in rows.values())


def test_variants_that_are_given_are_scanned_like_the_real_one(planted):
    unrelated = dataclasses.replace(planted, target="sec", sentiment=null_pair(40, 0.5, n=700)[0])
    noisy = np.random.default_rng(1).normal(0, 0.2, 700) + planted.sentiment
    once = dataclasses.replace(planted, sentiment=noisy)
    panel = measure(planted, Alongside(targets={"SEC": unrelated}, copies_once=once, by_publication=planted))
    by_name = {row.name: row for row in panel.rows}
    assert by_name["placed by published time"].r == panel.real.r
    assert by_name["copies of one text counted once"].lag == 1
    assert by_name["copies of one text counted once"].p <= 0.01
    assert by_name["toward another target, SEC"].p > 0.05
    expected = np.corrcoef(noisy[:-1], planted.log_return[1:])[0, 1]
    assert by_name["copies of one text counted once"].r == pytest.approx(expected, abs=1e-10)
    assert panel.tests == 5


def test_moving_keeps_order_and_wraps_nothing_around():
    assert move_later(np.arange(8.0), 3)[3:].tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(move_later(np.arange(8.0), 3)[:3]).all()
    assert move_later(np.arange(8.0), 5) is None


def test_placebos_of_a_real_link_are_called_as_rarely_as_noise():
    """60 studies of a strong link: shuffled or moved dates are called in about 5 %."""
    shuffled = moved = 0
    for number in range(60):
        series = make_series(*null_pair(number, 0.8, b=0.4, n=400))
        first, second = measure(series, worlds=99, seed=number).rows[:2]
        shuffled += first.p < 0.05
        moved += second.p < 0.05
    assert max(shuffled, moved) <= 0.15 * 60, (shuffled, moved)


def test_a_series_on_another_grid_is_refused(planted):
    shorter = make_series(*null_pair(3, 0.5, n=300))
    for alongside in (
        Alongside(targets={"x": shorter}),
        Alongside(copies_once=shorter),
        Alongside(market_return=np.zeros(3)),
    ):
        with pytest.raises(BadInput):
            alongside.require_grid(planted)
