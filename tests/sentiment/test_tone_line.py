"""The stable surface of `newscandle tone`: records in, answers out, in order; refusals name line and field."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput
from service.sentiment import rules, scorers, targets, tone_line
from service.sentiment.composite import CompositeScorer
from service.sentiment.learned.encoder import build as build_encoder
from service.sentiment.scorer import Scorer
from tests.fakes import WordListScorer
from tests.sentiment.learned.tiny import write_model

CATALOGUE = targets.load()


def answer(scorer: Scorer | None = None, **record: Any) -> dict[str, Any]:
    (one,) = tone_line.score_lines([{"id": 1, **record}], scorer=scorer or WordListScorer(), catalogue=CATALOGUE)
    return one


def test_the_answer_has_the_promised_fields() -> None:
    """Exactly these fields, JSON-able, score to four decimals, explanation in offsets of the text."""
    one = answer(text="Bitcoin crashes after Trump attacks it", target="bitcoin", lang="en")
    assert one == {
        "id": 1,
        "target": "bitcoin",
        "lang": "en",
        "state": "scored",
        "score": -0.6,
        "label": "negative",
        "scorer": "wordlist/1",
        "explanation": [
            {"word": "crashes", "start": 8, "end": 15, "weight": -0.9, "rule": "listed"},
            {"word": "attacks", "start": 28, "end": 35, "weight": -0.3, "rule": "listed crossing"},
        ],
        "probabilities": None,
        "interval": None,
        "mentions": 1,
        "is_sure": True,
    }
    assert json.loads(json.dumps(one)) == one
    first = ["id", "target", "lang", "state", "score", "label", "scorer", "explanation"]
    assert list(one) == [*first, "probabilities", "interval", "mentions", "is_sure"]


def test_a_calibrated_scorer_says_how_sure_it_is() -> None:
    """Probabilities by name, an interval around the score, and the mentions counted: what is said again is not."""
    scorer = scorers.build("linear").scorer
    one = answer(scorer, text="Bitcoin plunges", target="bitcoin", lang="en")
    chances = one["probabilities"]
    assert list(chances) == ["negative", "neutral", "positive"]
    assert sum(chances.values()) == pytest.approx(1, abs=2e-4)
    assert chances["positive"] - chances["negative"] == pytest.approx(one["score"], abs=2e-4)
    assert -1 <= one["interval"][0] <= one["score"] <= one["interval"][1] <= 1
    assert one["mentions"] == 1
    many = answer(scorer, text="Bitcoin plunges. Then Bitcoin plunges. Bitcoin plunges!", target="bitcoin", lang="en")
    assert many["mentions"] == 2
    tone = answer(scorer, text="Bitcoin plunges", lang="en")
    assert tone["probabilities"] is not None
    assert tone["interval"] is not None
    assert tone["mentions"] == 0
    absent = answer(scorer, text="Bitcoin plunges", target="trump", lang="en")
    assert (absent["probabilities"], absent["interval"], absent["mentions"]) == (None, None, 0)


def test_an_unsure_reading_says_so(tmp_path: Path) -> None:
    """`is_sure` is false where at least half of the mentions stay below the scorer's bar; the score stays."""
    encoder = build_encoder("tiny", write_model(tmp_path))
    assert answer(encoder, text="Bitcoin soars", target="bitcoin", lang="en")["is_sure"]
    one = answer(encoder, text="Bitcoin may", target="bitcoin", lang="en")
    assert (one["state"], one["is_sure"]) == ("scored", False)
    assert not answer(encoder, text="may", lang="en")["is_sure"]


def test_an_encoder_explains_when_asked(tmp_path: Path) -> None:
    """Without `explain` no words; with it the same score and the words that move it, through a composite too."""
    encoder = build_encoder("tiny", write_model(tmp_path))
    record = {"id": 1, "text": "We saw. Bitcoin soars", "target": "bitcoin", "lang": "en"}
    for scorer in (encoder, CompositeScorer(encoder, rules.build())):
        (plain,) = tone_line.score_lines([record], scorer=scorer, catalogue=CATALOGUE)
        (told,) = tone_line.score_lines([record], scorer=scorer, catalogue=CATALOGUE, explain=True)
        assert plain["explanation"] == []
        assert [(one["word"], one["start"], one["rule"]) for one in told["explanation"]] == [("soars", 16, "left_out")]
        assert told["explanation"][0]["weight"] > 0.2
        assert {**told, "explanation": []} == plain
    (ruled,) = tone_line.score_lines([record], scorer=rules.build(), catalogue=CATALOGUE, explain=True)
    assert [one["word"] for one in ruled["explanation"]] == ["soars"]


