"""The stable surface of `newscandle tone`: records in, answers out, in order; refusals name line and field."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput
from service.sentiment import rules, targets, tone_line
from service.sentiment.scorer import Scorer
from tests.fakes import WordListScorer

CATALOGUE = targets.load()


def answer(scorer: Scorer | None = None, **record: Any) -> dict[str, Any]:
    (one,) = tone_line.score_lines([{"id": 1, **record}], scorer=scorer or WordListScorer(), catalogue=CATALOGUE)
    return one


def test_the_answer_has_the_promised_fields() -> None:
    """Exactly the eight fields, JSON-able, score to four decimals, explanation in offsets of the text."""
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
    }
    assert json.loads(json.dumps(one)) == one
    assert list(one) == ["id", "target", "lang", "state", "score", "label", "scorer", "explanation"]


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
