"""Pages with gold: bodies, segments that must and must not be found, titles, authors, dates."""

import datetime as dt
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class GoldPage:
    """One page and what is known of it. `body` is None where only segments are (`wanted`, `unwanted`).

    Metadata are None where nobody stated them. `published` is an instant where the gold has one, else a day.
    """

    name: str
    html: bytes
    url: str
    body: str | None
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    title: str | None
    authors: tuple[str, ...] | None
    published: dt.datetime | dt.date | None

    @property
    def is_tuned_on(self) -> bool:
        """Whether rules and thresholds were chosen with this page in view: three of four, by a hash of the name."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 4 != 3


def load_fundus(folder: Path) -> list[GoldPage]:
    """The pages of fundus' parser tests (one gold text each; summary, headings and paragraphs are its body)."""
    return [page for gold in sorted(folder.glob("*/*.json")) for page in _load_publisher(gold)]


def _load_publisher(gold: Path) -> Iterator[GoldPage]:
    addresses = json.loads((gold.parent / "meta.info").read_text())
    versions = [*json.loads(gold.read_text()).values()]
    for file in sorted(gold.parent.glob(f"{gold.stem}_2*.html.gz")):
        html = gzip.decompress(file.read_bytes())
        shown = frozenset(_WORD.findall(html.decode("utf-8", "replace")))
        version = max(versions, key=lambda one: _share(one, shown))
        yield GoldPage(
            name=file.name,
            html=html,
            url=addresses.get(file.name, {}).get("url", ""),
            body="\n".join(_paragraphs(version)),
            wanted=(),
            unwanted=(),
            title=version.get("title"),
            authors=tuple(version["authors"]) if version.get("authors") else None,
            published=dt.datetime.fromisoformat(version["publishing_date"]) if "publishing_date" in version else None,
        )


def _paragraphs(version: dict) -> list[str]:  # type: ignore[type-arg]
    body = version["body"]
    sections = [text for section in body["sections"] for text in (*section["headline"], *section["paragraphs"])]
    return [*body["summary"], *sections]


def _share(version: dict, shown: frozenset[str]) -> float:  # type: ignore[type-arg]
    """The share of a version's words that the page holds: a publisher's versions are told apart by it."""
    words = frozenset(_WORD.findall("\n".join(_paragraphs(version))))
    return len(words & shown) / max(1, len(words))


def load_segments(folder: Path) -> list[GoldPage]:
    """The pages of trafilatura's evaluation: segments of text, and metadata for most."""
    return [
        GoldPage(
            name=gold["file"],
            html=(folder / gold["file"]).read_bytes(),
            url=url,
            body=None,
            wanted=tuple(gold["with"]),
            unwanted=tuple(gold["without"]),
            title=gold.get("title") or None,
            authors=_names(gold.get("author")),
            published=dt.date.fromisoformat(gold["date"]) if gold.get("date") else None,
        )
        for url, gold in json.loads((folder / "evaldata_full.json").read_text()).items()
        if (folder / gold["file"]).exists()
    ]


def _names(stated: object) -> tuple[str, ...] | None:
    names = stated.split("; ") if isinstance(stated, str) else [*stated] if isinstance(stated, list) else []
    return tuple(name for name in names if name) or None
