"""Sentences that carry their pattern: texts in every respect, and told again from their parts."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from service.correlation.freezing import _freeze_plain, _thaw_plain
from service.wording import Worded, chain, fill, join, word


def test_a_worded_sentence_is_its_text() -> None:
    said = word("{n:,} bars, r = {r:+.2f}", n=1440, r=-0.5)
    assert said == "1,440 bars, r = −0.50"
    assert isinstance(said, str)
    assert (said.pattern, said.values) == ("{n:,} bars, r = {r:+.2f}", {"n": 1440, "r": -0.5})


def test_a_field_may_begin_with_a_capital() -> None:
    assert word("{label:C} → {label}", label="log return") == "Log return → log return"


@given(st.text())
def test_text_from_outside_is_never_a_pattern(text: str) -> None:
    """Braces in a name stay braces, in a sentence and in a sentence about it."""
    inner = word("({name})", name=text)
    outer = chain(inner, word("{told}", told=inner))
    assert inner == f"({text})"
    assert outer == f"({text}) ({text})"
    assert fill(outer.pattern, outer.values) == outer


def test_empty_sentences_leave_no_gap() -> None:
    assert chain(word("One."), word(""), word("Two.")) == "One. Two."
    assert join(", ", []) == ""


@given(st.text(), st.integers() | st.floats(-1e9, 1e9))
def test_it_survives_pickling_and_freezing(text: str, number: float) -> None:
    said = word("{inner} {number}", inner=word("{text}!", text=text), number=number)
    for again in (pickle.loads(pickle.dumps(said)), _thaw_plain(str, _freeze_plain(said, ()), ())):
        assert again == said
        assert isinstance(again, Worded)
        assert (again.pattern, dict(again.values)) == (said.pattern, dict(said.values))
        assert isinstance(again.values["inner"], Worded)
