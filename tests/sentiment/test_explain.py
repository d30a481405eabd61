"""The words of an explanation: value, mentions, heaviest words with weight and rule, in English and Dutch."""

import json

from service.sentiment import explain, rules
from service.sentiment.score import Mention, MentionForm, MentionScore, Score
from service.sentiment.scorer import Evidence, Label, MentionContext, Reading, State

PLUNGES = Evidence("plunges", 8, 15, -0.61, "lexicon:market")
FEARS = Evidence("fears", 20, 25, 0.2, "lexicon:market inverted clause")
MENTION = Mention("bitcoin", 0, 7, MentionForm.ALIAS)


def make_score(*groups: tuple[Evidence, ...], state: State = State.SCORED, value: float | None = -0.42) -> Score:
    items = tuple(MentionScore(MENTION, State.SCORED, value, Label.NEGATIVE, group) for group in groups)
    return Score("bitcoin", state, value, Label.NEGATIVE, 80, ("in_title",), items)


def test_a_score_is_told_in_one_line() -> None:
    """Value, name, number of mentions, and each word with its weight and its rule in plain words."""
    said = explain.sentence(make_score((PLUNGES,), (FEARS,), ()), name="Bitcoin")
    assert said == (
        "−0.42 toward Bitcoin from 3 mentions: “plunges” −0.61 (market word), “fears” +0.20 "
        "(market word, turned round, as with a bad thing that falls, from another clause)"
    )


def test_the_same_in_dutch() -> None:
    """Dutch readers get Dutch words."""
    said = explain.sentence(make_score((PLUNGES,)), name="Bitcoin", language="nl")
    assert said == "−0.42 over Bitcoin uit 1 vermelding: “plunges” −0.61 (beurswoord)"


def test_heaviest_words_come_first_each_once_and_no_more_than_five() -> None:
    """Two mentions of one sentence share its words: a word is told once, with its greatest weight."""
    many = tuple(Evidence(f"w{place}", place * 10, place * 10 + 2, 0.1 * place, "listed_rule") for place in range(1, 8))
    said = explain.sentence(make_score(many, (Evidence("w7", 70, 72, 0.3, "listed_rule"),)), name="Bitcoin")
    assert said.endswith(
        "“w7” +0.70 (listed rule), “w6” +0.60 (listed rule), “w5” +0.50 (listed rule), "
        "“w4” +0.40 (listed rule), “w3” +0.30 (listed rule), and 2 more"
    )


def test_states_without_a_figure_say_why() -> None:
    """No figure is ever made up: each state has words of its own."""
    silent = make_score((), state=State.NO_SIGNAL, value=None)
    assert explain.sentence(silent, name="Bitcoin") == "no opinion of Bitcoin found in 1 mention"
    assert (
        explain.sentence(silent, name="Bitcoin", language="nl") == "geen oordeel over Bitcoin gevonden in 1 vermelding"
    )
    unread = Reading(State.UNSUPPORTED_LANGUAGE, None, None)
    assert explain.sentence(unread) == "not read: the scorer does not know this language"
    assert explain.sentence(Reading(State.NO_SIGNAL, None, Label.NEUTRAL)) == "no word of judgement found"
    absent = make_score(state=State.NO_MENTION, value=None)
    assert explain.sentence(absent, name="Trump") == "Trump is not mentioned"


def test_a_tone_and_a_learned_figure_are_told_too() -> None:
    """A whole text has no target; a scorer without words says so; a value that rounds to nothing has no sign."""
    tone = Reading(State.SCORED, 0.5, Label.POSITIVE, (PLUNGES,))
    assert explain.sentence(tone) == "+0.50 in tone: “plunges” −0.61 (market word)"
    learned = make_score((), value=-0.001)
    assert explain.sentence(learned, name="Bitcoin") == "0.00 toward Bitcoin from 1 mention: no single words stand out"


def test_every_rule_of_the_shipped_scorer_has_words_in_both_languages() -> None:
    """No code of the rule scorer reaches a reader: each that these sentences raise is in both lists."""
    texts = (
        "Bitcoin is not good, Trump said, but it plunges on a very bad hack.",
        "Would Bitcoin surge while fears ease and it could crash?",
        "Although critics warn, Bitcoin soars; unemployment remains high, the SEC said.",
        "Bitcoin keldert niet, zei Trump, maar de angst verdwijnt; een zeer mooie bitcoincrash zou kunnen stijgen.",
    )
    scorer = rules.build()
    contexts = [MentionContext(text, (0, 7), language) for text in texts for language in ("en", "nl")]
    codes = {code for one in scorer.score_mentions(contexts) for word in one.evidence for code in word.rule.split()}
    assert len(codes) > 5
    for code in codes:
        for language in ("en", "nl"):
            item = Evidence("x", 0, 1, 1.0, code)
            said = explain.sentence(make_score((item,)), name="Bitcoin", language=language)
            assert f"({code.replace('_', ' ')})" not in said or code == "negated", code


def test_records_are_plain_values_in_order_and_each_once() -> None:
    """What programs read: word, offsets, weight to four decimals, rule; JSON-able; duplicates fall together."""
    record = explain.as_record(Evidence("plunges", 8, 15, -0.612345, "lexicon:market"))
    assert record == {"word": "plunges", "start": 8, "end": 15, "weight": -0.6123, "rule": "lexicon:market"}
    records = explain.as_records([FEARS, PLUNGES, FEARS])
    assert [one["word"] for one in records] == ["plunges", "fears"]
    assert json.loads(json.dumps(records)) == records
