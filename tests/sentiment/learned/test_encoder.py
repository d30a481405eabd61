"""The encoder scorer over a real (tiny) ONNX model: targets, batches, calibration, tone, explanation, states."""

import math
from pathlib import Path

import numpy as np
import pytest

from service.sentiment.learned.encoder import MOST_SENTENCES, EncoderScorer, build
from service.sentiment.learned.marking import Marked
from service.sentiment.learned.network import batches, pack
from service.sentiment.scorer import Label, MentionContext, Reading, State, identify
from tests.sentiment.learned.tiny import TEMPERATURE, WORDS, write_model

TEXT = "Gold slumps while Bitcoin soars"
GOLD, BITCOIN = MentionContext(TEXT, (0, 4), "en"), MentionContext(TEXT, (18, 25), "en")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> EncoderScorer:
    return build("tiny", write_model(tmp_path_factory.mktemp("models")))


def expected(*words: str, unknown: int = 0) -> tuple[float, ...]:
    """Softmax by hand of what the words bring, and a number of tokens that the vocabulary does not hold (0, ½, 0)."""
    logits = [sum(WORDS[word][at] for word in words) + (unknown / 2 if at == 1 else 0) for at in range(3)]
    powers = [math.exp(logit / TEMPERATURE) for logit in logits]
    return tuple(power / sum(powers) for power in powers)


def test_one_sentence_two_targets_opposite_signs(encoder: EncoderScorer) -> None:
    """The mark decides what is read: each target has a score of its own, from the words after it."""
    gold, bitcoin = encoder.score_mentions([GOLD, BITCOIN])
    assert gold.score is not None
    assert bitcoin.score is not None
    assert (gold.label, bitcoin.label) == (Label.NEGATIVE, Label.POSITIVE)
    assert gold.score < -0.5 < 0.5 < bitcoin.score


def test_probabilities_are_calibrated_and_the_score_follows_from_them(encoder: EncoderScorer) -> None:
    """Softmax of the logits over the card's temperature; score = P(pos) − P(neg)."""
    [one] = encoder.score_mentions([BITCOIN])
    assert one.probabilities == pytest.approx(expected("bitcoin", "soars"), abs=1e-6)
    assert one.score == pytest.approx(one.probabilities[2] - one.probabilities[0], abs=1e-6)  # type: ignore[index]
    assert one.evidence == ()


def test_results_keep_their_order_and_do_not_depend_on_their_neighbours(encoder: EncoderScorer) -> None:
    """Short and long inputs mixed: padding (whose row in the table is loud) and sorting leave no trace."""
    tails = ["soars", "slumps", "falls while gold soars", "soon " * 12 + "soars", "falls", "soars", "soon slumps"]
    contexts = [MentionContext(f"Bitcoin {tail}", (0, 7), "en") for tail in tails]
    alone = [encoder.score_mentions([context])[0] for context in contexts]
    assert encoder.score_mentions(contexts) == alone
    assert encoder.score_mentions(contexts[::-1]) == alone[::-1]
    assert len({reading.score for reading in alone}) == len(set(tails))


def test_unread_ones_stand_in_their_places(encoder: EncoderScorer) -> None:
    """Another language is UNSUPPORTED_LANGUAGE, nothing but the mention is NO_SIGNAL, between scored ones."""
    bare = MentionContext("“Bitcoin” … Bitcoin!", (1, 8), "en", same=((12, 19),))
    dutch = MentionContext("Bitcoin stijgt", (0, 7), "nl")
    readings = encoder.score_mentions([bare, BITCOIN, dutch, MentionContext("Bitcoin soars", (0, 7), "")])
    assert [one.state for one in readings] == [
        State.NO_SIGNAL,
        State.SCORED,
        State.UNSUPPORTED_LANGUAGE,
        State.UNSUPPORTED_LANGUAGE,
    ]
    assert (readings[0].score, readings[0].label, readings[2].label) == (None, Label.NEUTRAL, None)
    assert encoder.score_mentions([]) == []


def test_a_reading_below_the_bar_of_the_card_is_not_sure(encoder: EncoderScorer) -> None:
    """Where nothing leads clearly the reading says so; its score stays."""
    sure, unsure = encoder.score_mentions([BITCOIN, MentionContext("Bitcoin may", (0, 7), "en")])
    assert sure.is_sure
    assert not unsure.is_sure
    assert unsure.score == 0.0
    assert max(unsure.probabilities or ()) == pytest.approx(1 / 3, abs=1e-6)


