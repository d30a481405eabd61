"""The linear scorer with its packaged weights: exact sums, blind to names, apart toward two targets, calibrated."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks.sets import data_folder, newsmtsc
from service.errors import ModelFailed
from service.sentiment import explain
from service.sentiment.learned import linear
from service.sentiment.learned.hiding import OTHER, TARGET, hide
from service.sentiment.learned.models import ModelFolder, open_model, packaged
from service.sentiment.scorer import Label, MentionContext, Reading, State
from tests.sentiment.checklist import DUTCH, ENGLISH, read

CASES = [context for lines, language in ((ENGLISH, "en"), (DUTCH, "nl")) for context, _, _ in read(lines, language)]


@pytest.fixture(scope="module")
def scorer() -> linear.LinearScorer:
    return linear.build()


def context(text: str, name: str, language: str = "en", other: str = "") -> MentionContext:
    """A mention of `name` in `text`, with another target's."""
    start = text.index(name)
    others = ((text.index(other), text.index(other) + len(other)),) if other else ()
    return MentionContext(text, (start, start + len(name)), language, (), others)


def log_odds(reading: Reading) -> float:
    assert reading.probabilities is not None
    return math.log(reading.probabilities[2] / reading.probabilities[0])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_evidence_and_bias_sum_to_the_log_odds(scorer: linear.LinearScorer, language: str) -> None:
    """Every word's share is exact: with the bias they are log P(+)/P(−), for mentions and for whole texts."""
    cases = [case for case in CASES if case.language == language]
    for case, reading in zip(cases, scorer.score_mentions(cases), strict=True):
        shares = math.fsum(one.weight for one in reading.evidence)
        assert shares + scorer.bias(language) == pytest.approx(log_odds(reading), abs=1e-9)
        tone = scorer.score_tone(case.text, language)
        shares = math.fsum(one.weight for one in tone.evidence)
        assert shares + scorer.bias(language, is_tone=True) == pytest.approx(log_odds(tone), abs=1e-9)


def test_score_label_and_probabilities_agree(scorer: linear.LinearScorer) -> None:
    """Probabilities sum to one; the score is P(+) − P(−), the label the likeliest class, sure from a half up."""
    for reading in scorer.score_mentions(CASES):
        assert reading.state is State.SCORED
        assert reading.probabilities is not None
        negative, _, positive = reading.probabilities
        assert math.fsum(reading.probabilities) == pytest.approx(1.0)
        assert reading.score == pytest.approx(positive - negative)
        assert reading.label is tuple(Label)[int(np.argmax(reading.probabilities))]
        assert reading.is_sure is (max(reading.probabilities) >= 0.5)


def test_evidence_points_at_its_words(scorer: linear.LinearScorer) -> None:
    """Spans index the given text, names of any length before them; the target's own words weigh nothing."""
    for case, reading in zip(CASES, scorer.score_mentions(CASES), strict=True):
        for one in reading.evidence:
            assert case.text[one.start : one.end] == one.word
            assert one.end <= case.span[0] or one.start >= case.span[1]


def test_same_input_same_output_alone_or_in_a_batch(scorer: linear.LinearScorer) -> None:
    """Nothing carries over from one mention to the next, and a second scorer says the same to the last bit."""
    shuffled = random.Random(4).sample(CASES, len(CASES))
    again = dict(zip(shuffled, linear.build().score_mentions(shuffled), strict=True))
    for case, reading in zip(CASES, scorer.score_mentions(CASES), strict=True):
        assert again[case] == reading == scorer.score_mentions([case])[0]


@pytest.mark.parametrize(
    ("text", "language", "praised", "blamed"),
    [
        ("Trump praises Bitcoin while attacking Bukele", "en", "Bitcoin", "Bukele"),
        ("Solana rallies as Ether slips", "en", "Solana", "Ether"),
        ("Solana klimt terwijl Ether zakt", "nl", "Solana", "Ether"),
    ],
)
def test_two_targets_of_one_sentence_get_opposite_signs(
    scorer: linear.LinearScorer, text: str, language: str, praised: str, blamed: str
) -> None:
    good, bad = scorer.score_mentions(
        [context(text, praised, language, blamed), context(text, blamed, language, praised)]
    )
    assert good.score is not None
    assert bad.score is not None
    assert good.score > 0.1 > -0.1 > bad.score


@pytest.mark.parametrize("name", ["Hitler", "Ban Ki-moon", "May", "The Great Crash Fund", "X", "Ravi", "fraud.com"])
@pytest.mark.parametrize(
    ("template", "language"),
    [
        ("Markets fell on Tuesday after {} spoke about the budget.", "en"),
        ("{}'s plan pleased investors", "en"),
        ("Beleggers schrokken dinsdag van {}, zegt de bank.", "nl"),
    ],
)
def test_no_name_changes_anything(scorer: linear.LinearScorer, name: str, template: str, language: str) -> None:
    """Whoever is named, target or other: the same probabilities, even where the name is a loaded word."""
    usual, swapped = template.format("Jansen"), template.format(name)
    expected, found = scorer.score_mentions([context(usual, "Jansen", language), context(swapped, name, language)])
    assert found.probabilities == expected.probabilities
    assert [one.weight for one in found.evidence] == [one.weight for one in expected.evidence]
    about = [
        context(f"{template.format(one)} Ether was named too", "Ether", language, other=one) for one in ("Jansen", name)
    ]
    first, second = scorer.score_mentions(about)
    assert first.probabilities == second.probabilities


