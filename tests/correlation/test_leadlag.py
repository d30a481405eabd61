"""The scan as a whole: bands, p-values and directions."""

import numpy as np
import pytest

from service.correlation.leadlag import largest, lead_lag, scan_outcomes
from service.correlation.results import Direction
from service.correlation.scan import paired
from service.correlation.surrogates import fit_sieve
from service.correlation.worlds import Worlds
from tests.correlation.builders import null_pair, returns_of

LAGS = np.arange(-15, 16)


def scan(sentiment, outcome, surrogates=199):
    worlds = Worlds(fit_sieve(sentiment), np.isfinite(sentiment), surrogates, 1)
    return scan_outcomes(sentiment, {"log_return": outcome}, worlds, LAGS)["log_return"]


@pytest.mark.parametrize(("b", "lag"), [(0.4, 1), (-0.4, 1)])
def test_a_planted_lead_stands_beyond_the_band_at_its_lag_and_side(b, lag):
    sentiment, price = null_pair(0, 0.3, b=b)
    outcome = returns_of(price)
    found = scan(sentiment, outcome)
    drawn = lead_lag(found, sentiment, outcome)
    r, at, _ = found.strongest(Direction.FORWARD)
    assert (at, np.sign(r)) == (lag, np.sign(b))
    assert abs(r) > drawn.band_forward
    assert drawn.p_any == drawn.p_forward == 1 / 200
    assert found.rank_p(Direction.FORWARD) == 1 / 200


def test_every_drawn_figure_is_that_of_its_own_pairs():
    sentiment, price = null_pair(2, 0.5)
    sentiment[np.random.default_rng(0).random(500) < 0.3] = np.nan
    outcome = returns_of(price)
    drawn = lead_lag(scan(sentiment, outcome), sentiment, outcome)
    for lag, n, r in zip(drawn.lags, drawn.n, drawn.pearson, strict=True):
        x, y = paired(sentiment, outcome, lag)
        assert n == len(x)
        assert r == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-10)
    assert drawn.family == 31


def test_bands_are_those_the_largest_of_all_lags_leaves_in_five_of_a_hundred_worlds():
    sentiment, price = null_pair(4, 0.8)
    outcome = returns_of(price)
    found = scan(sentiment, outcome, 999)
    drawn = lead_lag(found, sentiment, outcome)
    assert np.mean(largest(found.null_pearson) > drawn.band) == pytest.approx(0.05, abs=0.003)
    assert drawn.band > max(drawn.band_forward, drawn.band_reverse) > 1.96 / np.sqrt(500)


def test_an_outcome_without_pairs_gives_none_and_not_zero():
    sentiment = null_pair(4, 0.8)[0]
    nothing = np.full(500, np.nan)
    drawn = lead_lag(scan(sentiment, nothing), sentiment, nothing)
    assert (drawn.band, drawn.p_any, drawn.family) == (None, None, 0)
    assert set(drawn.pearson) == {None}
