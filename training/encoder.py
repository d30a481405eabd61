"""One encoder fitted on every set at once: `python -m training.encoder KIND MODELS OUT [--seed N] [--taught FILE]`.

`mpnet` is the large English one and the teacher, `minilm` the small English one, `e5` the Dutch one.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from training import lessons
from training.backbones import Backbone, tokenize_with, word_piece
from training.evaluation import report
from training.finetune import Recipe, fit
from training.multilingual import english_and_dutch


@dataclass(frozen=True, slots=True)
class Plan:
    """How often the lessons are gone through, and how; `languages` are those it is measured in."""

    passes: int
    recipe: Recipe
    languages: tuple[str, ...] = ("en",)


PLANS: Final = {
    "mpnet": Plan(2, Recipe(rate=4e-5, steps=0, batch=32, hide=0.6, swap=0.1)),
    "minilm": Plan(3, Recipe(rate=1.5e-4, steps=0, batch=32, hide=0.7, swap=0.1, gold_weight=0.3)),
    "e5": Plan(2, Recipe(rate=1.2e-4, steps=0, batch=32, hide=0.6, swap=0.1), ("nl", "en")),
}


def backbone_of(kind: str, models: Path) -> Backbone:
    """The encoder a kind starts from, out of the folder that `training.backbones` laid."""
    return english_and_dutch(models / "e5") if kind == "e5" else word_piece(models / kind)


def main() -> None:
    """Fit, print the development figures after each pass, save the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(PLANS))
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=int, help="instead of the plan's")
    parser.add_argument("--taught", type=Path, help="what `training.teach` wrote; for minilm and e5")
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    backbone = backbone_of(asked.kind, asked.models)
    plan = PLANS[asked.kind]
    plan = replace(plan, passes=asked.passes or plan.passes)
    if asked.kind == "e5":
        count, passes = lessons.dutch(plan.passes, asked.seed, asked.taught)
    elif asked.taught is not None:
        count, passes = lessons.taught(plan.passes, asked.taught)
    else:
        count, passes = lessons.plain(plan.passes)
    steps = plan.passes * -(-count // plan.recipe.batch)
    recipe = replace(plan.recipe, steps=steps, seed=asked.seed)
    print(f"{count} lessons a pass, {steps} steps", flush=True)

    def after(reader: torch.nn.Module) -> None:
        torch.save(reader.state_dict(), asked.out)
        told = report(reader, tokenize_with(backbone.tokenizer), backbone.alphabet, plan.languages)
        print(told, flush=True)

    fit(backbone, passes, recipe, after_pass=after, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
