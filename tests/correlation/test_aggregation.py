"""A declaration is hashed as it always was, comes back as it went, and refuses what makes no sense."""

import pytest

from service.correlation.aggregation import Aggregation, describe, read_declaration
from service.correlation.aligned import Origins
from service.correlation.copies import code_texts
from service.errors import BadInput
from service.instants import Interval

FULL = Aggregation(
    Interval.H4,
    "equal",
    relevance_floor=5,
    minimum_articles=2,
    embargo_seconds=60,
    window_seconds=86_400,
    half_life_seconds=5400,
    winsorise=0.05,
    copies="once",
    source_weights=(("a", 0.5), ("b", 2.0)),
)


def test_what_is_left_at_its_default_does_not_change_the_digest():
    """The digests that series had before a declaration could say more than five things."""
    assert Aggregation(Interval.H1).digest == "42545387727e122b"
    assert Aggregation(Interval.D1, "equal", 10, 3, 60).digest == "c751d5c473203daf"
    assert Aggregation(Interval.H1).declare() == {
        "interval": "1h", "weight": "relevance", "relevance_floor": 0, "minimum_articles": 1, "embargo_seconds": 0,
    }  # fmt: skip


@pytest.mark.parametrize("one", [Aggregation(Interval.M5), FULL])
def test_a_declaration_comes_back_as_it_went(one):
    assert read_declaration(one.declare()) == one


def test_every_choice_changes_the_digest():
    choices = [
        {"weight": "equal"}, {"relevance_floor": 1}, {"minimum_articles": 2}, {"embargo_seconds": 1},
        {"window_seconds": 7200}, {"half_life_seconds": 60}, {"winsorise": 0.1}, {"copies": "once"},
        {"copies": "story"}, {"weight": "novelty"},
        {"source_weights": (("a", 2.0),)}, {"source_weights": (("a", 1.0),)},
    ]  # fmt: skip
    digests = {Aggregation(Interval.H1, **choice).digest for choice in choices}
    assert len(digests | {Aggregation(Interval.H1).digest}) == len(choices) + 1


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"window_seconds": 201 * 3600}, "aggregation.window"),
        ({"window_seconds": -1}, "aggregation.window"),
        ({"half_life_seconds": 7}, "aggregation.half_life"),
        ({"half_life_seconds": -1}, "aggregation.half_life"),
        ({"winsorise": 0.5}, "aggregation.winsorise"),
        ({"winsorise": float("nan")}, "aggregation.winsorise"),
        ({"copies": "twice"}, "aggregation.copies"),
        ({"source_weights": (("a", 0.0),)}, "aggregation.source_weights.a"),
        ({"source_weights": (("a", float("inf")),)}, "aggregation.source_weights.a"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(choice, field):
    with pytest.raises(BadInput) as refused:
        Aggregation(Interval.H1, **choice)
    assert refused.value.field == field


def test_choices_are_told_in_words():
    assert describe(Aggregation(Interval.H1)) == []
    told = " ".join(describe(FULL))
    for words in ("held back by 60 s", "the 1 d before", "90 min old", "5 % at each end", "weigh as one", "a 0.5, b 2"):
        assert words in told


def test_copies_are_told_by_their_own_title_or_their_own_text():
    titles = (
        "Bitcoin falls as miners sell",
        "BITCOIN falls, as miners  sell!",
        "Market wrap",
        "Market wrap",
        "Market wrap",
    )
    codes = code_texts(Origins(("s",) * 5, titles, ("1", "2", "3", "4", "4")))
    assert codes.tolist() == [0, 0, 1, 2, 2]
