"""Fitted weights as the small ONNX file that ships: `python -m training.quantise KIND MODELS WEIGHTS OUT`.

Linear layers become blocks of 4 or 8 bits (`MatMulNBits`, computed in int8), the word table blocks of 4 bits.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from service.sentiment.learned.marking import Alphabet, mark
from training.backbones import Backbone, tokenize_with
from training.encoder import backbone_of
from training.evaluation import report
from training.examples import calibration_set
from training.network import Reader, logits_of, pack

BLOCK: Final = 32
_IR_OF_INT4: Final = 10
SHIPPED: Final = {
    "mpnet": ("encoder-large", ("en",)),
    "minilm": ("encoder-small", ("en",)),
    "e5": ("encoder-dutch", ("nl",)),
}


def export(reader: Reader, backbone: Backbone, path: Path) -> None:
    """The reader as an fp32 ONNX graph with free numbers of rows and tokens."""
    rows = mark(
        ["One line to trace the graph with.", "And another."], tokenize_with(backbone.tokenizer), backbone.alphabet
    )
    batch = pack(rows, backbone.alphabet)
    free = {0: "rows", 1: "tokens"}
    torch.onnx.export(
        reader.eval(),
        (batch.ids, batch.mask, batch.places),
        str(path),
        input_names=["ids", "mask", "places"],
        output_names=["logits"],
        dynamic_axes={"ids": free, "mask": free, "places": free, "logits": {0: "rows"}},
        opset_version=17,
        dynamo=False,
    )


def quantise(path: Path, out: Path, *, eight: Sequence[str] = (), four: bool = True) -> None:
    """`path` with its linear layers in blocks: 8 bits for those whose name holds one of `eight`, else 4."""
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    model = onnx.load(str(path))
    products = [node.name for node in model.graph.node if node.op_type == "MatMul"]
    wide = [name for name in products if not four or any(part in name for part in eight)]
    for bits, left_out in ((8, [name for name in products if name not in wide]), (4, [])):
        settings = DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=bits)
        quantiser = MatMulNBitsQuantizer(model, bits=bits, nodes_to_exclude=left_out, algo_config=settings)
        quantiser.process()
        model = quantiser.model.model
    _shrink_table(model)
    onnx.save(model, str(out))


def _shrink_table(model: onnx.ModelProto) -> None:
    """The word table as blocks of 4 bits with an fp16 scale each, unpacked for the rows that are gathered.

    The scale is an eighth of the weight furthest from 0, as in the blocks multilingual-e5-small comes in: its table
    passes unchanged.
    """
    tables = {one.name: one for one in model.graph.initializer if len(one.dims) == 2 and one.dims[0] > 20_000}
    for node in list(model.graph.node):
        if node.op_type != "Gather" or node.input[0] not in tables:
            continue
        name = node.input[0]
        small, scale = _in_blocks(numpy_helper.to_array(tables[name]).astype(np.float32))
        model.graph.initializer.remove(tables[name])
        packed = (small[:, 0::2] & 15) | ((small[:, 1::2] & 15) << 4)
        model.graph.initializer.extend(
            [
                helper.make_tensor(
                    f"{name}.int4", TensorProto.INT4, small.shape, packed.astype(np.uint8).tobytes(), raw=True
                ),
                numpy_helper.from_array(scale.astype(np.float16), f"{name}.scale"),
            ]
        )
        place = list(model.graph.node).index(node)
        found, ids = node.output[0], node.input[1]
        gather = helper.make_node(
            "GatherBlockQuantized",
            [f"{name}.int4", ids, f"{name}.scale"],
            [f"{found}.half"],
            domain="com.microsoft",
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )
        model.graph.node.remove(node)
        model.graph.node.insert(place, helper.make_node("Cast", [f"{found}.half"], [found], to=TensorProto.FLOAT))
        model.graph.node.insert(place, gather)
    if model.ir_version < _IR_OF_INT4:
        model.ir_version = _IR_OF_INT4


def _in_blocks(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers −8…7 of the table's shape, and a scale for every `BLOCK` of a row."""
    blocks = table.reshape(len(table), -1, BLOCK)
    furthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[:, :, None], axis=2)
    scale = (furthest / -8).astype(np.float16).astype(np.float32)
    safe = np.where(scale == 0, 1, scale)
    whole = np.clip(np.round(blocks / safe), -8, 7).astype(np.int8)
    return whole.reshape(table.shape), scale[:, :, 0]


