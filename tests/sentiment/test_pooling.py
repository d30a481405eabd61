"""From mentions to one figure: the plain mean, the label, and an interval that knows mentions are alike."""

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import articles, sets
from service.sentiment import scorers
from service.sentiment.pooling import LIKENESS, NORMAL, Pooled, combine
from service.sentiment.scorer import Label, Reading, State

Probabilities = tuple[float, float, float]


def reading(value: float | None, label: Label, probabilities: Probabilities | None = None) -> Reading:
    state = State.NO_SIGNAL if value is None else State.SCORED
    return Reading(state, value, label, (), probabilities)


def calibrated(*chances: Probabilities) -> list[Reading]:
    return [reading(one[2] - one[0], tuple(Label)[one.index(max(one))], one) for one in chances]


def share(weights: tuple[int, int, int]) -> Probabilities:
    negative, neutral, positive = (weight / sum(weights) for weight in weights)
    return negative, neutral, positive


CHANCES = st.tuples(*[st.integers(0, 1000)] * 3).filter(any).map(share)
SILENT = reading(None, Label.NEUTRAL)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1, 1)), min_size=1, max_size=12))
def test_combining_is_the_plain_mean(values: list[float | None]) -> None:
    """For any mentions: the mean with unread ones as 0, or nothing if none is scored."""
    pooled = combine([reading(one, Label.NEUTRAL) for one in values])
    if all(one is None for one in values):
        assert pooled == Pooled(State.NO_SIGNAL, None, Label.NEUTRAL)
    else:
        assert pooled.state is State.SCORED
        assert pooled.score == pytest.approx(sum(one or 0.0 for one in values) / len(values))
        assert (pooled.probabilities, pooled.interval) == (None, None)


def test_labels_are_the_scorers_where_its_mentions_agree() -> None:
    """One mention keeps its label; unlike ones go by mean probability if calibrated, else by the mean."""
    assert combine([reading(0.02, Label.POSITIVE)]).label is Label.POSITIVE
    unlike = [reading(0.9, Label.POSITIVE), reading(-0.8, Label.NEGATIVE)]
    assert combine(unlike).label is Label.NEUTRAL
    assert combine([*unlike, reading(0.9, Label.POSITIVE)]).label is Label.POSITIVE
    assert combine([reading(-0.9, Label.NEGATIVE), reading(None, Label.NEUTRAL)]).label is Label.NEGATIVE
    assert combine(calibrated((0.2, 0.3, 0.5), (0.2, 0.7, 0.1))).label is Label.NEUTRAL


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), CHANCES), min_size=1, max_size=12).filter(any))
def test_the_interval_holds_the_score_and_stays_within_its_range(chances: list[Probabilities | None]) -> None:
    """For any probabilities: they sum to 1, their difference is the score, and −1 ≤ low ≤ score ≤ high ≤ 1."""
    pooled = combine([SILENT if one is None else calibrated(one)[0] for one in chances])
    assert pooled.probabilities is not None
    assert pooled.interval is not None
    assert pooled.score is not None
    assert sum(pooled.probabilities) == pytest.approx(1)
    assert pooled.probabilities[2] - pooled.probabilities[0] == pytest.approx(pooled.score)
    assert -1 <= pooled.interval[0] <= pooled.score <= pooled.interval[1] <= 1


@settings(deadline=None)
@given(CHANCES.filter(lambda one: max(one) < 1), st.integers(1, 30))
def test_the_interval_shrinks_with_mentions_but_never_to_a_point(chances: Probabilities, count: int) -> None:
    """More mentions of the same kind: narrower, and no narrower than the errors they share."""

    def width(mentions: int) -> float:
        low, high = combine(calibrated(*[chances] * mentions)).interval or (0.0, 0.0)
        return high - low

    assert width(count + 1) <= width(count)
    deviation = sqrt(chances[0] + chances[2] - (chances[2] - chances[0]) ** 2)
    assert width(count) >= min(1.0, NORMAL * deviation * sqrt(LIKENESS))


