"""Which lessons each kind of encoder goes through, pass by pass."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from training.examples import NEUTRAL, Example, training_set
from training.finetune import Lesson
from training.unlabelled import unlabelled

ABROAD: Final = 8_000  # English lessons in a pass of the Dutch encoder: it learns what a target is from them

Passes = list[Callable[[], Sequence[Lesson]]]


def english(examples: Sequence[Example]) -> list[Example]:
    """The English ones, in their order."""
    return [example for example in examples if example.language == "en"]


def plain(passes: int) -> tuple[int, Passes]:
    """Every English lesson in every pass; with how many a pass has."""
    lessons = [Lesson(one) for one in english(training_set())]
    return len(lessons), [lambda: lessons] * passes


def taught(passes: int, answers: Path) -> tuple[int, Passes]:
    """English lessons with a teacher's answers beside their labels, and unlabelled news with the answers alone."""
    lessons = _answered(answers)
    return len(lessons), [lambda: lessons] * passes


def _answered(answers: Path) -> list[Lesson]:
    told = np.load(answers)
    known = english(training_set())
    fresh = [Example("unlabelled", context, NEUTRAL) for context in unlabelled()]
    lessons = []
    for examples, rows in ((known, told["lessons"]), (fresh, told["unlabelled"])):
        if len(examples) != len(rows):
            raise SystemExit(
                f"{answers}: {len(rows)} answers for {len(examples)} texts; let the teacher read them anew"
            )
        for example, row in zip(examples, rows, strict=True):
            lessons.append(Lesson(example, (float(row[0]), float(row[1]), float(row[2]))))
    return lessons


def dutch(passes: int, seed: int, answers: Path | None = None) -> tuple[int, Passes]:
    """Every Dutch lesson twice a pass, and another part of the English ones (taught, if `answers`) each time."""
    every = training_set()
    own = [Lesson(one) for one in every if one.language == "nl"]
    others = [Lesson(one) for one in english(every)] if answers is None else _answered(answers)
    chance = random.Random(seed)
    chosen = [chance.sample(others, ABROAD) for _ in range(passes)]
    return 2 * len(own) + ABROAD, [lambda part=part: [*own, *own, *part] for part in chosen]  # type: ignore[misc]
