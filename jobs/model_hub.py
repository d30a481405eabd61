"""The one door to huggingface_hub: a model's files by its name, fetched once and from then on taken from its cache.

Nothing is asked of the network where the cache holds the model, so that a model stays what it was when scores were
made with it; another revision is fetched when the settings name it. `HF_HUB_OFFLINE`, `HF_HOME` and `HF_ENDPOINT` mean
what they mean to huggingface_hub.
"""

import logging
import sys
from pathlib import Path
from typing import Any, Final

from service.errors import BadInput, FetchFailed

DESCRIPTIONS: Final = ("*.json", "*.txt", "*.model")
WEIGHTS: Final = ("model*.safetensors", "pytorch_model*.bin")  # the second kind only where the first is absent


def fetch_model(name: str, revision: str | None, field: str) -> Path:
    """The folder with the files of the model `name` at `revision` (None: the one held, else the newest).

    Raises `BadInput` naming `field` where the hub has no such model or may not be asked, `FetchFailed` where it does
    not answer.
    """
    from huggingface_hub import errors
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    asked = f"{name}@{revision}" if revision else name
    wanted = {"repo_id": name, "revision": revision}
    try:
        return _find(wanted) or _download(wanted)
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
        told = "the hub has no such model or revision, or keeps it from you; a folder begins with ./ or /"
        raise BadInput(field, asked, told) from error
    except (OSError, errors.HTTPError) as error:  # type: ignore[attr-defined]
        if isinstance(error.__cause__, errors.OfflineModeIsEnabled) or isinstance(error, errors.OfflineModeIsEnabled):
            told = "not held here, and HF_HUB_OFFLINE forbids to fetch it; name a folder, or run once without"
            raise BadInput(field, asked, told) from error
        failure = f"model {asked} could not be fetched from the hub: {_first_line(error)}"
        raise FetchFailed("unavailable", failure) from error


def _find(wanted: dict[str, Any]) -> Path | None:
    """The folder in the cache, None where it is not there or not whole."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    for pattern in WEIGHTS:
        try:
            folder = Path(snapshot_download(**wanted, allow_patterns=[*DESCRIPTIONS, pattern], local_files_only=True))
        except LocalEntryNotFoundError:
            return None
        if any(folder.glob(pattern)):
            return folder
    return None


def _download(wanted: dict[str, Any]) -> Path:
    from huggingface_hub import snapshot_download

    folder = Path()
    for pattern in WEIGHTS:
        folder = Path(snapshot_download(**wanted, allow_patterns=[*DESCRIPTIONS, pattern]))
        if any(folder.glob(pattern)):
            break
    return folder


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
