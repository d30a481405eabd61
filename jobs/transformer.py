"""The one door to torch and transformers: a folder with a classifier in, logits of texts or pairs out.

texts ─▶ token ids ─▶ by length ─▶ batches padded to their longest ─▶ model ─▶ logits in the order of the texts
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from service.errors import ModelFailed

READING: Final = "1"  # version of how texts are cut and fed; raise it whenever an output could change
LIBRARIES: Final = ("torch", "transformers", "safetensors")
_SPARE: Final = 2  # positions that models of the RoBERTa kind keep for themselves


def missing_libraries() -> list[str]:
    """The libraries of the extra `hub` that are not installed; looks for them without importing them."""
    return [name for name in LIBRARIES if find_spec(name) is None]


class Transformer:
    """A sequence classifier and its tokenizer, read from `folder` alone: no network, no code that the folder brings."""

    def __init__(self, folder: Path, *, max_tokens: int, batch: int, threads: int) -> None:
        """Inputs longer than `max_tokens`, or than the model can read, are cut at the end of the text.

        `threads` is set for the whole process. Raises `ModelFailed` where transformers cannot load the folder, or
        finds weights missing in it.
        """
        import torch
        import transformers
        from safetensors import SafetensorError
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        torch.set_num_threads(threads)
        given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, **given)
            self._model, told = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype=torch.float32, output_loading_info=True, **given
            )
        except (OSError, ValueError, RuntimeError, ImportError, LookupError, SafetensorError) as error:
            said = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            failure = f"model {folder}: transformers {transformers.__version__} cannot load it: {said}"
            raise ModelFailed("model_unreadable", failure) from error
        if told["missing_keys"]:
            lacking = ", ".join(sorted(told["missing_keys"])[:3])
            raise ModelFailed("model_damaged", f"model {folder}: its weights lack {lacking}; it would answer at random")
        if self._tokenizer.pad_token_id is None:
            raise ModelFailed("model_unreadable", f"model {folder}: its tokenizer has no token for padding")
        self._model.eval()
        positions = getattr(self._model.config, "max_position_embeddings", None)
        room = positions - _SPARE if isinstance(positions, int) and positions > _SPARE else max_tokens
        self._longest = int(min(max_tokens, self._tokenizer.model_max_length, room))
        self._batch = batch

    def __call__(self, texts: Sequence[str], targets: Sequence[str] | None) -> NDArray[np.float64]:
        """Logits (texts × labels of the model), in order; with `targets` of the pairs of text and target."""
        import torch

        rows = self._encode(list(texts), None if targets is None else list(targets))
        order = sorted(range(len(rows)), key=lambda at: len(rows[at]["input_ids"]))
        found = np.zeros((len(rows), self._model.config.num_labels))
        for start in range(0, len(order), self._batch):
            chosen = order[start : start + self._batch]
            fed = self._tokenizer.pad([rows[at] for at in chosen], return_tensors="pt")
            with torch.inference_mode():
                found[chosen] = self._model(**fed).logits.numpy()
        return found

    def _encode(self, texts: list[str], targets: list[str] | None) -> list[dict[str, Any]]:
        cut = True if targets is None else "only_first"
        encoded = self._tokenizer(texts, targets, truncation=cut, max_length=self._longest)
        return [{name: column[at] for name, column in encoded.items()} for at in range(len(texts))]