def session_reader(path: Path, threads: int = 1) -> Any:
    """The shipped file as a function from a batch to logits, as the product runs it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def read(ids: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        fed = {"ids": ids.numpy(), "mask": mask.numpy(), "places": places.numpy()}
        return torch.from_numpy(session.run(["logits"], fed)[0])

    return read


def fit_temperature(logits: Tensor, gold: Tensor) -> float:
    """The temperature with the least log-loss."""
    chosen = torch.linspace(0.5, 4.0, 351)
    losses = torch.stack([nn.functional.cross_entropy(logits / one, gold) for one in chosen])
    return round(float(chosen[int(losses.argmin())]), 2)


def calibrate(read: Any, backbone: Backbone, languages: Sequence[str]) -> float:
    """A temperature from the slice set aside, names hidden as the product hides them."""
    examples = [example for example in calibration_set() if example.language in languages]
    rows = mark(
        [example.context for example in examples], tokenize_with(backbone.tokenizer), backbone.alphabet, hide=True
    )
    gold = torch.tensor([example.label for example in examples])
    return fit_temperature(logits_of(read, rows, backbone.alphabet, half=False), gold)


def card(name: str, languages: Sequence[str], temperature: float, alphabet: Alphabet) -> dict[str, Any]:
    """What the product needs to know to read with the weights; the rest of the card is added by hand."""
    return {
        "name": name,
        "version": "1",
        "languages": list(languages),
        "temperature": temperature,
        "abstain_below": 0.5,
        "hide": True,
        "alphabet": asdict(alphabet),
    }


def main() -> None:
    """Export, quantise, calibrate, print the figures of the shipped file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(SHIPPED))
    parser.add_argument("models", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--eight", nargs="*", default=["attn", "attention"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="no figures")
    asked = parser.parse_args()
    backbone = backbone_of(asked.kind, asked.models)
    name, languages = SHIPPED[asked.kind]
    reader = Reader(backbone.encoder, backbone.width)
    reader.load_state_dict(torch.load(asked.weights, map_location="cpu"))
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        export(reader, backbone, plain)
        quantise(plain, asked.out / "model.onnx", eight=asked.eight)
    backbone.tokenizer.no_padding()
    backbone.tokenizer.no_truncation()
    backbone.tokenizer.save(str(asked.out / "tokenizer.json"), pretty=False)
    read = session_reader(asked.out / "model.onnx", asked.threads)
    print(f"{(asked.out / 'model.onnx').stat().st_size / 1e6:.1f} MB")
    temperature = 1.0 if asked.quick else calibrate(read, backbone, languages)
    described = card(name, languages, temperature, backbone.alphabet)
    (asked.out / "card.json").write_text(json.dumps(described, indent=2) + "\n")
    if asked.quick:
        rows = mark(
            [one.context for one in calibration_set()[:40]], tokenize_with(backbone.tokenizer), backbone.alphabet
        )
        gap = (
            logits_of(read, rows, backbone.alphabet, half=False)
            - logits_of(reader, rows, backbone.alphabet, half=False)
        ).abs()
        print("largest difference of logits", float(gap.max()), "mean", float(gap.mean()))
    else:
        print(report(read, tokenize_with(backbone.tokenizer), backbone.alphabet, languages, half=False))


if __name__ == "__main__":
    main()
