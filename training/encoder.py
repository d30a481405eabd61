"""One English encoder fitted on every set at once: `python -m training.encoder KIND MODELS OUT [--seed N]`.

`mpnet` is the large one (and the teacher of small ones), `minilm` the small one.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from training.backbones import tokenize_with, word_piece
from training.evaluation import report
from training.examples import Example, training_set
from training.finetune import Lesson, Recipe, fit


@dataclass(frozen=True, slots=True)
class Plan:
    """How often the lessons are gone through, and how."""

    passes: int
    recipe: Recipe


PLANS: Final = {
    "mpnet": Plan(2, Recipe(rate=4e-5, steps=0, batch=32, hide=0.6, swap=0.1)),
    "minilm": Plan(3, Recipe(rate=1.2e-4, steps=0, batch=32, hide=0.2, swap=0.15)),
}


def english(examples: Sequence[Example]) -> list[Lesson]:
    """The lessons an English encoder is given."""
    return [Lesson(example) for example in examples if example.language == "en"]


def main() -> None:
    """Fit, print the development figures after each pass, save the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(PLANS))
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0, help="lessons (0: all), to try the road")
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    backbone = word_piece(asked.models / asked.kind)
    lessons = english(training_set())
    if asked.limit:
        lessons = lessons[:: len(lessons) // asked.limit][: asked.limit]
    plan = PLANS[asked.kind]
    steps = plan.passes * -(-len(lessons) // plan.recipe.batch)
    recipe = replace(plan.recipe, steps=steps, seed=asked.seed)
    print(f"{len(lessons)} lessons, {steps} steps", flush=True)

    def after(reader: torch.nn.Module) -> None:
        torch.save(reader.state_dict(), asked.out)
        print(report(reader, tokenize_with(backbone.tokenizer), backbone.alphabet), flush=True)

    fit(backbone, [lambda: lessons] * plan.passes, recipe, after_pass=after, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
