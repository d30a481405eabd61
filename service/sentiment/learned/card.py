"""What the card of an encoder says about reading with it, and the version that follows from card and weights."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from service.errors import ModelFailed
from service.sentiment.learned.marking import Alphabet
from service.sentiment.learned.models import ModelFolder
from service.sentiment.learned.pooled import Pool

CARD: Final = "card.json"
MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Card:
    """How one encoder is read.

    Logits are divided by `temperature`; a likeliest class below `abstain_below` (0…1) is not sure; with `hide` the
    target's name is hidden from the encoder; with a `pool` its probabilities are pooled with the linear scorer's.
    """

    name: str
    version: str
    languages: frozenset[str]
    temperature: float
    abstain_below: float
    hide: bool
    alphabet: Alphabet
    pool: Pool | None = None


def read_card(model: ModelFolder) -> Card:
    """The card of `model`. Raises `ModelFailed` where the card is not one."""
    try:
        told = json.loads(model.read(CARD))
        return Card(
            told["name"],
            told["version"],
            frozenset(told["languages"]),
            float(told["temperature"]),
            float(told["abstain_below"]),
            bool(told["hide"]),
            Alphabet(**told["alphabet"]),
            Pool(**told["pool"]) if "pool" in told else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFailed("model_damaged", f"model {model.name}: {CARD} cannot be used: {error}") from error


def version_of(card: Card, model: ModelFolder, reading: str) -> str:
    """`<card version>-<first 8 hex of the sha256 of model.onnx>-<4 hex>`, computed without reading the weights.

    The last four stand for all else an output depends on: the tokenizer, the card's settings, and `reading`, the
    version of the code that reads. Words and figures on the card that change no output change no version.
    """
    settings = (reading, model.sum_of(TOKENIZER), card.temperature, card.abstain_below, card.hide, card.alphabet)
    rest = hashlib.sha256(repr((*settings, sorted(card.languages))).encode()).hexdigest()
    return f"{card.version}-{model.sum_of(MODEL)[:8]}-{rest[:4]}"
