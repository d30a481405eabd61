"""A model of the user's own as a scorer: find its files, check what they are, name their version. Loads nothing yet.

Model ─▶ folder (the user's, or fetched) ─▶ config.json ─▶ classes of its labels ─▶ sums ─▶ ClassifierScorer
                                                    at the first reading: Transformer(folder) ◀─┘
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jobs import transformer
from jobs.model_hub import DESCRIPTIONS, WEIGHTS, fetch_model
from jobs.models import HUB, Model
from service.errors import BadInput
from service.sentiment.learned import classifier
from service.sentiment.learned.classes import read_classes
from service.sentiment.learned.classifier import Classifier, ClassifierScorer
from service.sentiment.scorer import Label, Scorer

CONFIG: Final = "config.json"
HEAD: Final = "ForSequenceClassification"
WORDS: Final = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")  # without any, transformers knows no word


@dataclass(frozen=True, slots=True)
class Found:
    """A model that may be opened: how it is read, and the folder with its files."""

    classifier: Classifier
    folder: Path


def build(name: str, model: Model, base: Path) -> Scorer:
    """The scorer over `model`, asked for as `name`. Raises as `find`, and `BadInput` where the extra `hub` is missing.

    Weights that turn out unusable are `ModelFailed`, at the first reading.
    """
    if missing := transformer.missing_libraries():
        told = f"needs {' and '.join(missing)}, not installed here; install the package extra hub: pip install '.[hub]'"
        raise BadInput(_field(name), model.model, told)
    found = find(name, model, base)

    def open_model() -> transformer.Transformer:
        return transformer.Transformer(
            found.folder, max_tokens=model.max_tokens, batch=model.batch, threads=model.threads
        )

    return ClassifierScorer(found.classifier, open_model)


def find(name: str, model: Model, base: Path) -> Found:
    """The files of `model` and what they say; relative folders start at `base`. A model of the hub may be fetched.

    Raises `BadInput` where the folder or a file of it is missing, it holds another kind of model, or its labels mean
    nothing known; `FetchFailed` where the hub does not answer.
    """
    field = _field(name)
    folder = _locate(model, base, field)
    classes = read_classes(_read_labels(folder, field), model.labels, f"{field.removesuffix('.model')}.labels")
    read = Classifier(
        name=_name(name, model, folder),
        version=_version(folder, model, classes, field),
        languages=frozenset(model.languages),
        classes=classes,
        is_targeted=model.kind == "targeted",
        hide=model.hide_names,
        temperature=model.temperature,
    )
    return Found(read, folder)


def _field(name: str) -> str:
    return "scorer" if name.startswith(HUB) else f"scorers.{name}.model"


def _locate(model: Model, base: Path, field: str) -> Path:
    if model.folder is None:
        return fetch_model(*model.remote, field)
    folder = (base / model.folder).resolve()
    if not folder.is_dir():
        raise BadInput(field, str(folder), "there is no such folder")
    return folder


def _read_labels(folder: Path, field: str) -> list[str]:
    """The labels of the model in the order of its logits. Raises `BadInput` where it is no sentence classifier."""
    config = _read_config(folder, field)
    architectures = config.get("architectures") or []
    if architectures and not any(str(one).endswith(HEAD) for one in architectures):
        raise BadInput(
            field, str(folder), f"holds a {architectures[0]}; a scorer needs a classifier of texts (…{HEAD})"
        )
    if config.get("problem_type") not in (None, "single_label_classification"):
        raise BadInput(field, str(folder), f"its labels do not exclude one another ({config['problem_type']})")
    labels = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}  # what transformers takes for unsaid
    try:
        return [str(labels[key]) for key in sorted(labels, key=int)]
    except (TypeError, ValueError) as error:
        raise BadInput(field, str(folder), f"{CONFIG} has no table id2label of numbers and labels") from error


def _read_config(folder: Path, field: str) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError) as error:
        told = f"has no readable {CONFIG}; name a folder as save_pretrained of transformers writes it"
        raise BadInput(field, str(folder), told) from error
    if not isinstance(config, dict):
        raise BadInput(field, str(folder), f"{CONFIG} is not a table")
    return config


def _name(name: str, model: Model, folder: Path) -> str:
    """`hub-` and the table's name, or a plain spelling of the model's: it becomes part of file names."""
    told = name if not name.startswith(HUB) else (folder.name if model.folder else model.remote[0])
    return "hub-" + re.sub(r"[^a-z0-9._-]+", "-", told.lower())


def _version(folder: Path, model: Model, classes: tuple[Label, ...], field: str) -> str:
    """`<8 hex of the weights>-<8 hex of all else an output depends on>`: other files, settings, the code that reads.

    Batch and threads are not in it: they move a probability by less than the last decimal kept.
    """
    weights = next((found for found in (sorted(folder.glob(one)) for one in WEIGHTS) if found), None)
    if weights is None:
        raise BadInput(field, str(folder), f"holds no weights ({' or '.join(WEIGHTS)})")
    if not any(found for one in WORDS for found in folder.glob(one)):
        raise BadInput(field, str(folder), f"holds no tokenizer ({' or '.join(WORDS)})")
    others = sorted({path for pattern in DESCRIPTIONS for path in folder.glob(pattern)})
    told = (
        classifier.READING,
        transformer.READING,
        [(path.name, _sum(path)) for path in others],
        model.kind,
        sorted(model.languages),
        [label.value for label in classes],
        model.hide_names,
        model.temperature,
        model.max_tokens,
    )
    summed = hashlib.sha256("".join(_sum(path) for path in weights).encode()).hexdigest()
    return f"{summed[:8]}-{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


def _sum(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