def test_tone_is_the_mean_of_the_sentences_by_length(encoder: EncoderScorer) -> None:
    """Two sentences of three and five tokens between begin and end: weights 5 and 7."""
    reading = encoder.score_tone("Bitcoin soars!\nGold slumps while Bitcoin falls", "en")
    first, second = expected("soars", unknown=1), expected("gold", "slumps", "falls")
    want = [(5 * one + 7 * other) / 12 for one, other in zip(first, second, strict=True)]
    assert reading.probabilities == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "language", "state"),
    [
        ("", "en", State.NO_SIGNAL),
        ("… — !\n\n***", "en", State.NO_SIGNAL),
        ("Bitcoin stijgt", "nl", State.UNSUPPORTED_LANGUAGE),
        ("Bitcoin soars", "", State.UNSUPPORTED_LANGUAGE),
        ("Bitcoin soars", "en", State.SCORED),
    ],
)
def test_tone_has_its_states(encoder: EncoderScorer, text: str, language: str, state: State) -> None:
    """No words is no signal; a language not on the card is not read."""
    assert encoder.score_tone(text, language).state is state


def test_an_endless_text_costs_no_more_than_its_first_sentences(encoder: EncoderScorer) -> None:
    """What stands behind the first sentences does not count."""
    head = "Bitcoin soars\n" * MOST_SENTENCES
    assert encoder.score_tone(head + "Gold slumps\n" * 5_000, "en") == encoder.score_tone(head, "en")


def test_explanation_names_the_words_that_move_the_score(encoder: EncoderScorer) -> None:
    """Each word but the mention, with the fall of the score when it is left out; offsets are the sentence's."""
    whole = encoder.explain(GOLD)
    assert replace_evidence(whole) == encoder.score_mentions([GOLD])[0]
    weights = {one.word: one.weight for one in whole.evidence}
    assert list(weights) == ["slumps", "while", "Bitcoin", "soars"]
    assert weights["slumps"] < -0.5 < 0 < weights["soars"]
    assert weights["while"] == weights["Bitcoin"] == 0
    assert all(TEXT[one.start : one.end] == one.word and one.rule == "left_out" for one in whole.evidence)
    [without] = encoder.score_mentions([MentionContext("Gold  while Bitcoin soars", (0, 4), "en")])
    assert weights["slumps"] == pytest.approx((whole.score or 0) - (without.score or 0))


def replace_evidence(reading: Reading) -> Reading:
    return Reading(reading.state, reading.score, reading.label, (), reading.probabilities, reading.is_sure)


def test_explanation_of_what_is_not_scored_has_no_words(encoder: EncoderScorer) -> None:
    """Nothing to leave out, or not read: the plain reading."""
    assert encoder.explain(MentionContext("Bitcoin", (0, 7), "en")).state is State.NO_SIGNAL
    assert encoder.explain(MentionContext("Bitcoin stijgt", (0, 7), "nl")).evidence == ()


def test_a_card_may_ask_to_hide_the_name(tmp_path: Path, encoder: EncoderScorer) -> None:
    """With `hide` two names read alike; without, the name's own weight counts."""
    names = [MentionContext("Gold soars", (0, 4), "en"), MentionContext("Bitcoin soars", (0, 7), "en")]
    hidden = build("tiny", write_model(tmp_path, hide=True)).score_mentions(names)
    shown = encoder.score_mentions(names)
    assert hidden[0].score == hidden[1].score
    assert shown[0].score != shown[1].score


def test_the_version_changes_with_whatever_changes_an_output(tmp_path: Path, encoder: EncoderScorer) -> None:
    """Name and sum of the weights are in it; temperature and bar are; what is told of metrics is not."""

    def version(folder: str, **changes: object) -> str:
        return build("tiny", write_model(tmp_path / folder, **changes)).version

    assert identify(encoder).startswith("tiny/1-")
    assert version("told", metrics={"mt": 86.0}) == encoder.version
    others = [version("a", temperature=1.5), version("b", abstain_below=0.6), version("c", version="2")]
    assert len({encoder.version, *others}) == 4


@pytest.mark.parametrize(
    ("lengths", "budget", "want"),
    [
        ([], 10, []),
        ([3, 1, 2], 100, [[1, 2, 0]]),
        ([5, 5, 1, 1, 1], 10, [[2, 3, 4], [0, 1]]),
        ([50, 1], 10, [[1], [0]]),
        ([4, 4, 4], 8, [[0, 1], [2]]),
    ],
)
def test_batches_are_of_like_length_and_within_the_budget(
    lengths: list[int], budget: int, want: list[list[int]]
) -> None:
    """Shortest first; rows × longest ≤ budget; a row longer than the budget goes alone."""
    assert list(batches(lengths, budget)) == want


def test_packed_places_sum_to_one_and_padding_is_masked() -> None:
    """The contract with the model, row by row."""
    fed = pack([Marked((0, 7, 8, 9, 1), (1, 3)), Marked((0, 7, 1), (0,))], pad=2)
    assert fed["ids"].tolist() == [[0, 7, 8, 9, 1], [0, 7, 1, 2, 2]]
    assert fed["mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert fed["places"].tolist() == [[0, 0.5, 0, 0.5, 0], [1, 0, 0, 0, 0]]
    assert (fed["ids"].dtype, fed["mask"].dtype, fed["places"].dtype) == (np.int64, np.int64, np.float32)
