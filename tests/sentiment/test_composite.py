"""One scorer out of several: each language read by the first that knows it, all of them named."""

from pathlib import Path

import pytest

from service.sentiment import rules, vader
from service.sentiment.composite import CompositeScorer
from service.sentiment.learned.encoder import build
from service.sentiment.scorer import MentionContext, State, identify
from tests.sentiment.learned.tiny import write_model

ENGLISH = [MentionContext("Bitcoin crashes", (0, 7), "en"), MentionContext("A great day for Bitcoin", (16, 23), "en")]
DUTCH = [MentionContext("Bitcoin keldert", (0, 7), "nl"), MentionContext("Bitcoin stijgt hard", (0, 7), "nl")]
GERMAN = MentionContext("Bitcoin fällt", (0, 7), "de")


def test_each_language_goes_to_its_reader_and_order_is_kept() -> None:
    """English as VADER reads it, Dutch as the rules do, German as nobody does."""
    leading, companion = vader.build(), rules.build()
    both = CompositeScorer(leading, companion)
    mixed = [DUTCH[0], ENGLISH[0], GERMAN, DUTCH[1], ENGLISH[1]]
    (english, positive), (dutch, rising) = leading.score_mentions(ENGLISH), companion.score_mentions(DUTCH)
    found = both.score_mentions(mixed)
    assert [found[at] for at in (0, 1, 3, 4)] == [dutch, english, rising, positive]
    assert found[2].state is State.UNSUPPORTED_LANGUAGE
    assert english != companion.score_mentions(ENGLISH)[0]  # the leading scorer's, where both know the language


@pytest.mark.parametrize("language", ["en", "nl", "de"])
def test_tone_goes_to_the_reader_too(language: str) -> None:
    """Or to nobody."""
    both = CompositeScorer(vader.build(), rules.build())
    reader = both.reader(language)
    got = both.score_tone("Geweldig great!", language)
    if reader is None:
        assert got.state is State.UNSUPPORTED_LANGUAGE
    else:
        assert got == reader.score_tone("Geweldig great!", language)
    assert (reader is None) == (language == "de")


def test_explanations_come_from_the_reader_that_can_give_them(tmp_path: Path) -> None:
    """English by the encoder, word by word; Dutch as the rules read it, words and all; German by nobody."""
    encoder, companion = build("tiny", write_model(tmp_path)), rules.build()
    both = CompositeScorer(encoder, companion)
    english = MentionContext("Bitcoin soars", (0, 7), "en")
    assert both.explain(english) == encoder.explain(english)
    assert both.explain(english).evidence
    assert both.explain(DUTCH[0]) == companion.score_mentions(DUTCH[:1])[0]
    assert both.explain(GERMAN).state is State.UNSUPPORTED_LANGUAGE


def test_its_version_names_all_and_its_name_is_the_leading_ones() -> None:
    """A new version of either is a new version of both together."""
    both = CompositeScorer(vader.build(), rules.build())
    assert identify(both) == f"vader/{vader.VERSION}+rules-{rules.VERSION}"
    assert both.languages == {"en", "nl"}