def test_the_interval_by_hand() -> None:
    """Variances 0.25 and 0.61 … of two mentions: mean 0.43, × (1 + LIKENESS) / 2, 1.6449 deviations either side."""
    pooled = combine(calibrated((0.0, 0.5, 0.5), (0.3, 0.3, 0.4)))
    variance = ((0.5 - 0.5**2) + (0.7 - 0.1**2)) / 2
    width = 1.6449 * sqrt(variance * (1 + LIKENESS) / 2)
    assert pooled.score == pytest.approx(0.3)
    assert pooled.probabilities == pytest.approx((0.15, 0.4, 0.45))
    assert pooled.interval == pytest.approx((0.3 - width, min(1.0, 0.3 + width)))


def test_a_mention_without_signal_takes_the_others_variance() -> None:
    """Nothing found is not certainty: beside it the interval narrows as for any further mention, no faster."""
    one = (0.1, 0.5, 0.4)
    alone, beside, both = combine(calibrated(one)), combine([*calibrated(one), SILENT]), combine(calibrated(one, one))
    assert beside.probabilities == pytest.approx((0.05, 0.75, 0.2))

    def width(pooled: Pooled) -> float:
        assert pooled.interval is not None
        return (pooled.score or 0.0) - pooled.interval[0]

    assert width(beside) == pytest.approx(width(both))
    assert width(beside) < width(alone)


def test_one_scored_mention_without_probabilities_leaves_none() -> None:
    """Part of a mean has no interval: it would look surer than it is."""
    pooled = combine([*calibrated((0.1, 0.5, 0.4)), reading(0.5, Label.POSITIVE)])
    assert (pooled.state, pooled.score) == (State.SCORED, pytest.approx(0.4))
    assert (pooled.probabilities, pooled.interval) == (None, None)


def test_drawn_articles_are_as_alike_as_real_ones() -> None:
    """The benchmark's articles: labels of two mentions agree beyond chance by ALIKE; only the rows given are used."""
    gold = [Label.NEGATIVE] * 300 + [Label.NEUTRAL] * 500 + [Label.POSITIVE] * 200
    rows = range(0, 1000, 2)
    drawn = articles.draw(gold, rows, 4, 4000)
    assert drawn.shape == (4000, 4)
    assert not (drawn % 2).any()
    assert all(len(set(article)) == 4 for article in drawn.tolist())
    labels = np.array([list(Label).index(one) for one in gold])[drawn]
    agreement = np.mean([(labels[:, left] == labels[:, right]).mean() for left in range(4) for right in range(left)])
    chance = 0.3**2 + 0.5**2 + 0.2**2
    assert (agreement - chance) / (1 - chance) == pytest.approx(articles.ALIKE, abs=0.02)


def test_the_likeness_chosen_is_the_least_that_covers() -> None:
    """Errors of known spread: within the interval of independent mentions nine times in ten, and wider is more."""
    error = np.random.default_rng(1).normal(0, sqrt(0.5 / 4), 20_000)
    variance = np.full(20_000, 0.5)
    assert articles.coverage(error, variance, 4, 0.0) == pytest.approx(0.9, abs=0.01)
    assert articles.coverage(error, variance, 4, 0.2) > 0.95


@pytest.mark.data
@pytest.mark.parametrize(("group", "least"), [("politics", 0.85), ("finance", 0.9)])
def test_the_interval_covers_articles_that_chose_nothing(shared_data: Path, group: str, least: float) -> None:
    """`linear`, articles of 6 and 12 mentions from the half that did not choose LIKENESS; independence falls short."""
    if not all(map(sets.is_here, articles.GROUPS[group])):
        pytest.skip(f"the sets of {group} are not in {shared_data}")
    read = articles.Read(scorers.build("linear").scorer, group)
    for mentions in (6, 12):
        drawn = read.draw(articles.TELLING, mentions, 400)
        score, variance = read.pool(drawn)
        error = read.value[drawn].mean(axis=1) - score
        held = articles.coverage(error, variance, mentions, LIKENESS)
        assert held >= least
        assert articles.coverage(error, variance, mentions, 0.0) < held
