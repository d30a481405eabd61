"""The one door to onnxruntime and tokenizers: marked inputs in, logits out, on one thread.

rows ─▶ by length ─▶ batches under a token budget ─▶ padded arrays ─▶ session ─▶ logits in the order of the rows
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from service.errors import ModelFailed
from service.sentiment.learned.card import MODEL, TOKENIZER
from service.sentiment.learned.marking import Alphabet, Marked
from service.sentiment.learned.models import ModelFolder

LIBRARIES: Final = ("onnxruntime", "tokenizers")
BUDGET: Final = 512  # tokens of a batch, padding included: bounds memory; larger ones brought no speed


def is_installed() -> bool:
    """Whether the libraries of the extra `neural` are there; looks for them without importing them."""
    return all(find_spec(name) is not None for name in LIBRARIES)


class Network:
    """A session over the weights of `model`, and its tokenizer; made once, about half a second for the large one."""

    def __init__(self, model: ModelFolder, alphabet: Alphabet) -> None:
        """Raises `ModelFailed` where a file is missing or damaged, or the installed runtime cannot run the model."""
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                model.read(MODEL), options, providers=["CPUExecutionProvider"]
            )
        except (state.Fail, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented) as error:
            told = f"model {model.name}: onnxruntime {onnxruntime.__version__} cannot run {MODEL}; upgrade onnxruntime"
            raise ModelFailed("model_unreadable", told) from error
        self._tokenizer = Tokenizer.from_buffer(model.read(TOKENIZER))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._pad = alphabet.pad

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special tokens."""
        return [one.ids for one in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def logits(self, rows: Sequence[Marked], *, budget: int = BUDGET) -> NDArray[np.float64]:
        """Logits (rows × 3: negative, neutral, positive), in the order of `rows`."""
        found = np.zeros((len(rows), 3))
        for chosen in batches([len(row.ids) for row in rows], budget):
            fed = pack([rows[at] for at in chosen], self._pad)
            found[chosen] = self._session.run(["logits"], fed)[0]
        return found


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Places in `lengths`, shortest first, cut so that a batch padded to its longest holds at most `budget` tokens.

    A single row longer than the budget is a batch of its own.
    """
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > budget:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def pack(rows: Sequence[Marked], pad: int) -> dict[str, NDArray[Any]]:
    """The model's three inputs for `rows`, padded to the longest: ids, mask, and places that sum to 1 in each row."""
    shape = (len(rows), max(len(row.ids) for row in rows))
    ids = np.full(shape, pad, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    places = np.zeros(shape, dtype=np.float32)
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = row.ids
        mask[at, : len(row.ids)] = 1
        places[at, list(row.places)] = 1 / len(row.places)
    return {"ids": ids, "mask": mask, "places": places}
