"""What an editor changed, told word by word; pieces always make up the texts again."""

import random
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.news.differences import EditKind, Piece, compare, compare_words

WORDS = st.lists(st.sampled_from(["bitcoin", "rises", "to", "64,000", ".", "\n", " ", "é", "“"]), max_size=40)


@given(WORDS, WORDS)
def test_pieces_put_together_are_the_texts(before: list[str], after: list[str]) -> None:
    one, other = " ".join(before), " ".join(after)
    pieces = compare_words(one, other)
    assert "".join(piece.before for piece in pieces) == one
    assert "".join(piece.after for piece in pieces) == other
    assert all(left.is_equal != right.is_equal for left, right in pairwise(pieces))


def test_one_word_is_one_piece_and_its_share_is_counted_by_hand() -> None:
    before = ("Bank loses", "Bank loses 12 million.\nJan Vermeulen resigns on Monday.")
    after = ("Bank loses", "Bank loses 14 million.\nPiet Vermeulen resigns on Monday.")
    found = compare(before, after, "en")
    changed = [piece for piece in found.text if not piece.is_equal]
    assert [(one.before.strip(), one.after.strip()) for one in changed] == [
        ("12", "14"),
        ("Jan", "Piet"),
    ]
    assert found.share == 2 / 9
    assert found.title == (Piece("Bank loses", "Bank loses"),)
    assert found.numbers == (("12", "14"),)
    assert found.kinds == (EditKind.NUMBER,)


def test_kinds_of_edits_are_told_in_both_languages() -> None:
    body = "The exchange said that Ann Keller will leave. Later talks with Bo Lindqvist failed."
    cases = (
        (("A", body), ("B", body), "en", {EditKind.HEADLINE}),
        (("A", body), ("A", f"{body}\nCorrection: an earlier version had another day."), "en", {EditKind.CORRECTION}),
        (("A", body), ("A", f"Update: the talks go on.\n{body}"), "en", {EditKind.UPDATE}),
        (("A", body), ("A", f"{body}\nRectificatie: de dag klopte niet."), "nl", {EditKind.CORRECTION}),
        (("A", body), ("A", f"{body}\nAanvulling (12.30): reactie toegevoegd."), "nl", {EditKind.UPDATE}),
        (("A", body), ("A", body.replace("Keller", "Kessler")), "en", {EditKind.NAME}),
        (("A", f"{body} Paid 1.000 euro."), ("A", f"{body} Paid 2.000 euro."), "nl", {EditKind.NUMBER}),
        (("A", f"{body} Paid 1.000 euro."), ("A", f"{body} Paid 1000 euro."), "nl", set()),
        (("A", body), ("A", body.replace("Later", "Then")), "en", set()),
    )
    for before, after, language, kinds in cases:
        assert set(compare(before, after, language).kinds) == kinds, after


def test_a_megabyte_is_compared_in_bounded_time() -> None:
    rng = random.Random(1)
    vocabulary = [f"w{number}" for number in range(300)]
    words = [rng.choice(vocabulary) for _ in range(220_000)]
    before = " ".join(words)
    words[10], words[200_000] = "changed", "twice"
    began = time.process_time()
    pieces = compare_words(before, " ".join(words))
    assert time.process_time() - began < 3
    assert "".join(piece.before for piece in pieces) == before
