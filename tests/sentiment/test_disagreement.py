"""Disagreement between scorers as a value of its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.sentiment.disagreement import Disagreement, compare
from service.sentiment.scorer import Label

SCORED = st.tuples(st.floats(-1, 1), st.sampled_from(list(Label)))


def test_the_range_and_the_signs() -> None:
    """Lowest, highest, what lies between them; labels differ in sign only where one is negative and one positive."""
    made = compare([(0.5, Label.POSITIVE), (-0.25, Label.NEGATIVE), (0.0, Label.NEUTRAL)])
    assert made == Disagreement(3, -0.25, 0.5, 0.75, signs_differ=True)
    apart = compare([(0.5, Label.POSITIVE), (-0.02, Label.NEUTRAL)])
    assert apart == Disagreement(2, -0.02, 0.5, 0.52, signs_differ=False)


@pytest.mark.parametrize("scored", [[], [(0.5, Label.POSITIVE)]])
def test_one_scorer_has_nothing_to_disagree_with(scored: list[tuple[float, Label]]) -> None:
    """Unknown is not agreement."""
    assert compare(scored) is None


@settings(deadline=None)
@given(st.lists(SCORED, min_size=2, max_size=6))
def test_it_does_not_depend_on_their_order_and_agreement_is_zero(scored: list[tuple[float, Label]]) -> None:
    """0 ≤ spread ≤ 2; the same scorer twice is no disagreement at all."""
    made = compare(scored)
    assert made == compare(scored[::-1])
    assert made is not None
    assert 0 <= made.spread <= 2
    assert made.lowest <= made.highest
    same = compare([scored[0]] * 2)
    assert same is not None
    assert (same.spread, same.signs_differ) == (0, False)