def test_other_language_is_unsupported(scorer: linear.LinearScorer) -> None:
    reading = scorer.score_mentions([context("Der Bitcoin stürzt ab", "Bitcoin", "de")])[0]
    assert reading == scorer.score_tone("Der Bitcoin stürzt ab", "de")
    assert reading.state is State.UNSUPPORTED_LANGUAGE
    assert reading.score is reading.label is reading.probabilities is None


@pytest.mark.parametrize("text", ["", " ", "\n\t", "🙂", "Zqxvkj wqzzk"])
def test_nothing_known_is_no_signal(scorer: linear.LinearScorer, text: str) -> None:
    """Empty or made of nothing learned: no signal, never a zero."""
    tone = scorer.score_tone(text, "en")
    assert (tone.state, tone.score, tone.label) == (State.NO_SIGNAL, None, Label.NEUTRAL)
    assert scorer.score_mentions([MentionContext("Bitcoin", (0, 7), "en")])[0].state is State.NO_SIGNAL


def test_names_are_hidden_once_and_found_back() -> None:
    """The mention wins over a longer name around it; glued letters are parted; every word finds its old place."""
    text = "The Bitcoin Foundation likes bitcoinkoers and BTC"
    hidden = hide(MentionContext(text, (29, 36), "en", ((46, 49),), ((0, 22), (4, 11), (25, 36))))
    assert hidden.text == f"{OTHER} likes {TARGET} koers and {TARGET}"
    assert [hidden.text[start:end] for start, end in (*hidden.own, *hidden.others)] == [TARGET, TARGET, OTHER]
    for word in ("likes", "koers", "and"):
        start = hidden.text.index(word)
        first, last = hidden.back((start, start + len(word)))
        assert text[first:last] == word
    assert hidden.back(hidden.own[0]) == (29, 36)


def test_long_text_without_stops_is_read(scorer: linear.LinearScorer) -> None:
    """A page of words is one reading, its sum still exact."""
    page = "Bitcoin " + "falls and rises and falls, " * 2000
    reading = scorer.score_mentions([context(page, "Bitcoin")])[0]
    assert reading.probabilities is not None
    assert all(0 <= one <= 1 for one in reading.probabilities)


def test_an_explanation_names_the_heaviest_words(scorer: linear.LinearScorer) -> None:
    reading = scorer.score_mentions([context("Hackers drain millions from Bybit as shares plunge", "Bybit")])[0]
    line = explain.sentence(reading)
    assert "“plunge”" in line or "“Hackers”" in line
    assert "learned from examples" in line


def test_weights_are_small_and_the_card_tells_their_data() -> None:
    folder = packaged().joinpath("linear")
    assert sum(len(one.read_bytes()) for one in folder.iterdir()) <= 2_000_000
    card = json.loads(folder.joinpath("card.json").read_bytes())
    assert card["licence"] == "MIT"
    assert {"newsmtsc mt", "newsmtsc rw", "sentfin held out", "ecosent held out"} <= card["metrics"].keys()


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    """A table of another size is not read, even where its sum is right."""
    import hashlib

    np.savez(
        tmp_path / "weights.npz",
        weights=np.zeros((4, 2), np.int8),
        scale=np.float32(1),
        bias=np.zeros((4, 2)),
        checks=np.zeros(4, np.uint8),
    )
    (tmp_path / "card.json").write_bytes(open_model("linear").read("card.json"))
    sums = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in tmp_path.iterdir()}
    with pytest.raises(ModelFailed, match="not a table of this release"):
        linear.load(ModelFolder("linear", tmp_path, sums))


@pytest.mark.data
@pytest.mark.skipif(not (data_folder() / "sentiment" / "newsmtsc").is_dir(), reason="NewsMTSC is not here")
def test_figures_of_the_card_hold_on_the_development_set(scorer: linear.LinearScorer) -> None:
    """Accuracy on NewsMTSC rw is the card's: features are read as they were when the weights were fitted."""
    rows = list(newsmtsc(data_folder() / "sentiment" / "newsmtsc" / "dev_rw.jsonl"))
    readings = scorer.score_mentions([row for row, _ in rows])
    right = sum(reading.label is label for reading, (_, label) in zip(readings, rows, strict=True))
    card = json.loads(packaged().joinpath("linear", "card.json").read_bytes())
    assert right / len(rows) == pytest.approx(card["metrics"]["newsmtsc rw"]["accuracy"], abs=0.015)
