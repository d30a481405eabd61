"""What a fitted encoder thinks of every English lesson and of unlabelled news, for a smaller one to learn from.

`python -m training.teach MODELS WEIGHTS OUT.npz`: rows of probabilities (−, 0, +), names hidden, in the order of
`english(training_set())` (`lessons`) and of `unlabelled()` (`unlabelled`). About a quarter of an hour on two cores.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from service.sentiment.learned.marking import mark
from service.sentiment.scorer import MentionContext
from training.backbones import Backbone, tokenize_with, word_piece
from training.examples import Example, training_set
from training.lessons import english
from training.network import Reader, logits_of
from training.unlabelled import unlabelled


def probabilities(reader: Reader, backbone: Backbone, contexts: Sequence[MentionContext | str]) -> NDArray[np.float32]:
    """Rows × 3, in the order of `contexts`."""
    rows = mark(contexts, tokenize_with(backbone.tokenizer), backbone.alphabet, hide=True)
    shares: NDArray[np.float32] = torch.softmax(logits_of(reader, rows, backbone.alphabet), dim=-1).numpy()
    return shares


def main() -> None:
    """Read everything once and save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    backbone = word_piece(asked.models / "mpnet")
    reader = Reader(backbone.encoder, backbone.width)
    reader.load_state_dict(torch.load(asked.weights, map_location="cpu"))
    reader.eval()
    lessons: list[Example] = english(training_set())
    known = probabilities(reader, backbone, [one.context for one in lessons])
    gold = np.array([one.label for one in lessons])
    print(f"{len(lessons)} lessons, agrees with {np.mean(known.argmax(1) == gold):.3f} of their labels", flush=True)
    more = unlabelled()
    print(f"{len(more)} unlabelled mentions", flush=True)
    np.savez(asked.out, lessons=known, unlabelled=probabilities(reader, backbone, more))


if __name__ == "__main__":
    main()
