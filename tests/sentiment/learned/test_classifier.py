"""A classifier somebody else made, read through a function that gives its logits: labels, pairs, names, states."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from service.errors import BadInput
from service.sentiment.learned import hiding
from service.sentiment.learned.classes import read_classes
from service.sentiment.learned.classifier import MOST_SENTENCES, Classifier, ClassifierScorer
from service.sentiment.scorer import Label, MentionContext, State

NEGATIVE, NEUTRAL, POSITIVE = Label
ENGLISH = frozenset({"en"})
TEXT = "Gold slumps while Bitcoin soars"
GOLD, BITCOIN = MentionContext(TEXT, (0, 4), "en"), MentionContext(TEXT, (18, 25), "en")


class Counting:
    """Three logits (positive, negative, neutral) from the words of the text, or of its part from the target on."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def __call__(self, texts: Sequence[str], targets: Sequence[str] | None) -> NDArray[np.float64]:
        pairs = list(zip(texts, targets or [None] * len(texts), strict=True))
        self.asked += pairs
        return np.array([self._weigh(text[text.index(target) :] if target else text) for text, target in pairs])

    def _weigh(self, text: str) -> tuple[float, float, float]:
        words = text.lower().split()
        return 2.0 * words.count("soars"), 3.0 * words.count("slumps"), 1.0


def a_scorer(
    classes: tuple[Label, ...] = (POSITIVE, NEGATIVE, NEUTRAL), **more: object
) -> tuple[ClassifierScorer, Counting]:
    counting = Counting()
    return ClassifierScorer(Classifier("hub-tiny", "1", ENGLISH, classes, **more), lambda: counting), counting  # type: ignore[arg-type]


def softmax(*logits: float) -> list[float]:
    powers = [math.exp(logit) for logit in logits]
    return [power / sum(powers) for power in powers]


def test_labels_come_in_the_models_order_and_probabilities_in_ours() -> None:
    scorer, _ = a_scorer(temperature=2.0)
    [one] = scorer.score_mentions([MentionContext("Bitcoin soars", (0, 7), "en")])
    positive, negative, neutral = softmax(1.0, 0.0, 0.5)
    assert one.probabilities == pytest.approx((negative, neutral, positive), abs=1e-6)
    assert one.score == pytest.approx(positive - negative, abs=1e-6)
    assert (one.state, one.label, one.is_sure, one.evidence) == (State.SCORED, POSITIVE, True, ())


def test_labels_of_one_class_are_summed_and_a_class_may_have_none() -> None:
    scorer, _ = a_scorer((POSITIVE, NEGATIVE, POSITIVE))
    [one] = scorer.score_mentions([MentionContext("Bitcoin soars", (0, 7), "en")])
    positive, negative, neutral = softmax(2.0, 0.0, 1.0)
    assert one.probabilities == pytest.approx((negative, 0.0, positive + neutral), abs=1e-6)


def test_a_sequence_classifier_gives_the_targets_of_a_sentence_one_score_and_reads_it_once() -> None:
    scorer, counting = a_scorer()
    gold, bitcoin = scorer.score_mentions([GOLD, BITCOIN])
    assert gold == bitcoin
    assert counting.asked == [(TEXT, None)]


def test_a_targeted_classifier_reads_the_pair() -> None:
    scorer, counting = a_scorer(is_targeted=True)
    gold, bitcoin = scorer.score_mentions([GOLD, BITCOIN])
    assert counting.asked == [(TEXT, "Gold"), (TEXT, "Bitcoin")]
    assert (gold.label, bitcoin.label) == (NEGATIVE, POSITIVE)


def test_hidden_names_cannot_be_read() -> None:
    """Neither in the sentence nor in the pair; the same words said of anybody are one reading."""
    scorer, counting = a_scorer(is_targeted=True, hide=True)
    same = [MentionContext(f"{name} soars", (0, len(name)), "en") for name in ("Bitcoin", "Tesla")]
    first, second = scorer.score_mentions(same)
    assert first == second
    assert counting.asked == [(f"{hiding.TARGET} soars", hiding.TARGET)]


