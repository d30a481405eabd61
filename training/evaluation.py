"""How well an encoder reads the sets it never learned from, name shown and name hidden."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from service.sentiment.learned.marking import Alphabet, Pieces, mark
from service.sentiment.scorer import Label, MentionContext
from training.examples import Example, calibration_set, ecosent, newsmtsc, sentfin
from training.network import logits_of

CHECKLISTS: Final = Path(__file__).resolve().parents[1] / "tests" / "sentiment"


def checklist(language: str) -> list[Example]:
    """Sentences kept in the suite that no weight saw: label, then text with [target] and {others}."""
    from tests.sentiment.checklist import MARK

    signs = {"-": 0, "0": 1, "+": 2}
    examples = []
    for line in (CHECKLISTS / f"checklist_{language}.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        text, span, place, rest = "", (0, 0), 0, line[2:]
        for found in MARK.finditer(rest):
            text += rest[place : found.start()]
            name = found[1] or found[2]
            if found[1]:
                span = (len(text), len(text) + len(name))
            text += name
            place = found.end()
        text += rest[place:]
        examples.append(Example("checklist", MentionContext(text, span, language), signs[line[0]], language))
    return examples


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
