"""The one door to packaged weights: files under `models/<name>/`, each checked against the manifest before use."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from service.errors import ModelFailed

MANIFEST: Final = "manifest.json"
_REMEDY: Final = "install newscandle again"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The files of one model; `sums` holds the sha256 (64 hex digits) each must have."""

    name: str
    folder: Traversable
    sums: Mapping[str, str]

    def sum_of(self, file: str) -> str:
        """The sha256 that `file` must have, without reading it. Raises `ModelFailed` where the manifest has none."""
        if file not in self.sums:
            raise ModelFailed("model_missing", f"model {self.name}: the manifest names no {file}; {_REMEDY}")
        return self.sums[file]

    def read(self, file: str) -> bytes:
        """The bytes of `file`, whole and as shipped. Raises `ModelFailed` where it is missing or differs."""
        wanted = self.sum_of(file)
        try:
            content = self.folder.joinpath(file).read_bytes()
        except OSError as error:
            raise ModelFailed("model_missing", f"model {self.name}: {file} cannot be read; {_REMEDY}") from error
        if hashlib.sha256(content).hexdigest() != wanted:
            raise ModelFailed("model_damaged", f"model {self.name}: {file} is not the file that shipped; {_REMEDY}")
        return content


def packaged() -> Traversable:
    """The folder of all packaged models."""
    return resources.files("service.sentiment").joinpath("models")


def open_model(name: str, root: Traversable | None = None) -> ModelFolder:
    """The model `name` under `root` (default: the packaged ones). Raises `ModelFailed` where it is not listed there."""
    root = root or packaged()
    prefix = f"{name}/"
    sums = {path.removeprefix(prefix): digest for path, digest in _manifest(root).items() if path.startswith(prefix)}
    if not sums:
        raise ModelFailed("model_missing", f"model {name}: not among the packaged models; {_REMEDY}")
    return ModelFolder(name, root.joinpath(name), sums)


def _manifest(root: Traversable) -> dict[str, str]:
    try:
        listed = json.loads(root.joinpath(MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise ModelFailed("model_missing", f"models: {MANIFEST} cannot be read; {_REMEDY}") from error
    if not isinstance(listed, dict):
        raise ModelFailed("model_damaged", f"models: {MANIFEST} is not a table of sums; {_REMEDY}")
    return listed
