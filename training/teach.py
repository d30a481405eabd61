"""What the large encoder thinks of every English lesson and of unlabelled news, for a smaller one to learn from.

`python -m training.teach FOLDER OUT.npz`: FOLDER holds the quantised teacher with its card, as it ships. Rows of
probabilities (−, 0, +) in the order of `english(training_set())` (`lessons`) and of `unlabelled()` (`unlabelled`).
About 20 minutes on one core; needs no PyTorch.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.sentiment.learned.card import read_card
from service.sentiment.learned.marking import mark
from service.sentiment.learned.models import open_model
from service.sentiment.learned.network import Network
from service.sentiment.learned.outcomes import softmax
from service.sentiment.scorer import MentionContext
from training.examples import training_set
from training.lessons import english
from training.unlabelled import unlabelled

_AT_ONCE = 4_096


class Teacher:
    """A packaged encoder, asked for its probabilities alone."""

    def __init__(self, folder: Path) -> None:
        model = open_model(folder.name, folder.parent)
        self._card = read_card(model)
        self._network = Network(model, self._card.alphabet)

    def answer(self, contexts: Sequence[MentionContext | str]) -> NDArray[np.float32]:
        """Rows × 3, calibrated, in the order of `contexts`."""
        found = []
        for first in range(0, len(contexts), _AT_ONCE):
            part = contexts[first : first + _AT_ONCE]
            rows = mark(part, self._network.tokenize, self._card.alphabet, hide=self._card.hide)
            found.append(softmax(self._network.logits(rows), self._card.temperature))
            print(f"{first + len(part)} of {len(contexts)} read", flush=True)
        return np.concatenate(found).astype(np.float32)


def main() -> None:
    """Read everything once and save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    teacher = Teacher(asked.folder)
    lessons = english(training_set())
    known = teacher.answer([one.context for one in lessons])
    gold = np.array([one.label for one in lessons])
    print(f"{len(lessons)} lessons, agrees with {np.mean(known.argmax(1) == gold):.3f} of their labels", flush=True)
    np.savez(asked.out, lessons=known, unlabelled=teacher.answer(unlabelled()))


if __name__ == "__main__":
    main()
