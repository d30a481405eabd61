"""Everything a study reads survives being written as JSON values and columns, whatever is added to it later."""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from service.correlation.freezing import Frozen, freeze, thaw
from service.correlation.inputs import StudyInputs
from service.correlation.study import run
from tests.reports import make_inputs


def assert_same(one, other, path="inputs"):
    """Equal in kind and value all the way down; NaN is NaN."""
    assert type(one) is type(other) or (isinstance(one, Mapping) and isinstance(other, Mapping)), path
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, path
        np.testing.assert_array_equal(one, other, err_msg=path)
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}")
    elif isinstance(one, Mapping):
        assert list(one) == list(other), path
        for name in one:
            assert_same(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, tuple):
        assert len(one) == len(other), path
        for place, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{path}.{place}")
    else:
        assert one == other, path


def through_json(frozen: Frozen) -> Frozen:
    return Frozen(json.loads(json.dumps(frozen.values, allow_nan=False)), frozen.tables)


def test_every_field_of_a_studys_inputs_comes_back():
    """`make_inputs` fills every field; one it leaves at its default would prove nothing, so that is refused too."""
    inputs = make_inputs()
    for field in dataclasses.fields(inputs):
        assert getattr(inputs, field.name) not in ((), {}, None), f"let tests.reports.make_inputs fill {field.name}"
    back = thaw(StudyInputs, through_json(freeze(inputs)))
    assert_same(inputs, back)
    assert run(back) == run(inputs)


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass(frozen=True)
class Leaf:
    at: NDArray[np.int64]
    figure: NDArray[np.float64]
    held: NDArray[np.bool_]
    maybe: NDArray[np.float64] | None = None


@dataclasses.dataclass(frozen=True)
class Tree:
    when: dt.datetime
    colour: Colour
    pairs: tuple[tuple[str, float], ...]
    either: int | str | None
    leaves: Mapping[str, Leaf]
    forest: tuple[Leaf, ...] = ()
    later: float = 0.5


def make_tree() -> Tree:
    leaf = Leaf(np.array([1, 2**62]), np.array([0.1, np.nan]), np.array([True, False]))
    other = dataclasses.replace(leaf, maybe=np.array([np.nan, -0.0]))
    when = dt.datetime(2024, 5, 1, 12, 0, 0, 1, tzinfo=dt.UTC)
    return Tree(when, Colour.RED, (("a", 1e-300), ("b", 1 / 3)), "7", {"a/b": leaf, "a-b": other}, (leaf, other))


def test_names_that_look_alike_keep_tables_of_their_own():
    tree = make_tree()
    frozen = freeze(tree)
    assert sorted(frozen.tables) == ["forest/0", "forest/1", "leaves/a-b", "leaves/a-b-2"]
    assert_same(tree, thaw(Tree, through_json(frozen)))


def test_a_field_added_later_has_its_default_and_one_taken_away_is_named():
    frozen = freeze(make_tree())
    values = {name: value for name, value in frozen.values.items() if name != "later"}
    assert thaw(Tree, Frozen(values, frozen.tables)).later == 0.5
    with pytest.raises(ValueError, match="sooner: there is no such field"):
        thaw(Tree, Frozen({**frozen.values, "sooner": 1}, frozen.tables))
    with pytest.raises(ValueError, match="not there: colour"):
        thaw(Tree, Frozen({n: v for n, v in frozen.values.items() if n != "colour"}, frozen.tables))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "green"),
        ("when", "yesterday"),
        ("later", "much"),
        ("pairs", [["a"]]),
        ("leaves", []),
        ("either", 0.5),
    ],
)
def test_what_does_not_fit_is_refused(field, value):
    frozen = freeze(make_tree())
    with pytest.raises(ValueError):
        thaw(Tree, Frozen({**frozen.values, field: value}, frozen.tables))


@pytest.mark.parametrize(
    "change",
    [
        {"later": float("nan")},
        {"either": object()},
        {"leaves": {1: 2}},
        {"forest": (Leaf(np.arange(2), np.zeros(3), np.ones(2, bool)),)},
        {"forest": (Leaf(np.zeros((2, 2)), np.zeros((2, 2)), np.ones((2, 2), bool)),)},
    ],
)
def test_what_could_not_be_read_back_is_refused_at_once(change):
    with pytest.raises(TypeError):
        freeze(dataclasses.replace(make_tree(), **change))