def test_unread_ones_stand_in_their_places() -> None:
    scorer, _ = a_scorer()
    dutch, bare = MentionContext("Bitcoin stijgt", (0, 7), "nl"), MentionContext("Bitcoin!", (0, 7), "en")
    assert [one.state for one in scorer.score_mentions([dutch, BITCOIN, bare])] == [
        State.UNSUPPORTED_LANGUAGE,
        State.SCORED,
        State.NO_SIGNAL,
    ]
    assert scorer.score_mentions([]) == []


def test_tone_is_the_mean_of_the_sentences_by_length_and_asks_for_no_pair() -> None:
    scorer, counting = a_scorer(is_targeted=True)
    tone = scorer.score_tone("Bitcoin soars now. Gold slumps.", "en")
    up, down = softmax(2.0, 0.0, 1.0), softmax(0.0, 0.0, 1.0)  # "slumps." is no word this one knows
    lengths = [len(text) for text, _ in counting.asked]
    assert [target for _, target in counting.asked] == [None, None]
    assert tone.probabilities is not None
    assert tone.probabilities[2] == pytest.approx(np.average([up[0], down[0]], weights=lengths), abs=1e-6)
    assert scorer.score_tone("…", "en").state is State.NO_SIGNAL
    assert scorer.score_tone("Goud daalt.", "nl").state is State.UNSUPPORTED_LANGUAGE


def test_an_endless_text_is_read_so_far_and_no_further() -> None:
    scorer, counting = a_scorer()
    scorer.score_tone(" ".join(f"Story number {number} soars." for number in range(100)), "en")
    assert len(counting.asked) == MOST_SENTENCES


def test_the_model_is_opened_at_the_first_reading_and_once() -> None:
    opened = []

    def open_model() -> Counting:
        opened.append(1)
        return Counting()

    scorer = ClassifierScorer(Classifier("hub-tiny", "1", ENGLISH, (POSITIVE, NEGATIVE, NEUTRAL)), open_model)
    scorer.score_mentions([MentionContext("Bitcoin stijgt", (0, 7), "nl")])
    assert opened == []
    scorer.score_mentions([BITCOIN])
    scorer.score_mentions([GOLD])
    assert opened == [1]


@pytest.mark.parametrize(
    ("labels", "told", "meant"),
    [
        (["positive", "negative", "neutral"], {}, (POSITIVE, NEGATIVE, NEUTRAL)),
        (["Negative", "Neutral", "POSITIVE "], {}, (NEGATIVE, NEUTRAL, POSITIVE)),
        (["NEG", "NEU", "POS"], {}, (NEGATIVE, NEUTRAL, POSITIVE)),
        (["NEGATIVE", "POSITIVE"], {}, (NEGATIVE, POSITIVE)),
        (["Bearish", "Neutral", "Bullish"], {}, (NEGATIVE, NEUTRAL, POSITIVE)),
        (["LABEL_0", "LABEL_1"], {"LABEL_0": POSITIVE, "label_1": NEGATIVE}, (POSITIVE, NEGATIVE)),
        (
            ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
            {"1 star": NEGATIVE, "2 stars": NEGATIVE, "3 stars": NEUTRAL, "4 stars": POSITIVE, "5 stars": POSITIVE},
            (NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE),
        ),
        (["positive", "negative"], {"positive": NEGATIVE, "negative": POSITIVE}, (NEGATIVE, POSITIVE)),
    ],
)
def test_labels_are_understood(labels: list[str], told: dict[str, Label], meant: tuple[Label, ...]) -> None:
    assert read_classes(labels, told, "scorers.mine.labels") == meant


@pytest.mark.parametrize(
    ("labels", "told", "said"),
    [
        (["LABEL_0", "LABEL_1"], {}, ("what LABEL_0, LABEL_1 means", "'LABEL_0', 'LABEL_1'", '"LABEL_0" = "neutral"')),
        (["positive", "negative", "mixed"], {}, ("what mixed means", '"mixed" = ')),
        (["positive", "negative"], {"bad": NEGATIVE}, ("has no label bad", "'positive', 'negative'")),
        (["positive", "neutral"], {}, ("one for positive", '"positive" = "positive"')),
        ([], {}, ("one for positive",)),
    ],
)
def test_labels_that_mean_nothing_known_are_named_with_the_remedy(
    labels: list[str], told: dict[str, Label], said: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as caught:
        read_classes(labels, told, "scorers.mine.labels")
    for words in ("scorers.mine.labels", "labels = {", "[scorers.NAME]", *said):
        assert words in str(caught.value)
