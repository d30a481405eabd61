"""How sure a passage's label is, and by which set of rules it was made."""

import functools
import hashlib
import importlib.resources
import tomllib
from collections.abc import Mapping
from typing import Final

LABELLING_VERSION: Final = 3  # raised whenever the code labels some text otherwise with the same rules
PRIOR: Final = (9, 10)  # what a rule is taken for before any line of it was labelled: nine right of ten


@functools.cache
def find_digest() -> str:
    """16 hex digits of the rules, their measured precision and LABELLING_VERSION: kept with every passage."""
    texts = (_read("passages.toml"), _read("precision.toml"), str(LABELLING_VERSION))
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def rate(rule: str) -> float:
    """The share (0–1) of the lines that `rule` labels which a reader labels so too.

    (right + 9) / (labelled + 10), counted on the pages labelled by hand (`python -m benchmarks.passages`): a rule of
    which no line was labelled has the prior 0.9, one with many has what was measured.
    """
    right, labelled = _load().get(rule, (0, 0))
    return (right + PRIOR[0]) / (labelled + PRIOR[1])


@functools.cache
def _load() -> Mapping[str, tuple[int, int]]:
    """Of each rule how many of its labelled lines were right, and how many lines that is."""
    counts = tomllib.loads(_read("precision.toml"))["lines"]
    return {rule: (right, labelled) for rule, (right, labelled) in counts.items()}


def _read(name: str) -> str:
    return importlib.resources.files("service.news.passage").joinpath(name).read_text(encoding="utf-8")
