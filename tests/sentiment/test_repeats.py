"""What counts as said again: the same words, or all of them with a word or two more at one end; nothing else."""

import pytest

from service.sentiment.repeats import Repeats
from service.sentiment.scorer import MentionContext

FIRST = "Bitcoin plunges below the mark as investors flee to gold"


def context(text: str, name: str = "Bitcoin", *, at: int = 0) -> MentionContext:
    start = -1
    places = []
    while (start := text.find(name, start + 1)) >= 0:
        places.append((start, start + len(name)))
    return MentionContext(text, places[at], "en", tuple(place for place in places if place != places[at]))


@pytest.mark.parametrize(
    "again",
    [
        FIRST,
        f"“{FIRST}!”",
        "BITCOIN plunges below the mark — as investors flee to gold …".replace("BITCOIN", "Bitcoin"),
        f"{FIRST} – Reuters",
        f"Read more: {FIRST}",
        "Bitcoin plunges below the mark as investors flee",
    ],
)
def test_the_same_words_are_a_repeat(again: str) -> None:
    """Case and marks do not count; one or two words more or fewer at one end do not either."""
    known = Repeats()
    assert known.first("bitcoin", context(FIRST)) is None
    assert known.first("bitcoin", context(again)) == context(FIRST)


@pytest.mark.parametrize(
    "other",
    [
        "Bitcoin surges below the mark as investors flee to gold",
        "Bitcoin never plunges below the mark as investors flee to gold",
        f"{FIRST} and some to the dollar",
        f"Live: {FIRST} – Reuters",
        "Bitcoin plunges below the mark",
        "Bitcoin plunges",
    ],
)
def test_any_other_difference_is_another_sentence(other: str) -> None:
    """A word within, more than two beyond, both ends at once, or too short to tell: read by itself."""
    known = Repeats()
    assert known.first("bitcoin", context(FIRST)) is None
    assert known.first("bitcoin", context(other)) is None


def test_figures_and_their_signs_count() -> None:
    """“+3 %” does not repeat “−3 %”."""
    known = Repeats()
    texts = ("Bitcoin +3 %", "Bitcoin −3 %", "Bitcoin +4 %")
    assert [known.first("bitcoin", context(text)) for text in texts] == [None, None, None]
    assert known.first("bitcoin", context("Bitcoin: +3%")) == context(texts[0])


def test_each_target_and_each_mention_of_a_sentence_is_known_by_itself() -> None:
    """Two mentions in one sentence do not repeat one another; said again, each repeats its own."""
    text = "Trump met Bukele and Trump smiled"
    mentions = [("trump", context(text, "Trump")), ("trump", context(text, "Trump", at=1))]
    mentions.append(("bukele", context(text, "Bukele")))
    known = Repeats()
    assert [known.first(target, one) for target, one in mentions] == [None, None, None]
    assert [known.first(target, one) for target, one in mentions] == [one for _, one in mentions]


def test_a_repeat_is_traced_to_the_first_not_to_another_repeat() -> None:
    """Of three in a row the third is told as the first said it."""
    known = Repeats()
    known.first("bitcoin", context(FIRST))
    known.first("bitcoin", context(f"{FIRST} – Reuters"))
    assert known.first("bitcoin", context(FIRST.upper().replace("BITCOIN", "Bitcoin"))) == context(FIRST)


def test_a_text_without_words_is_told_by_its_marks() -> None:
    """Mentions that are no words (asked for literally) are not all one."""
    known = Repeats()
    marks = [MentionContext(text, (0, 1), "en") for text in ("(", ")", "(")]
    assert [known.first("x", one) for one in marks] == [None, None, marks[0]]
