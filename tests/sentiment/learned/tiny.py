"""A real encoder of a few hundred bytes: a bag of words that counts only what stands from the target on.

The ONNX file is written field by field as protobuf (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), so the
tests need no library that the product does not use:

ids ─▶ Gather(table) ─────────────────────────────┐
places ─▶ CumSum(tokens) ─▶ × Cast(mask) ─▶ Unsqueeze ─▶ MatMul ─▶ Squeeze ─▶ logits
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

SPECIAL = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[OPEN]", "[CLOSE]", "[NAME]")
WORDS = {  # logits of negative, neutral, positive that a word brings
    "soars": (0.0, 0.0, 3.0),
    "slumps": (6.0, 0.0, 0.0),
    "falls": (2.0, 0.0, 0.0),
    "may": (0.5, 0.5, 0.5),
    "while": (0.0, 0.0, 0.0),
    "bitcoin": (0.0, 0.0, 0.0),
    "gold": (0.0, 0.0, 0.25),
}
VOCABULARY = {word: at for at, word in enumerate((*SPECIAL, *WORDS))}
FLOAT, INT64 = 1, 7
TEMPERATURE = 2.0


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def field(number: int, value: int | str | bytes) -> bytes:
    """One protobuf field: integers as varints, text and messages with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def node(operation: str, inputs: tuple[str, ...], output: str, **numbers: int) -> bytes:
    """NodeProto in a GraphProto, with whole-number attributes."""
    attributes = b"".join(field(5, field(1, name) + field(3, value) + field(20, 2)) for name, value in numbers.items())
    told = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, operation) + attributes
    return field(1, told)


def constant(name: str, kind: int, shape: tuple[int, ...], raw: bytes) -> bytes:
    """TensorProto as an initializer."""
    return field(5, b"".join(field(1, size) for size in shape) + field(2, kind) + field(8, name) + field(9, raw))


def value_info(name: str, kind: int, *sizes: str | int) -> bytes:
    """ValueInfoProto of a tensor; a size that is text is free."""
    shape = b"".join(field(1, field(2, size) if isinstance(size, str) else field(1, size)) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def onnx_bytes() -> bytes:
    """The model; the table's rows for padding and unknown words are loud, so that a lost mask shows."""
    loud = {"[PAD]": (9.0, 9.0, -9.0), "[UNK]": (0.0, 0.5, 0.0)}
    rows = [{**WORDS, **loud}.get(word, (0.0, 0.0, 0.0)) for word in VOCABULARY]
    table = b"".join(struct.pack("<3f", *row) for row in rows)
    one = struct.pack("<q", 1)
    graph = (
        node("Gather", ("table", "ids"), "words", axis=0)
        + node("CumSum", ("places", "axis"), "from_target")
        + node("Cast", ("mask",), "shown", to=FLOAT)
        + node("Mul", ("from_target", "shown"), "counted")
        + node("Unsqueeze", ("counted", "axes"), "row")
        + node("MatMul", ("row", "words"), "sum")
        + node("Squeeze", ("sum", "axes"), "logits")
        + field(2, "tiny")
        + constant("table", FLOAT, (len(rows), 3), table)
        + constant("axis", INT64, (), one)
        + constant("axes", INT64, (1,), one)
        + field(11, value_info("ids", INT64, "rows", "tokens"))
        + field(11, value_info("mask", INT64, "rows", "tokens"))
        + field(11, value_info("places", FLOAT, "rows", "tokens"))
        + field(12, value_info("logits", FLOAT, "rows", 3))
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def tokenizer_text() -> str:
    """Lower-cased words and marks, one id each."""
    made = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.enable_truncation(4)  # what a shipped file may have left on: reading has to turn it off
    made.enable_padding(length=8)
    return made.to_str()


def card(**changes: Any) -> dict[str, Any]:
    """A card for it."""
    alphabet = {"begin": 0, "end": 1, "pad": 2, "opening": 4, "closing": 5, "hidden": 6, "longest": 32}
    told = {"name": "tiny", "version": "1", "languages": ["en"], "temperature": TEMPERATURE, "abstain_below": 0.5}
    return {**told, "hide": False, "alphabet": alphabet, **changes}


def write_model(root: Path, name: str = "tiny", **changes: Any) -> Path:
    """`root` with the model `name` and a manifest over its files; `changes` go on the card."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(onnx_bytes())
    (folder / "tokenizer.json").write_text(tokenizer_text(), encoding="utf-8")
    (folder / "card.json").write_text(json.dumps(card(name=name, **changes)), encoding="utf-8")
    write_manifest(root)
    return root


def write_manifest(root: Path) -> None:
    """The sums of all files as they are now."""
    files = sorted(path for path in root.glob("*/*"))
    sums = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (root / "manifest.json").write_text(json.dumps(sums), encoding="utf-8")
