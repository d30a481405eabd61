"""Texts of which every line is known to be the article: what no rule for passages may take away."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.passage_labels import read_source

_SHORTEST_DUTCH = 60  # code points: shorter lines of these texts are front matter, lists of links and notes


SOURCES = ("fundus", "trafilatura", "konsensus")


def read_gold(data: Path, sources: Sequence[str] = SOURCES) -> Iterator[tuple[str, str, list[str]]]:
    """Where it is from, its language, and the lines, an article at a time."""
    if "fundus" in sources:
        yield from _read_fundus(data / "pages/fundus")
    if "trafilatura" in sources:
        yield from _read_trafilatura(data)
    if "konsensus" in sources:
        yield from _read_dutch(data / "news/dutch_bitcoin_articles")


def _read_fundus(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Paragraphs and headings that people chose per page; only publishers who write English or Dutch."""
    others = {"Bhaskar", "Isolezwe", "IsolezweLesiXhosa", "Ilanga", "EyethuNews", "Dizindaba"}
    for path in sorted(folder.glob("*/*.json")):
        if path.stem in others:
            continue
        language = "nl" if path.stem == "Nieuwsblad" else "en"
        for version in json.loads(path.read_text(encoding="utf-8")).values():
            lines = [line for part in _list_parts(version.get("body") or {}) for line in part.split("\n")]
            if lines:
                yield "fundus", language, lines


def _list_parts(body: dict[str, Any]) -> list[str]:
    parts = list(body.get("summary", ()))
    for section in body.get("sections", ()):
        parts += [*section.get("headline", ()), *section.get("paragraphs", ())]
    return parts


def _read_trafilatura(data: Path) -> Iterator[tuple[str, str, list[str]]]:
    """The lines of a page that hold a segment people named as the article's."""
    folder = data / "pages/trafilatura_eval"
    gold = json.loads((folder / "evaldata_full.json").read_text(encoding="utf-8"))
    for one in gold.values():
        page = folder / one["file"]
        if page.exists() and one.get("with"):
            neutral = read_source(data, f"pages/trafilatura_eval/{one['file']}").split("\n")
            lines = [line for line in neutral if any(segment in line for segment in one["with"])]
            if lines:
                yield "trafilatura", "en", lines


def _read_dutch(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Long lines of Dutch articles about Bitcoin, without front matter, figures' captions (in stars) and notes."""
    for path in sorted(folder.glob("konsensus/*.md")):
        text = path.read_text(encoding="utf-8").partition("\n---\n")[2]
        lines = [line for line in text.split("\n") if len(line) >= _SHORTEST_DUTCH]
        yield "konsensus", "nl", [line for line in lines if not line.startswith("*") and "↩" not in line]
