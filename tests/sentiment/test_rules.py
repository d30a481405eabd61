"""The rule scorer: states, sums, places, limits, and a version that is pinned to its word lists."""

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from service.sentiment import rules
from service.sentiment.lexicons import content_hash
from service.sentiment.scorer import Label, MentionContext, Reading, State, identify

SCORER = rules.build()
PUBLISHED = SentimentIntensityAnalyzer()
PINNED = {"1": "d03b4f380f42"}

WORDS_LINE = (
    "Bitcoin Trump SEC plunges surges fears ease lawsuit against not no longer while but and , . ? ! “ ” ’ isn’t was "
    "sued by said according to may very ban lifts drops hack inflation falls up down record high keldert stijgt niet "
    "zakt weg omdat maar terwijl geprezen door werkloosheid daalt koersdaling klaagt aan 12% $1.5bn U.S. - — 💘"
)
WORDS = WORDS_LINE.split()
sentences = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)


def score(text: str, target: str, language: str = "en") -> Reading:
    start = text.index(target)
    return SCORER.score_mentions([MentionContext(text, (start, start + len(target)), language)])[0]


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ("Bitcoin plunges 12% after ETF outflows", "Bitcoin", Label.NEGATIVE),
        ("BTC soars to record high", "BTC", Label.POSITIVE),
        ("Exchange hack drains $1.5 billion", "Exchange", Label.NEGATIVE),
        ("SEC drops lawsuit against Coinbase", "Coinbase", Label.POSITIVE),
        ("SEC sues Binance, alleging fraud", "Binance", Label.NEGATIVE),
        ("Trump praises Bitcoin while attacking Bukele", "Bitcoin", Label.POSITIVE),
        ("Trump praises Bitcoin while attacking Bukele", "Bukele", Label.NEGATIVE),
        ("Bitcoin price not falling anymore", "Bitcoin", Label.POSITIVE),
        ("Bitcoin bulls rally, ETF inflows surge", "Bitcoin", Label.POSITIVE),
        ("Trump signs order creating strategic Bitcoin reserve", "Bitcoin", Label.POSITIVE),
    ],
)
def test_headlines_plain_vader_cannot_read(text: str, target: str, label: Label) -> None:
    assert score(text, target).label is label


def test_relief_is_not_read_as_harm() -> None:
    assert (score("Bitcoin crash fears ease", "Bitcoin").score or 0.0) >= 0
    assert (score("Bear market is over", "market").score or 0.0) >= 0


def test_neutral_finance_words_are_no_signal() -> None:
    reading = score("Interest rates security share outstanding credit", "share")
    assert (reading.state, reading.label, reading.score) == (State.NO_SIGNAL, Label.NEUTRAL, None)


def test_other_languages_are_refused_not_guessed() -> None:
    reading = score("Der Bitcoin fällt", "Bitcoin", "de")
    assert (reading.state, reading.label, reading.score) == (State.UNSUPPORTED_LANGUAGE, None, None)
    assert SCORER.score_tone("Der Bitcoin fällt", "de").state is State.UNSUPPORTED_LANGUAGE


@given(sentences | st.text(max_size=80))
def test_english_tone_is_the_published_compound(text: str) -> None:
    reading = SCORER.score_tone(text, "en")
    assert (reading.score or 0.0) == PUBLISHED.polarity_scores(text)["compound"]


@settings(max_examples=300, deadline=None)
@given(sentences | st.text(max_size=200), st.sampled_from(["en", "nl", "fr"]), st.data())
def test_any_text_is_read_and_its_evidence_adds_up(text: str, language: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    contexts = [
        MentionContext(text, (start, end), language),
        MentionContext(text, (0, 0), language, others=((start, end),)),
    ]
    for reading in [*SCORER.score_mentions(contexts), SCORER.score_tone(text, language)]:
        for item in reading.evidence:
            assert text[item.start : item.end] == item.word
        if reading.state is not State.SCORED:
            assert reading.score is None
            assert not reading.evidence
        else:
            assert reading.score is not None
            assert -1 <= reading.score <= 1
    for reading in SCORER.score_mentions(contexts):
        if reading.state is State.SCORED:
            raw = sum(item.weight for item in reading.evidence)
            assert reading.score == pytest.approx(raw / math.sqrt(raw * raw + rules.ALPHA))


def test_neighbours_on_one_sentence_do_not_change_each_other() -> None:
    text = "Trump praises Bitcoin while attacking Bukele"
    contexts = [MentionContext(text, span, "en") for span in ((0, 5), (14, 21), (38, 44))]
    assert SCORER.score_mentions(contexts) == [SCORER.score_mentions([context])[0] for context in contexts]
    assert SCORER.score_mentions([]) == []


def test_a_name_is_not_evidence() -> None:
    text = "Fear Index of Bitcoin is published daily"
    spans = ((0, 10), (14, 21))
    assert SCORER.score_mentions([MentionContext(text, spans[1], "en", others=(spans[0],))])[0].evidence == ()


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_megabyte_is_read_in_linear_time(language: str) -> None:
    text = " ".join(random.Random(5).choices(WORDS, k=180_000))
    began = time.perf_counter()
    SCORER.score_mentions([MentionContext(text, (place, place + 5), language) for place in range(0, 900_000, 30_000)])
    SCORER.score_tone(text, language)
    assert time.perf_counter() - began < 20


def test_the_version_changes_with_the_lists() -> None:
    """A changed word or weight is another scorer: raise VERSION in rules.py and pin the new hash here."""
    assert PINNED.get(SCORER.version) == content_hash()
    assert identify(SCORER) == f"rules/{rules.VERSION}"
