"""Passages labelled by hand: which stretches of which pages, as offsets into a neutral text that anyone can make again.

No text is kept. A page's neutral text is what stands between its block elements, a line a block, white space folded:
it owes nothing to our own extraction, so that a better extraction does not move the labels. A plain text is its own.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

LABELS: Final = Path(__file__).parents[1] / "tests/news/passage_labels.tsv"
PARTS: Final = ("dev", "held_out")

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br button caption center dd details dialog div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html label legend li main menu nav ol option p pre "
        "section select summary table tbody td tfoot th thead title tr ul",
    )
)
_UNSEEN = frozenset({"head", "script", "style", "noscript", "template", "svg", "textarea", "iframe"})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of code points of a neutral text and the kind its reader gave it."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """A source (below the shared data), the window of its neutral text that was read, and the spans labelled there.

    Lines of the window in no span were left open: a reader could not tell, and nothing is measured on them.
    """

    source: str
    language: str
    part: str
    digest: str  # 16 hex digits of sha256 of the neutral text
    start: int
    end: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a window as it was labelled, "" where it was left open; offsets count from the window's start."""

    kind: str
    start: int
    end: int


def read_labels(path: Path = LABELS) -> list[Labelled]:
    """All labelled windows, in the file's order."""
    found: list[Labelled] = []
    for row in path.read_text(encoding="utf-8").splitlines():
        fields = row.split("\t")
        if fields[0] == ">":
            _, source, language, part, digest, start, end = fields
            found.append(Labelled(source, language, part, digest, int(start), int(end), ()))
        elif row and not row.startswith("#"):
            span = Span(fields[0], int(fields[1]), int(fields[2]))
            last = found[-1]
            found[-1] = Labelled(
                last.source, last.language, last.part, last.digest, last.start, last.end, (*last.spans, span)
            )
    return found


def read_source(data: Path, source: str) -> str:
    """The neutral text of a page or plain text below the folder of shared data."""
    raw = (data / source).read_bytes()
    if source.endswith(".txt"):
        return raw.decode("utf-8")
    return make_neutral((gzip.decompress(raw) if source.endswith(".gz") else raw).decode("utf-8", "replace"))


def read_window(data: Path, one: Labelled) -> str:
    """The labelled window's text; fails where the source is not the one that was labelled."""
    text = read_source(data, one.source)
    if hashlib.sha256(text.encode()).hexdigest()[:16] != one.digest:
        message = f"{one.source}: its text is not the one that was labelled"
        raise ValueError(message)
    return text[one.start : one.end]


def cut_lines(text: str, one: Labelled) -> list[Line]:
    """The window's lines that are not blank, each with the kind of the span that holds it."""
    return list(_cut_lines(text, one))


def _cut_lines(text: str, one: Labelled) -> Iterator[Line]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            start, end = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
            holders = (span.kind for span in one.spans if span.start <= one.start + start < span.end)
            yield Line(next(holders, ""), start, end)
        at += len(line) + 1


def make_neutral(page: str) -> str:
    """The page's text, a line a block element, without what a browser never shows."""
    reader = _Blocks()
    reader.feed(page)
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines)


class _Blocks(HTMLParser):
    """Gathers the text between the beginnings and ends of block elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._run: list[str] = []
        self._hidden: list[str] = []

    def end_line(self) -> None:
        line = " ".join("".join(self._run).split())
        if line:
            self.lines.append(line)
        self._run = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own
        if tag in _UNSEEN:
            self._hidden.append(tag)
        elif tag in _BLOCKS:
            self.end_line()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _BLOCKS:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.end_line()
        if tag == "body":
            self._hidden = []

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._run.append(data)
