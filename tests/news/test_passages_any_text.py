"""Passages of any text at all: covered, ordered, disjoint, and read in linear time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news.passage import passages
from tests.news.test_passages import TABLE

_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff\u00ad"
_ODD = ["", " ", "•", "- x", "\u00a0", "...", "|", "Lees ook:", "Disclaimer", "Door: Jan Bos", "a" * 300, "\ud800"]
_PIECES = st.sampled_from([*(line for _, line in TABLE[::5]), *_ODD, "Photo: " * 60])


@settings(max_examples=150, deadline=None)  # the first call reads the rules
@given(st.lists(_PIECES, max_size=12).map("\n".join) | st.text(max_size=300), st.sampled_from(["", "Lees ook:", "x"]))
def test_any_text_is_covered_in_order_without_overlap(text: str, title: str) -> None:
    covered = [False] * len(text)
    previous = 0
    for passage in passages.label(text, title=title):
        assert previous <= passage.start < passage.end <= len(text)
        inside = text[passage.start : passage.end]
        assert inside == inside.strip()
        assert passage.rule.split(".")[0] == passage.kind.value
        covered[passage.start : passage.end] = [True] * len(inside)
        previous = passage.end
    for is_covered, sign in zip(covered, text, strict=True):
        assert is_covered or sign.isspace() or sign in _INVISIBLE


@settings(max_examples=60, deadline=None)
@given(st.lists(_PIECES, max_size=10))
def test_every_line_but_a_glued_one_is_in_one_passage(lines: list[str]) -> None:
    text = "\n".join(line for line in lines if len(line) < 200)
    found = passages.label(text)
    at = 0
    for line in text.split("\n"):
        if line.strip() and line.strip() not in _INVISIBLE:
            begin, end = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
            assert sum(p.start <= begin and end <= p.end for p in found) == 1
        at += len(line) + 1


_HOSTILE = {
    "one line": "a" * 1_000_000,
    "one line of words": "affiliate we " * 80_000,
    "many lines": "Bitcoin rose again today.\n" * 100_000,
    "many links": "Read more:\n" + "Title\n" * 99_999,
    "many adverts": "Koop je munten via Zilver Wallet\n" + "je wallet hier gratis\n" * 45_000,
    "stamps": ("1 may 2020 " * 10 + "x\n") * 9_000,
    "credits": ("Photo by " + "A" * 140 + "!\n") * 6_600,
    "addresses": ("a@b." + "at" * 40 + " x@" * 20 + "!\n") * 6_000,
    "share bars": ("copy link " * 13 + "q\n") * 7_000,
    "names": ("By " + "Aa " * 40 + "\n") * 8_000,
    "introductions": "Jane Roe is a reporter at X.\n" * 30_000,
    "nearly a disclaimer": ("this not " * 160 + "financial advicf\n") * 700,
    "glued": ". Photo: " * 111_111,
    "white space": " \t" * 500_000,
}


@pytest.mark.parametrize("text", list(_HOSTILE.values()), ids=list(_HOSTILE))
def test_a_megabyte_of_anything_is_read_in_linear_time(text: str) -> None:
    """Measured under 2 s of CPU time each; the bound leaves room for a machine that is slow or busy."""
    began = time.process_time()
    passages.label(text)
    assert time.process_time() - began < 6
