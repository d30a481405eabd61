"""An article read closely: the stored figures, with words where a scorer gives none by itself, and each reader once."""

from pathlib import Path

import pytest

from service.sentiment import rules, targets, toward
from service.sentiment.close_reading import MOST_EXPLAINED, read_closely
from service.sentiment.composite import CompositeScorer
from service.sentiment.learned import encoder, linear
from service.sentiment.scorer import State
from tests.sentiment.articles import make_article
from tests.sentiment.learned.tiny import write_model

CATALOGUE = targets.load()
ARTICLE = make_article(
    ("title", "Bitcoin soars"),
    ("body", "Bitcoin slumps while gold soars. It may be so, Bukele said on Monday that Bitcoin is gold."),
    ("promo", "Bitcoin soars with Best Wallet"),
)


@pytest.fixture
def tiny(tmp_path: Path) -> encoder.EncoderScorer:
    """An encoder of a few words that reads English."""
    return encoder.build("tiny", write_model(tmp_path))


def test_scores_are_those_of_the_job_and_words_are_added(tiny: encoder.EncoderScorer) -> None:
    """What `score` stores is what is shown; the encoder's words are asked for, offsets in the article's text."""
    scorers = (rules.build(), linear.build(), tiny)
    close = read_closely(ARTICLE, catalogue=CATALOGUE, scorers=scorers)
    for scorer, read in zip(scorers, close.scorers, strict=True):
        stored = toward.score_article(ARTICLE, catalogue=CATALOGUE, scorer=scorer)
        assert [(one.target, one.state, one.score) for one in read.reading.scores] == [
            (one.target, one.state, one.score) for one in stored.scores
        ]
        assert read.reading.tone == stored.tone
        for score in read.reading.scores:
            for mention in score.mentions:
                for word in mention.evidence:
                    assert ARTICLE.text[word.start : word.end] == word.word
    words = {
        (one.word, one.rule)
        for score in close.scorers[2].reading.scores
        for mention in score.mentions
        for one in mention.evidence
    }
    assert {("soars", "left_out"), ("slumps", "left_out")} <= words


def test_only_linear_starts_somewhere_and_its_words_add_up(tiny: encoder.EncoderScorer) -> None:
    close = read_closely(ARTICLE, catalogue=CATALOGUE, scorers=(rules.build(), linear.build(), tiny))
    assert [read.start is not None for read in close.scorers] == [False, True, False]
    assert close.scorers[1].start == linear.build().bias("en")


def test_a_companion_that_reads_already_is_named_and_not_shown_twice(tiny: encoder.EncoderScorer) -> None:
    """The encoder reads no Dutch: linear does, once; in English both stand side by side."""
    both = (linear.build(), CompositeScorer(tiny, linear.build()))
    dutch = make_article(("title", "Bitcoin stijgt flink"), language="nl")
    close = read_closely(dutch, catalogue=CATALOGUE, scorers=both)
    assert [read.reader.partition("/")[0] for read in close.scorers] == ["linear"]
    assert [(asked.partition("/")[0], reader.partition("/")[0]) for asked, reader in close.doubles] == [
        ("tiny", "linear")
    ]
    english = read_closely(ARTICLE, catalogue=CATALOGUE, scorers=both)
    assert [read.reader.partition("/")[0] for read in english.scorers] == ["linear", "tiny"]
    assert english.doubles == ()


def test_adverts_are_not_read_and_quotes_and_events_come_along() -> None:
    article = make_article(
        ("body", "The SEC sued Binance. Bukele said that Bitcoin is the best money."), ("promo", "Trump sued Bitcoin")
    )
    close = read_closely(article, catalogue=CATALOGUE, scorers=(rules.build(),))
    assert {one.target for one in close.mentions} == {"sec", "binance", "bukele", "bitcoin"}
    assert [(one.speaker, one.targets) for one in close.quotes] == [("bukele", ("bitcoin",))]
    assert [one.kind.value for one in close.events] == ["lawsuit"]


def test_a_language_nobody_reads_is_a_state_and_nothing_else() -> None:
    article = make_article(("title", "Bitcoin stürzt ab"), language="de")
    close = read_closely(article, catalogue=CATALOGUE, scorers=(rules.build(), linear.build()))
    assert not close.is_read
    assert [read.reading.state for read in close.scorers] == [State.UNSUPPORTED_LANGUAGE] * 2
    assert (close.mentions, close.sentences, close.quotes, close.events) == ((), (), (), ())
    assert [read.start for read in close.scorers] == [None, None]


def test_nothing_but_adverts_is_read_and_empty() -> None:
    """Not the same as a language nobody reads."""
    close = read_closely(make_article(("promo", "Buy Bitcoin")), catalogue=CATALOGUE, scorers=(rules.build(),))
    assert close.is_read
    assert (close.sentences, close.mentions) == ((), ())


def test_leaving_out_words_ends_somewhere(tiny: encoder.EncoderScorer) -> None:
    """Past the bound sentences keep their score and have no words."""
    parts = [("body", f"Bitcoin soars for the {number}th time.") for number in range(MOST_EXPLAINED + 5)]
    [read] = read_closely(make_article(*parts), catalogue=CATALOGUE, scorers=(tiny,)).scorers
    mentions = read.reading.scores[0].mentions
    assert sum(bool(one.evidence) for one in mentions) == MOST_EXPLAINED
    assert all(one.score is not None for one in mentions)
