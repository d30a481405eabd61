"""The baseline is vaderSentiment itself: same figure on any text, in linear time, with exact places."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from service.sentiment import vader
from service.sentiment.scorer import Label, MentionContext, State

PUBLISHED = SentimentIntensityAnalyzer()
TRICKY_LINE = (
    "not never no nor without doubt so this but BUT least at very kind of sort of isn't isn’t good GOOD bad great "
    "kind die to for the bomb shit yeah right bus stop beating heart kiss of death hardly barely EXTREMELY !! ?? ??? "
    "💘 😁 bad💘 💘good :) :( lol united share crash ß İ  － ... -- 'good' (bad)"
)
TRICKY = TRICKY_LINE.split()


def published(text: str) -> float:
    return float(PUBLISHED.polarity_scores(text)["compound"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(TRICKY + sorted(PUBLISHED.lexicon)[::60]), max_size=14).map(" ".join))
def test_compound_equals_the_published_figure_on_the_words_its_rules_turn_on(text: str) -> None:
    assert vader.compound(text) == published(text)
    assert vader.weigh(text)[0] == published(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_compound_equals_the_published_figure_on_arbitrary_text(text: str) -> None:
    assert vader.compound(text) == published(text)


def test_compound_equals_the_published_figure_on_real_sentences(shared_data: Path) -> None:
    lines = (shared_data / "sentiment" / "newsmtsc" / "dev_rw.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        text = json.loads(line)["sentence_normalized"]
        assert vader.compound(text) == published(text)


@given(st.lists(st.sampled_from(TRICKY), max_size=12).map(" ".join))
def test_evidence_stands_where_it_says(text: str) -> None:
    for item in vader.read(text, "en").evidence:
        assert text[item.start : item.end] == item.word
        assert item.word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin crash fears ease", -0.4588),
        ("SEC sues Binance, alleging fraud", -0.5859),
        ("Bitcoin plunges 12% after ETF outflows", 0.0),
        ("Interest rates security share outstanding credit", 0.9217),
        ("Trump praises Bitcoin while attacking Bukele", 0.1027),
    ],
)
def test_measured_headlines(text: str, expected: float) -> None:
    assert vader.compound(text) == expected


def test_the_baseline_is_blind_to_targets_and_says_when_it_knows_no_word() -> None:
    scorer = vader.build()
    text = "Trump praises Bitcoin while attacking Bukele"
    readings = scorer.score_mentions([MentionContext(text, (14, 21), "en"), MentionContext(text, (38, 44), "en")])
    assert [reading.score for reading in readings] == [0.1027, 0.1027]
    assert [reading.label for reading in readings] == [Label.POSITIVE, Label.POSITIVE]
    assert scorer.score_tone("Bitcoin plunges 12%", "en").state is State.NO_SIGNAL
    assert scorer.score_tone("De man die won", "nl").state is State.UNSUPPORTED_LANGUAGE


def test_an_emoji_is_shown_as_it_stands_in_the_text() -> None:
    (item,) = vader.read("Bitcoin 😁", "en").evidence[:1]
    assert (item.word, item.start, item.end) == ("😁", 8, 9)


def test_a_megabyte_without_full_stops_takes_seconds_not_hours() -> None:
    text = "good but bad news, very great " * 35_000
    began = time.perf_counter()
    vader.compound(text)
    assert time.perf_counter() - began < 10
