"""The regression of levels that the gate refuses: its figures come out, flattered by HAC, and no report holds them."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from service.correlation.regression import fit_line
from service.correlation.scan import kendall, pearson, spearman
from tests.correlation.builders import make_series, study
from tests.correlation.notebook import CLOSE, FIRST_DAY, POLARITY


def test_the_notebooks_levels_regression_and_the_hac_that_flatters_it():
    """Anchors: the notebook's own output, and statsmodels' HAC with and without its small-sample term."""
    line = fit_line(POLARITY, CLOSE, lags=4)
    assert (line.intercept, line.slope) == pytest.approx((5894.182390072815, 6453.203545109107), rel=1e-12)
    assert (line.t, line.p) == pytest.approx((1.7641887782716776, 0.08823306157092385), rel=1e-12)
    assert (line.t_hac, line.p_hac) == pytest.approx((2.661772391428278, 0.012542352835982717), rel=1e-12)
    large_sample = line.t_hac * np.sqrt(31 / 29)
    assert large_sample == pytest.approx(2.752027466889195, rel=1e-12)
    assert 2 * stats.norm.sf(large_sample) == pytest.approx(0.005922755306276165, rel=1e-12)
    residual = CLOSE - line.intercept - line.slope * POLARITY
    assert (np.diff(residual) ** 2).sum() / (residual @ residual) == pytest.approx(0.40335334780589444, rel=1e-12)


def test_the_notebooks_coefficients_of_levels():
    r = pearson(POLARITY, CLOSE)
    assert (r, r**2) == pytest.approx((0.31132136753415407, 0.09692099388333585), rel=1e-12)
    assert spearman(POLARITY, CLOSE) == pytest.approx(0.20183486341104484, rel=1e-12)
    assert kendall(POLARITY, CLOSE) == pytest.approx(0.14208834927216113, rel=1e-12)


def test_the_study_refuses_that_regression_with_the_reason_and_holds_none_of_its_figures():
    """The gate stands before the estimator: HAC's better p cannot be reached."""
    report = study(make_series(POLARITY, CLOSE, start=FIRST_DAY))
    assert "close against sentiment in levels: refused" in report.refusals[0]
    assert "ADF does not reject a unit root, p 0.606; KPSS rejects stationarity, p 0.033" in report.refusals[0]
    outcomes = {row.outcome for row in (*report.same_bar, *report.lead_lag, *report.partial, *report.distance)}
    assert "close" not in outcomes
    told = [row.r for row in report.horizons] + [row.pearson for row in report.same_bar]
    assert all(r is None or r != pytest.approx(0.31132136753415407, abs=1e-6) for r in told)


def test_a_missing_bar_keeps_its_place_in_time():
    """A hole is an error of nought: the weights of the others stay those of their distance."""
    generator = np.random.default_rng(2)
    x, y = np.cumsum(generator.normal(size=80)) / 5, generator.normal(size=80)
    x[30:40] = np.nan
    line = fit_line(x, y, lags=6)
    rows = np.flatnonzero(np.isfinite(x))
    fitted = sm.OLS(y[rows], sm.add_constant(x[rows])).fit()
    score = fitted.resid * (x[rows] - x[rows].mean())
    weights = np.maximum(1 - np.abs(rows[:, None] - rows[None, :]) / 7, 0)
    error = np.sqrt(score @ weights @ score * len(rows) / (len(rows) - 2)) / ((x[rows] - x[rows].mean()) ** 2).sum()
    assert (line.t, line.t_hac) == pytest.approx((fitted.tvalues[1], fitted.params[1] / error), rel=1e-9)


def test_no_line_without_variance_or_pairs():
    assert fit_line(np.ones(9), np.arange(9.0), lags=2) is None
    assert fit_line(np.arange(9.0), np.ones(9), lags=2) is None
    assert fit_line(np.arange(3.0), np.arange(3.0), lags=2) is None
