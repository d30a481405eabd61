"""Our own words in each language: every message under its English wording, one file per part of the report."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "nl")
"""Those a report can be written in; English is the wording in the code and needs no file."""


@cache
def read_catalogue(language: str) -> Mapping[str, str]:
    """Every message of `language` by its English wording; empty for English. Raises `KeyError` for one not there."""
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == ENGLISH:
        return {}
    folder = resources.files(__name__).joinpath(language)
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    messages: dict[str, str] = {}
    for file in files:
        messages |= tomllib.loads(file.read_text(encoding="utf-8"))
    return messages
