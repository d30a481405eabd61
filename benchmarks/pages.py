"""Pages read by newscandle and by trafilatura: how well, and at what processor time. `python -m benchmarks.pages`.

Needs NEWSCANDLE_TEST_DATA (pages/fundus, pages/trafilatura_eval). Every reading of a page starts from its bytes. Ours
gives text and metadata; trafilatura is timed for text alone, which favours it. Rules were chosen with three pages of
four in view; "held out" are the others.
"""

import datetime as dt
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.page_scores import mean_f1, overlap, same_instant, same_names, same_title, segment_f1
from benchmarks.page_sets import GoldPage, load_fundus, load_segments
from jobs.page_worker import PageWorker
from service.errors import ParseFailed
from service.news.page.pages import extract

_REPEATS = 5
_Reader = Callable[[GoldPage], str]


def main() -> None:
    """Print the tables."""
    folder = Path(os.environ["NEWSCANDLE_TEST_DATA"]) / "pages"
    bodies, segments = load_fundus(folder / "fundus"), load_segments(folder / "trafilatura_eval")
    peer = f"trafilatura {version('trafilatura')}"
    worker = PageWorker()
    readers: dict[str, _Reader] = {
        "newscandle": _read,
        f"{peer} default": lambda page: _read_by_peer(page, fast=False),
        f"{peer} fast": lambda page: _read_by_peer(page, fast=True),
    }
    print(f"{len(bodies)} pages with their text, {len(segments)} with segments; F1 (precision, recall)\n")
    for name, reader in readers.items():
        texts, found = [reader(page) for page in bodies], [reader(page) for page in segments]
        print(f"{name:28} text {_spell(*_by_text(bodies, texts))}   segments {_spell(*_by_segment(segments, found))}")
        held, parts = _held_out(bodies, texts), _held_out(segments, found)
        print(f"{'  held out':28} text {_spell(*_by_text(*held))}   segments {_spell(*_by_segment(*parts))}")
        print(f"{'  no text':28} {sum(not text for text in [*texts, *found])}")
    _print_speed(readers, bodies + segments)
    _print_worker(worker, bodies + segments)
    _print_metadata("fundus", bodies)
    _print_metadata("trafilatura's pages", segments)


def _read(page: GoldPage) -> str:
    try:
        return extract(page.html, url=page.url).text
    except ParseFailed:
        return ""


def _read_by_peer(page: GoldPage, *, fast: bool) -> str:
    import trafilatura

    return trafilatura.extract(page.html, include_comments=False, fast=fast) or ""


def _by_text(pages: Sequence[GoldPage], texts: Sequence[str]) -> tuple[float, float, float]:
    return mean_f1([overlap(page.body or "", text) for page, text in zip(pages, texts, strict=True)])


def _by_segment(pages: Sequence[GoldPage], texts: Sequence[str]) -> tuple[float, float, float]:
    return segment_f1(pages, texts)


def _held_out(pages: Sequence[GoldPage], texts: Sequence[str]) -> tuple[list[GoldPage], list[str]]:
    kept = [(page, text) for page, text in zip(pages, texts, strict=True) if not page.is_tuned_on]
    return [page for page, _ in kept], [text for _, text in kept]


def _spell(f1: float, precision: float, recall: float) -> str:
    return f"{f1:.4f} ({precision:.4f}, {recall:.4f})"


def _print_speed(readers: dict[str, _Reader], pages: Sequence[GoldPage]) -> None:
    """Processor time of whole passes, the readers in turn, the first pass of each left out."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(_REPEATS + 1):
        for name, reader in readers.items():
            began = time.process_time()
            for page in pages:
                reader(page)
            seconds[name].append(time.process_time() - began)
    print(f"\nprocessor time of {len(pages)} pages, median of {_REPEATS} (least, most)")
    ours = median(seconds["newscandle"][1:])
    for name, taken in seconds.items():
        kept = taken[1:]
        middle = median(kept)
        print(
            f"{name:28} {middle:.2f} s ({min(kept):.2f}, {max(kept):.2f})  {len(pages) / middle:.0f} pages/s"
            f"  {middle / ours:.2f} times ours"
        )


def _print_worker(worker: PageWorker, pages: Sequence[GoldPage]) -> None:
    """What handing pages to the child process and taking them back costs this one."""
    worker.extract(pages[0].html)
    began = time.process_time()
    for page in pages:
        worker.extract(page.html, url=page.url)
    taken = (time.process_time() - began) / len(pages)
    worker.close()
    print(f"{'handing over to a process':28} {1000 * taken:.2f} ms of processor time a page, on this side")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a reader says of a page; a `published` that is no instant is a bare day."""

    title: str
    authors: tuple[str, ...]
    published: dt.date | None


def _print_metadata(name: str, pages: Sequence[GoldPage]) -> None:
    print(f"\nmetadata of {name}: right of stated (trafilatura's dates by the day, ours by the minute where gold is)")
    told = [(page, _told_by_us(page), _told_by_peer(page)) for page in pages]
    for field in ("title", "authors", "published"):
        stated = [one for one in told if getattr(one[0], field)]
        ours = sum(_is_right(field, gold, us) for gold, us, _ in stated)
        theirs = sum(_is_right(field, gold, peer) for gold, _, peer in stated)
        print(f"  {field:10} newscandle {ours} of {len(stated)}, trafilatura {theirs} of {len(stated)}")


def _told_by_us(page: GoldPage) -> _Told:
    read = extract(page.html, url=page.url)
    return _Told(read.title, read.authors, read.published.instant)


def _told_by_peer(page: GoldPage) -> _Told:
    from trafilatura import extract_metadata

    read = extract_metadata(page.html.decode("utf-8", "replace"), default_url=page.url or None)
    names = tuple((read.author or "").split("; ")) if read.author else ()
    return _Told(read.title or "", names, dt.date.fromisoformat(read.date) if read.date else None)


def _is_right(field: str, gold: GoldPage, told: _Told) -> bool:
    if field == "title":
        return same_title(gold.title or "", told.title)
    if field == "authors":
        return same_names(gold.authors or (), told.authors)
    if isinstance(told.published, dt.datetime):
        return gold.published is not None and same_instant(gold.published, told.published)
    return told.published is not None and str(gold.published)[:10] == str(told.published)


if __name__ == "__main__":
    main()
