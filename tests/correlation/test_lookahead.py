"""The judge of the poison test sees every value that changes and no other, and asks at instants that matter."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.correlation.lookahead import Answer, Change, choose_instants, compare, salt

HOUR = 3_600_000


def bars(*values: float, known_after: int = HOUR, keys: list[int] | None = None) -> Answer:
    at = np.array(range(len(values)) if keys is None else keys, np.int64) * HOUR
    return Answer("series", "bar", at, at + known_after, {"close": np.array(values), "scored": np.arange(len(values))})


def test_equal_answers_have_no_changes_and_missing_equals_missing() -> None:
    assert compare(bars(1.0, np.nan, 3.0), bars(1.0, np.nan, 3.0), 3 * HOUR) == (6, [])


def test_a_value_known_by_the_instant_is_named_with_both_its_values() -> None:
    values, changes = compare(bars(1.0, 2.0, 3.0), bars(1.0, np.nan, 4.0), 2 * HOUR)
    assert values == 4
    assert changes == [Change("series", "bar", HOUR, "close", "2.0", "nan")]


def test_what_is_not_yet_known_may_change() -> None:
    assert compare(bars(1.0, 2.0, 3.0), bars(1.0, 2.0, 9.0), 3 * HOUR - 1)[1] == []
    assert len(compare(bars(1.0, 2.0, 3.0), bars(1.0, 2.0, 9.0), 3 * HOUR)[1]) == 1


def test_rows_that_come_or_go_are_changes_and_the_others_are_still_compared() -> None:
    _, changes = compare(bars(1.0, 2.0, 3.0), bars(1.0, 3.5, 4.0, keys=[0, 2, 3]), 9 * HOUR)
    told = [(one.key // HOUR, one.column, one.before, one.after) for one in changes if isinstance(one.key, int)]
    assert told == [
        (1, "row", "there", "absent"),
        (2, "close", "3.0", "3.5"),
        (2, "scored", "2", "1"),
        (3, "row", "absent", "there"),
    ]


def test_of_long_texts_the_stretch_is_shown_in_which_they_part() -> None:
    keys = np.array(["texts/0"], object)
    old, new = (
        Answer("texts", "item", keys, np.zeros(1, np.int64), {"value": np.array(["x" * 500 + word], object)})
        for word in ("yesterday", "tomorrow")
    )
    [change] = compare(old, new, 0)[1]
    assert "yesterday" in change.before
    assert "tomorrow" in change.after
    assert len(change.before) < 80


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 50 * HOUR), min_size=1, max_size=40),
    st.sets(st.integers(0, 49), min_size=1),
    st.integers(1, 6),
    st.integers(0, 99),
)
def test_every_instant_lies_in_a_bar_held_before_an_article_of_that_bar(
    known: list[int], held: set[int], number: int, seed: int
) -> None:
    available_at, open_at = np.array(known, np.int64), np.array(sorted(held), np.int64) * HOUR
    chosen = choose_instants(available_at, open_at, HOUR, number=number, seed=seed)
    assert chosen == choose_instants(available_at, open_at, HOUR, number=number, seed=seed)
    assert chosen == sorted(set(chosen), reverse=True)
    assert len(chosen) <= number
    inside = [at for at in known if at // HOUR in held]
    assert bool(chosen) == bool(inside)
    for instant in chosen:
        assert any(at >= instant and at // HOUR == instant // HOUR for at in inside)
    if chosen:
        assert any(instant % HOUR == 0 for instant in chosen)


@pytest.mark.parametrize("other", [(8, "a", 1), (7, "b", 1), (7, "a", 2)])
def test_a_salt_depends_on_the_seed_and_on_every_word(other: tuple[int, str, int]) -> None:
    assert salt(7, "a", 1) == salt(7, "a", 1) != salt(*other)
