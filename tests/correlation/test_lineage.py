"""A point is the sum of its articles' contributions, for any articles and any aggregation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from service.correlation.aligned import Aggregation, CandleColumns, ScoreColumns
from service.correlation.alignment import align
from service.correlation.lineage import parse_point, trace
from service.errors import BadInput
from service.instants import Interval, Window, from_millis, to_millis
from tests.correlation.builders import START, make_candles, make_scores
from tests.correlation.test_alignment import WINDOW, aggregations, rows

HOUR = Interval.H1.millis
BARS = 8


def random_scores(generator: np.random.Generator) -> ScoreColumns:
    """Some articles of every state, in no order, many at one instant or on a bar's border, some of relevance 0."""
    number = int(generator.integers(0, 120))
    state = generator.integers(0, 4, number).astype(np.int8)
    return ScoreColumns(
        target="bitcoin",
        scorer="rules/1",
        available_at=to_millis(START) + generator.integers(-2, 2 * BARS + 2, number) * (HOUR // 2),
        score=np.where(state == 0, generator.uniform(-1, 1, number), np.nan),
        relevance=np.where(state < 2, generator.choice([0, 0, 7, 33, 100], number), 0).astype(np.float64),
        state=state,
        revision=generator.permutation(number).astype(np.int64),
    )


@pytest.mark.parametrize("seed", range(40))
def test_contributions_are_the_point_and_the_sum_is_it_to_the_last_bit(seed: int) -> None:
    generator = np.random.default_rng([seed, 4])
    aggregation = Aggregation(
        Interval.H1,
        weight=str(generator.choice(["relevance", "equal"])),
        relevance_floor=int(generator.choice([0, 10])),
        minimum_articles=int(generator.integers(1, 4)),
        embargo_seconds=int(generator.choice([0, 900, 7200])),
    )
    scores = random_scores(generator)
    nothing, none = np.empty(0), np.empty(0, np.int64)
    candles = CandleColumns("made", "BTC/USD", Interval.H1, none, nothing, nothing, nothing, nothing, nothing)
    series = align(scores, candles, aggregation, Window(START, from_millis(to_millis(START) + BARS * HOUR)))
    for open_at, sentiment, counted in zip(
        series.open_at, series.sentiment, series.scored + series.no_signal, strict=True
    ):
        made = trace(scores, aggregation, int(open_at))
        assert len(made.contributions) == counted
        if math.isnan(sentiment):
            assert made.sentiment is None
            assert all(one.contribution is None for one in made.contributions)
        else:
            assert made.sentiment == sentiment
            parts = [one.contribution for one in made.contributions if one.contribution is not None]
            assert len(parts) == counted
            assert abs(math.fsum(parts) - sentiment) <= 1e-12


@settings(max_examples=150, deadline=None)
@given(rows, aggregations)
def test_every_choice_of_weights_leads_back_to_the_last_bit(given_rows, chosen) -> None:
    """Windows, half-lives, winsorising, copies and source weights in any combination."""
    scores = make_scores(given_rows)
    series = align(scores, make_candles(BARS), chosen, WINDOW)
    for bar, open_at in enumerate(series.open_at):
        made = trace(scores, chosen, int(open_at))
        assert len(made.contributions) == series.scored[bar] + series.no_signal[bar]
        if np.isnan(series.sentiment[bar]):
            assert made.sentiment is None
        else:
            assert made.sentiment == series.sentiment[bar]
            parts = [one.contribution for one in made.contributions]
            assert [one.weight * one.value / made.total_weight for one in made.contributions] == parts
            assert abs(math.fsum(parts) - made.sentiment) <= 1e-12
            assert all(one.weight > 0 for one in made.contributions if one.relevance or chosen.weight == "equal")


def test_a_point_is_spelled_with_or_without_its_scorer() -> None:
    told = parse_point("bitcoin/1h@2024-05-01T13:00Z")
    assert (told.target, told.interval, told.scorer, told.instant) == ("bitcoin", Interval.H1, "", "2024-05-01T13:00Z")
    assert parse_point("sec/1d/rules/3@2024-05-01").scorer == "rules/3"


@pytest.mark.parametrize(
    "text", ["", "bitcoin", "bitcoin/1h", "bitcoin@2024-05-01", "bitcoin/1h@", "bitcoin/7h@2024-05-01"]
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_point(text)
