"""How well an encoder reads the sets it never learned from, name shown and name hidden."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from service.sentiment.learned.marking import Alphabet, Pieces, mark
from service.sentiment.scorer import Label
from training.examples import Example, calibration_set, ecosent, newsmtsc, sentfin
from training.network import logits_of


def checklist(language: str) -> list[Example]:
    """Sentences kept in the suite that no weight saw."""
    from tests.sentiment.checklist import load

    return [Example("checklist", context, tuple(Label).index(label), language) for context, label, _ in load(language)]


def development(languages: Sequence[str]) -> dict[str, list[Example]]:
    """The development sets by name."""
    sets: dict[str, list[Example]] = {}
    if "en" in languages:
        sets |= {
            "newsmtsc mt": list(newsmtsc("dev_mt")),
            "newsmtsc rw": list(newsmtsc("dev_rw")),
            "sentfin": list(sentfin(held_out=True)),
            "checklist en": checklist("en"),
        }
    if "nl" in languages:
        sets |= {"ecosent": list(ecosent(held_out=True)), "checklist nl": checklist("nl")}
    own = [example for example in calibration_set() if example.language in languages]
    for source in sorted({example.source for example in own}):
        sets[f"aside {source}"] = [example for example in own if example.source == source]
    return sets


def macro_f1(gold: Tensor, found: Tensor) -> float:
    """Over the three classes."""
    scores = []
    for label in range(len(Label)):
        hits = float(((gold == label) & (found == label)).sum())
        total = float((gold == label).sum() + (found == label).sum())
        scores.append(2 * hits / total if total else 0.0)
    return sum(scores) / len(scores)


def report(
    reader: Callable[..., Tensor],
    tokenize: Pieces,
    alphabet: Alphabet,
    languages: Sequence[str] = ("en",),
    *,
    half: bool = True,
) -> str:
    """A line a set: rows, macro-F1 and accuracy with the name shown and hidden."""
    lines = []
    for name, examples in development(languages).items():
        gold = torch.tensor([example.label for example in examples])
        cells = []
        for hide in (False, True):
            rows = mark([example.context for example in examples], tokenize, alphabet, hide=hide)
            found = logits_of(reader, rows, alphabet, half=half).argmax(-1)
            cells.append(f"F1 {macro_f1(gold, found):.3f} acc {float((gold == found).float().mean()):.3f}")
        lines.append(f"{name:<20} {len(examples):>5}  {cells[0]}   hidden {cells[1]}")
    return "\n".join(lines)