def test_a_mention_asked_for_by_its_place_is_read_there() -> None:
    """Though its sentence was said before: the words are those around it, and nothing is missing."""
    text = "Bitcoin falls. Bitcoin falls."
    one = answer(text=text, target="bitcoin", span=[15, 22], lang="en")
    assert (one["state"], one["score"], one["mentions"]) == ("scored", -0.5, 1)
    assert [(word["start"], word["end"]) for word in one["explanation"]] == [(23, 28)]
    both = answer(text=text, target="bitcoin", lang="en")
    assert (both["score"], both["mentions"]) == (-0.5, 1)
    assert [word["start"] for word in both["explanation"]] == [8]


@pytest.mark.parametrize("name", ["bitcoin", "Bitcoin", "BITCOIN", "BTC", "btc", "bitcoins"])
def test_a_target_is_a_key_or_any_name_of_it(name: str) -> None:
    """Key, display name, alias or ticker in any case: the mentions are the catalogue's; the answer repeats the name."""
    one = answer(text="$BTC crashes", target=name, lang="en")
    assert (one["target"], one["score"]) == (name, -0.9)


def test_a_target_may_be_any_name_that_occurs() -> None:
    """A literal name needs no catalogue; catalogue mentions beside it are others."""
    scorer = WordListScorer()
    one = answer(scorer, text="Acme Corp wins against Bitcoin", target="acme corp", lang="en")
    assert (one["state"], one["score"], one["label"]) == ("scored", 0.6, "positive")
    assert scorer.read[0].span == (0, 9)
    assert scorer.read[0].others == ((23, 30),)


def test_a_known_name_the_finder_refuses_is_still_taken_literally() -> None:
    """“Powell” without a full name is no mention of the Fed chair, but a caller who asks for Powell gets Powell."""
    assert answer(text="Powell wins", target="Powell", lang="en")["score"] == 0.6
    assert answer(text="Powell wins", target="powell", lang="en")["score"] == 0.6


def test_all_mentions_of_the_target_are_combined() -> None:
    """The plain mean over its mentions, neutral ones included, pronouns followed."""
    one = answer(text="Trump praises it. Trump waits. He wins.", target="trump", lang="en")
    assert one["score"] == pytest.approx((0.8 + 0.0 + 0.6) / 3, abs=1e-4)
    assert [word["word"] for word in one["explanation"]] == ["praises", "wins"]


def test_with_a_span_the_mention_is_exactly_that() -> None:
    """One mention at the offsets, whatever the catalogue says; others of the target in the sentence are `same`."""
    scorer = WordListScorer()
    text = "Trump wins. Melania Trump falls and Trump waits."
    one = answer(scorer, text=text, target="trump", span=[20, 25], lang="en")
    assert one["score"] == -0.5
    (seen,) = scorer.read
    assert seen.text[slice(*seen.span)] == "Trump"
    assert seen.text == "Melania Trump falls and Trump waits."
    assert seen.same == ((24, 29),)
    unnamed = answer(text=text, span=[12, 25], lang="en")
    assert (unnamed["target"], unnamed["state"]) == (None, "scored")


def test_a_span_over_a_sentence_border_is_read_whole() -> None:
    """The mention asked for is never cut, even where the splitter sees two sentences."""
    one = answer(text="We saw Yahoo! Inc. today. It wins.", span=[7, 33], lang="en")
    assert one["score"] == 0.6


def test_without_target_the_tone_of_the_whole_text() -> None:
    """No target, no span: target null and the scorer's own tone; with the rules exactly VADER's compound in English."""
    one = answer(text="Bitcoin wins. Trump attacks.", lang="en")
    assert (one["target"], one["score"], one["label"]) == (None, 0.0, "neutral")
    real = answer(rules.build(), text="What a great day", lang="en")
    assert real["score"] == 0.6249


def test_the_four_states_stay_apart() -> None:
    """scored, no_signal (neutral, no figure), no_mention and unsupported_language (neither)."""

    def told(**record: Any) -> tuple[Any, Any, Any]:
        one = answer(**record)
        return one["state"], one["score"], one["label"]

    assert told(text="Bitcoin wins", target="bitcoin", lang="en") == ("scored", 0.6, "positive")
    assert told(text="Bitcoin is here", target="bitcoin", lang="en") == ("no_signal", None, "neutral")
    assert told(text="Bitcoin wins", target="Trump", lang="en") == ("no_mention", None, None)
    german = "Der Kurs der Aktie ist am Freitag nach dem Bericht deutlich gefallen"
    assert told(text=german, target="Aktie") == ("unsupported_language", None, None)
    assert told(text=german) == ("unsupported_language", None, None)
    assert told(text="Bitcoin is here", lang="en") == ("no_signal", None, "neutral")
    assert told(text="", lang="en") == ("no_signal", None, "neutral")


