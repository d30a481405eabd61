"""An encoder pooled with the linear scorer: a real tiny encoder, the packaged linear weights, the product by hand."""

from pathlib import Path

import numpy as np
import pytest

from service.sentiment.learned import encoder, linear
from service.sentiment.learned.pooled import Pool, PooledScorer, pool_of
from service.sentiment.scorer import MentionContext, State
from tests.sentiment.learned.tiny import write_model

TEXT = "Gold slumps while Bitcoin soars"
BITCOIN = MentionContext(TEXT, (18, 25), "en")
POOL = {"own": 0.7, "linear": 0.4}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of one tiny model whose card asks for the pool."""
    return write_model(tmp_path, pool=POOL)


def test_the_pool_is_the_weighted_product_of_both(models: Path) -> None:
    """p ∝ encoder^0.7 · linear^0.4, and the score follows from it."""
    both, alone = encoder.build_as_read("tiny", models), encoder.build("tiny", models)
    [first], [second], [pooled] = (one.score_mentions([BITCOIN]) for one in (alone, linear.build(), both))
    assert first.probabilities is not None
    assert second.probabilities is not None
    product = [a**0.7 * b**0.4 for a, b in zip(first.probabilities, second.probabilities, strict=True)]
    wanted = [one / sum(product) for one in product]
    assert pooled.probabilities == pytest.approx(wanted, abs=1e-5)
    assert pooled.score == pytest.approx(wanted[2] - wanted[0], abs=1e-5)


def test_a_card_without_a_pool_reads_alone(tmp_path: Path) -> None:
    """The encoder itself comes back."""
    assert isinstance(encoder.build_as_read("tiny", write_model(tmp_path)), encoder.EncoderScorer)


def test_the_version_names_both_and_moves_with_the_pool(models: Path) -> None:
    """Another share of the linear scorer is another version; the name stays the encoder's."""
    pooled = encoder.build_as_read("tiny", models)
    alone = encoder.build("tiny", models)
    assert linear.build().version in pooled.version
    assert pooled.name == alone.name
    other = PooledScorer(alone, linear.build(), Pool(0.7, 0.5), 0.5)
    assert other.version != pooled.version


def test_what_one_cannot_say_the_other_does(models: Path) -> None:
    """Words the linear scorer never met: the encoder's reading stands. No word at all, another language: as ever."""
    pooled, alone = encoder.build_as_read("tiny", models), encoder.build("tiny", models)
    strange = MentionContext("Bitcoin qqxzv", (0, 7), "en")
    assert linear.build().score_mentions([strange])[0].state is State.NO_SIGNAL
    assert pooled.score_mentions([strange]) == alone.score_mentions([strange])
    bare, foreign = MentionContext("Bitcoin!", (0, 7), "en"), MentionContext("Bitcoin fällt", (0, 7), "de")
    states = [reading.state for reading in pooled.score_mentions([bare, foreign])]
    assert states == [State.NO_SIGNAL, State.UNSUPPORTED_LANGUAGE]
    assert pooled.score_tone("Bitcoin fällt", "de").state is State.UNSUPPORTED_LANGUAGE


def test_the_explanation_leaves_out_words_of_the_pooled_reading(models: Path) -> None:
    """Each weight is the pooled score's fall without that word."""
    pooled = encoder.build_as_read("tiny", models)
    assert isinstance(pooled, PooledScorer)
    told = pooled.explain(BITCOIN)
    without = MentionContext("Gold slumps while Bitcoin", (18, 25), "en")
    [whole], [less] = pooled.score_mentions([BITCOIN]), pooled.score_mentions([without])
    weights = {one.word: one.weight for one in told.evidence}
    assert whole.score is not None
    assert weights["soars"] == pytest.approx(whole.score - (less.score or 0.0), abs=0.02)  # a space more is left
    assert told.score == whole.score


def test_the_pool_is_a_distribution_and_survives_zeros() -> None:
    """A flat zero of one does not silence the other; rows sum to one; powers of (1, 0) give the first."""
    rows = pool_of(Pool(0.5, 0.5), np.array([[0.0, 0.2, 0.8], [1.0, 0.0, 0.0]]), np.array([[0.9, 0.1, 0.0]] * 2))
    assert rows.sum(axis=1) == pytest.approx([1, 1])
    assert (rows > 0).all()
    same = pool_of(Pool(1.0, 0.0), np.array([0.1, 0.2, 0.7]), np.array([0.9, 0.1, 0.0]))
    assert same == pytest.approx([0.1, 0.2, 0.7])
