"""The one door to the packaged word lists: rows of the tab-separated files under `lexicon/`, and their hash."""

import hashlib
from functools import cache
from importlib import resources
from typing import Final

OWN: Final = (
    "en_grammar.tsv",
    "en_market.tsv",
    "en_politics.tsv",
    "en_stop.tsv",
    "nl_compounds.tsv",
    "nl_grammar.tsv",
    "nl_market.tsv",
    "nl_pattern/nl-sentiment.xml",
    "nl_politics.tsv",
    "nl_stop.tsv",
)


def _bytes(name: str) -> bytes:
    return resources.files("service.sentiment").joinpath("lexicon", *name.split("/")).read_bytes()


@cache
def read_text(name: str) -> str:
    """The text of the packaged list `name` (a path under `lexicon/`)."""
    return _bytes(name).decode("utf-8")


def read_rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated list: comments (#) and empty lines left out, cells stripped."""
    return [
        [cell.strip() for cell in line.split("\t")]
        for line in read_text(name).splitlines()
        if line.strip() and not line.startswith("#")
    ]


def content_hash(names: tuple[str, ...] = OWN) -> str:
    """First 12 hex digits of sha256 over the named lists: it changes when any word, weight or header does."""
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode() + b"\0" + _bytes(name) + b"\0")
    return digest.hexdigest()[:12]