def test_a_language_given_and_known_is_believed_else_the_text_is_asked() -> None:
    """`lang` decides where the scorer reads it; otherwise the language is told from the text."""
    dutch = "De minister van Justitie zei gisteren dat de koers van Bitcoin daalt"
    assert answer(text=dutch, target="bitcoin", lang="nl")["score"] == -0.5
    assert answer(text=dutch, target="bitcoin", lang="NL-nl")["lang"] == "nl"
    assert answer(text=dutch, target="bitcoin", lang="en")["state"] == "no_signal"
    assert answer(text=dutch, target="bitcoin")["lang"] == "nl"


def test_order_is_kept_and_batches_are_read_in_one_call() -> None:
    """Answers come in the order of the records, `batch` records to a call, lazily."""
    scorer = WordListScorer()
    texts = ["Bitcoin wins", "Bitcoin falls", "Trump waits", "Bitcoin is here", "Bitcoin wins"]
    records = [
        {"id": f"r{number}", "text": text, "target": "bitcoin", "lang": "en"} for number, text in enumerate(texts)
    ]
    taken = []

    def source() -> Iterator[dict[str, Any]]:
        for record in records:
            taken.append(record["id"])
            yield record

    answers = tone_line.score_lines(source(), scorer=scorer, catalogue=CATALOGUE, batch=2)
    assert next(answers)["id"] == "r0"
    assert taken == ["r0", "r1"]
    assert [one["id"] for one in answers] == ["r1", "r2", "r3", "r4"]
    assert scorer.calls == 3


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ([], "line 2"),
        ("text", "line 2"),
        ({"id": 7}, "line 2 (id 7): text"),
        ({"text": 3}, "line 2: text"),
        ({"id": "a", "text": "x", "target": 3}, "line 2 (id 'a'): target"),
        ({"id": "a", "text": "x", "target": " "}, "line 2 (id 'a'): target"),
        ({"id": "a", "text": "x", "lang": 3}, "line 2 (id 'a'): lang"),
        ({"id": "a", "text": "abc", "span": 3}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [0]}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [0, 4]}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [-1, 2]}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [2, 2]}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [0.0, 2]}, "line 2 (id 'a'): span"),
        ({"id": "a", "text": "abc", "span": [False, True]}, "line 2 (id 'a'): span"),
    ],
)
def test_bad_records_are_refused_by_line_and_field(record: Any, field: str) -> None:
    """BadInput tells which line, which id, which field, and what to do."""
    good = {"text": "x", "lang": "en"}
    with pytest.raises(BadInput) as caught:
        list(tone_line.score_lines([good, record], scorer=WordListScorer(), catalogue=CATALOGUE))
    assert caught.value.field == field
    assert caught.value.remedy


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=40), st.sampled_from(["Trump wins, he said.", "İBitcoin’s Bitcoin. He praises Trump"])
    ),
    target=st.one_of(st.none(), st.sampled_from(["trump", "Bitcoin", "he", "’", "("]), st.text(min_size=1, max_size=4)),
    ends=st.one_of(st.none(), st.tuples(st.integers(0, 40), st.integers(0, 40))),
)
def test_any_record_gets_an_answer(text: str, target: str | None, ends: tuple[int, int] | None) -> None:
    """Whatever the strings: one answer, evidence where it says, a figure exactly when scored."""
    record: dict[str, Any] = {"id": None, "text": text, "lang": "en"}
    if target is not None and target.strip():
        record["target"] = target
    if ends is not None and 0 <= min(ends) < max(ends) <= len(text):
        record["span"] = [min(ends), max(ends)]
    one = answer(**record)
    assert (one["score"] is None) == (one["state"] != "scored")
    assert (one["label"] is None) == (one["state"] in ("no_mention", "unsupported_language"))
    assert "span" not in record or one["state"] != "no_mention"
    assert (one["interval"] is None) == (one["probabilities"] is None)
    assert one["mentions"] >= (one["state"] == "scored" and one["target"] is not None)
    for word in one["explanation"]:
        assert text[word["start"] : word["end"]] == word["word"]


def test_lines_are_scored_at_speed() -> None:
    """With the shipped rules, targets and languages given: at least 1,500 lines a second (measured: about 4,000)."""
    sentence = "Bitcoin slides for a third day as the {} says that Binance lacks a licence, case number {}"
    records = [
        {
            "id": number,
            "text": sentence.format("SEC" if number % 2 else "Fed", number),
            "target": "bitcoin",
            "lang": "en",
        }
        for number in range(1_500)
    ]
    scorer = rules.build()
    list(tone_line.score_lines(records[:10], scorer=scorer, catalogue=CATALOGUE))
    times = []
    for _ in range(3):
        begin = time.process_time()
        list(tone_line.score_lines(records, scorer=scorer, catalogue=CATALOGUE))
        times.append(time.process_time() - begin)
    assert len(records) / min(times) >= 1_500
