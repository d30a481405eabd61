"""Predictors beyond the score: its signs apart, attention, novelty, disagreement and surprise."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.expanding import expanding_moments
from service.correlation.matrix import ANY, fill_matrix
from service.correlation.results import Matrix

_LEAST_BEFORE = 60


def study_predictors(
    series: AlignedSeries,
    companions: Mapping[str, AlignedSeries],
    alongside: Alongside,
    outcomes: Mapping[str, NDArray[np.float64]],
    lags: NDArray[np.int64],
    *,
    worlds: int,
    seed: int,
) -> Matrix:
    """Each predictor against each outcome that passed the gate, the strongest lag of the scan; exploratory."""
    columns, missing = predictor_columns(series, companions, alongside)
    return fill_matrix(columns, series, outcomes, lags, spans=ANY, worlds=worlds, seed=seed, missing=missing)


def predictor_columns(
    series: AlignedSeries, companions: Mapping[str, AlignedSeries], alongside: Alongside
) -> tuple[dict[str, NDArray[np.float64]], list[tuple[str, str]]]:
    """Every predictor that can be told by name, one value per bar, NaN where missing; and the others with the reason.

    Attention is told in every bar: no article is none, not missing. Disagreement is the standard deviation over the
    scorers in a bar where all of them have a value. Surprise is the score less what its own past expected.
    """
    sentiment = series.sentiment
    columns = {
        "positive part": np.maximum(sentiment, 0.0),
        "negative part": np.minimum(sentiment, 0.0),
        "attention": np.log1p((series.scored + series.no_signal).astype(np.float64)),
        "surprise": sentiment - expect(sentiment, least=_LEAST_BEFORE),
    }
    missing = [("disagreement of sources", "a stored series holds no score by source")]
    if alongside.copies_once is None:
        missing.append(("score weighted by novelty", "no series with copies counted once is stored"))
    else:
        columns["score weighted by novelty"] = alongside.copies_once.sentiment
    if companions:
        scorers = np.vstack([sentiment, *(other.sentiment for other in companions.values())])
        columns["disagreement of scorers"] = scorers.std(axis=0)
    else:
        missing.append(("disagreement of scorers", "there is one scorer alone"))
    return columns, missing


def expect(values: NDArray[np.float64], *, least: int) -> NDArray[np.float64]:
    """What the past of a series expects of each bar: its mean, drawn toward the bar before by its own persistence.

    mean + φ·(value before − mean), mean and φ (the correlation of neighbours) from bars before alone; the mean where
    the bar before is missing; NaN below `least` values.
    """
    mean, deviation = expanding_moments(values, least=least)
    before = np.concatenate([[np.nan], values[:-1]]) if len(values) else values
    products = (values - mean) * (before - mean)
    covariance, _ = expanding_moments(products, least=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        persistence = np.clip(np.where(deviation > 0, covariance / deviation**2, 0.0), -1.0, 1.0)
    pull = np.nan_to_num(persistence) * (before - mean)
    return mean + np.where(np.isfinite(pull), pull, 0.0)
