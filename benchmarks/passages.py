"""How well passages are told apart: `python -m benchmarks.passages [--write-precision]`.

Precision, recall and F1 of each kind on pages labelled by hand (dev: the rules were written on them; held out: not),
line by line and span by span, and on lines written for the tests; the share of lines of clean articles that are taken
away; and speed. Needs the shared data (NEWSCANDLE_TEST_DATA), own lines aside.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.passage_gold import read_gold
from benchmarks.passage_labels import PARTS, cut_lines, read_labels, read_window
from service.news.article import PassageKind
from service.news.passage import passages

OWN = Path(__file__).parents[1] / "tests/news/passage_lines.txt"
PRECISION = Path(__file__).parents[1] / "service/news/passage/precision.toml"
_BEFORE = "De regering besloot vandaag om de rente op leningen aan gemeenten niet verder te verhogen dan nodig is."
_AFTER = (
    "In de Kamer was een meerderheid tevreden met dat besluit, al bleef een deel van de oppositie bij haar bezwaren."
)
_OVERLAP = 0.5  # of lines: shared over all, from which on two spans are the same

Told = tuple[str, str, str]
"""A line as labelled, as found, and the rule that found it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts of one kind: what is right, what was found, what was labelled."""

    right: int = 0
    found: int = 0
    labelled: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.labelled) if self.found + self.labelled else 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """The labelled lines of one source; None stands where lines were left open between two."""

    language: str
    lines: list[Told | None] = field(default_factory=list)


def label_windows(data: Path, part: str) -> Iterator[Window]:
    """Each labelled window of a part, read as an article whose title is known."""
    for one in read_labels():
        if one.part != part:
            continue
        text = read_window(data, one)
        cut = cut_lines(text, one)
        title = next((text[line.start : line.end] for line in cut if line.kind == "title"), "")
        found = passages.label(text, title=title)
        window = Window(one.language)
        for line in cut:
            holder = next(passage for passage in found if passage.start <= line.start < passage.end)
            window.lines.append((line.kind, holder.kind.value, holder.rule) if line.kind else None)
        yield window


def label_own() -> Iterator[Window]:
    """Each line written for the tests, between two paragraphs."""
    for row in OWN.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            kind, language, line = row.split("|", 2)
            text = f"{_BEFORE}\n\n{line}\n\n{_AFTER}"
            at = text.index(line, len(_BEFORE))
            holder = next(passage for passage in passages.label(text) if passage.start <= at < passage.end)
            yield Window(language, [(kind, holder.kind.value, holder.rule)])


def measure_lines(windows: Iterable[Window]) -> dict[str, Measured]:
    """Counts by kind, a line at a time."""
    told = [line for window in windows for line in window.lines if line is not None]
    right = Counter(kind for kind, found, _ in told if kind == found)
    return _gather(right, Counter(found for _, found, _ in told), Counter(kind for kind, _, _ in told))


def measure_spans(windows: Iterable[Window]) -> dict[str, Measured]:
    """Counts by kind, a run of lines of one kind at a time: found where half of all their lines are shared."""
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    for window in windows:
        wanted, given = _list_runs(window.lines, 0), _list_runs(window.lines, 1)
        labelled.update(kind for kind, _ in wanted)
        found.update(kind for kind, _ in given)
        for kind, lines in wanted:
            right[kind] += any(kind == other and _share(lines, theirs) >= _OVERLAP for other, theirs in given)
    return _gather(right, found, labelled)


def _gather(right: Counter[str], found: Counter[str], labelled: Counter[str]) -> dict[str, Measured]:
    kinds = [kind.value for kind in PassageKind]
    return {kind: Measured(right[kind], found[kind], labelled[kind]) for kind in kinds}


def _list_runs(lines: Sequence[Told | None], which: int) -> list[tuple[str, set[int]]]:
    runs: list[tuple[str, set[int]]] = []
    previous = ""
    for index, line in enumerate(lines):
        kind = line[which] if line is not None else ""
        if kind and kind == previous:
            runs[-1][1].add(index)
        elif kind:
            runs.append((kind, {index}))
        previous = kind
    return runs


def _share(left: set[int], right: set[int]) -> float:
    return len(left & right) / len(left | right)


def count_lost(articles: Iterable[tuple[str, str, list[str]]]) -> dict[tuple[str, str], tuple[int, int]]:
    """By source and language: lines of clean articles that were taken away, and lines in all."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for source, language, lines in articles:
        text = "\n".join(line.strip() for line in lines if line.strip())
        taken = [passage for passage in passages.label(text) if not passage.kind.is_scored]
        lost = sum(text.count("\n", passage.start, passage.end) + 1 for passage in taken)
        before = counted.get((source, language), (0, 0))
        counted[source, language] = (before[0] + lost, before[1] + text.count("\n") + 1)
    return counted


def measure_speed(data: Path) -> float:
    """Megabytes (UTF-8) of labelled windows and clean articles labelled a second of processor time."""
    texts = [read_window(data, one) for one in read_labels()] + ["\n".join(lines) for _, _, lines in read_gold(data)]
    passages.label(texts[0])
    began = time.process_time()
    for text in texts:
        passages.label(text)
    return sum(len(text.encode()) for text in texts) / 1e6 / (time.process_time() - began)


def write_precision(windows: Iterable[Window]) -> None:
    """Counts by rule for `service.news.passage.precision`."""
    told = [line for window in windows for line in window.lines if line is not None]
    right = Counter(rule for kind, found, rule in told if kind == found)
    seen = Counter(rule for _, _, rule in told)
    rows = [f'"{rule}" = [{right[rule]}, {seen[rule]}]' for rule in sorted(seen)]
    head = "# Of each rule: its lines that a reader labelled so too, of its lines that were labelled, on the pages of\n"
    head += (
        "# tests/news/passage_labels.tsv, both parts. Written by `python -m benchmarks.passages --write-precision`.\n"
    )
    PRECISION.write_text(head + "[lines]\n" + "\n".join(rows) + "\n", encoding="utf-8")


def _show(title: str, windows: Sequence[Window]) -> None:
    for language in ("en", "nl"):
        some = [window for window in windows if window.language == language]
        if not some:
            continue
        lines, spans = measure_lines(some), measure_spans(some)
        print(f"\n{title}, {language} ({len(some)} texts)\n{'':11}lines     P     R    F1 | spans     P     R    F1")
        for kind, one in lines.items():
            other = spans[kind]
            if one.labelled or one.found:
                print(f"{kind:11}{_row(one)} |{_row(other)}")


def _row(one: Measured) -> str:
    return f"{one.labelled:5} {one.precision:5.3f} {one.recall:5.3f} {one.f1:5.3f}"


def main() -> None:
    """Measures everything and prints it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--write-precision", action="store_true", help="write what each rule is right in, for confidence"
    )
    asked = parser.parse_args()
    _show("own lines", list(label_own()))
    folder = os.environ.get("NEWSCANDLE_TEST_DATA", "")
    if not folder:
        print("\nNEWSCANDLE_TEST_DATA is not set: pages were not measured")
        return
    data = Path(folder)
    parts = {part: list(label_windows(data, part)) for part in PARTS}
    for part, windows in parts.items():
        _show(part.replace("_", " "), windows)
    print("\nlines of clean articles that were taken away")
    for (source, language), (lost, total) in count_lost(read_gold(data)).items():
        print(f"{source} {language}: {lost} of {total} ({lost / total:.2%})")
    print(f"\n{measure_speed(data):.1f} MB/s")
    if asked.write_precision:
        write_precision(window for windows in parts.values() for window in windows)


if __name__ == "__main__":
    main()
