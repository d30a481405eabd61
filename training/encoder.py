"""The teacher: MPNet fitted on every English set at once. `python -m training.teacher MODELS OUT [--seed N]`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training.backbones import Backbone, tokenize_with, word_piece
from training.evaluation import report
from training.examples import Example, training_set
from training.finetune import Lesson, Recipe, fit

PASSES = 2
BATCH = 32


def english(examples: Sequence[Example]) -> list[Lesson]:
    """The lessons the English encoders are given."""
    return [Lesson(example) for example in examples if example.language == "en"]


def main() -> None:
    """Fit, print the development figures after each pass, save the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0)
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    backbone: Backbone = word_piece(asked.models / "mpnet")
    lessons = english(training_set())
    if asked.limit:
        lessons = lessons[:: len(lessons) // asked.limit][: asked.limit]
    steps = PASSES * -(-len(lessons) // BATCH)
    recipe = Recipe(rate=4e-5, steps=steps, batch=BATCH, seed=asked.seed, hide=0.2, swap=0.15, frozen=3)
    print(f"{len(lessons)} lessons, {steps} steps", flush=True)

    def after(reader: torch.nn.Module) -> None:
        torch.save(reader.state_dict(), asked.out)
        print(report(reader, tokenize_with(backbone.tokenizer), backbone.alphabet), flush=True)

    fit(backbone, [lambda: lessons] * PASSES, recipe, after_pass=after, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
