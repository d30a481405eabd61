"""Feeds beside feedparser and fastfeedparser: `python -m benchmarks.feeds [--folder DIR …] [--repeats 5] [--fuzz 1]`.

CPU time of one process, readers in turn on the same bytes, median of the repeats; a first round is not counted. Before
any time counts the quick way must equal the slow one on every file: all fields of all entries, and all faults. Then
feedparser's own expectations, documents made to harm, and sitemaps. A peer that is not installed is skipped.
"""

import argparse
import io
import os
import random
import statistics
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks import feed_expectations
from benchmarks.feed_attacks import attacks, run_attack
from service.errors import ParseFailed
from service.news.article import Feed
from service.news.syndication import sitemaps
from service.news.syndication.feedlimits import Faults
from service.news.syndication.feeds import parse
from service.news.syndication.treefeed import read_tree_feed
from service.news.text.decoding import decode

_MARKS = (b"<", b"&amp;", b"]]>", b"\xc3\xa9", b" xml:lang='nl'")
URL = "https://feeds.example/news.xml"


@dataclass(frozen=True)
class Reader:
    """One way to read feeds: `count` gives the number of entries, or -1 where it raised."""

    name: str
    count: Callable[[bytes], int]


def read(body: bytes, *, quick: bool = True) -> Feed | str:
    """Our feed, or the reason why there is none."""
    try:
        return parse(body, url=URL, quick=quick)
    except ParseFailed as failed:
        return failed.reason


def is_quick(body: bytes) -> bool:
    """Whether the quick reader takes the document."""
    text = decode(body).text.lstrip("\ufeff \t\r\n\0").encode("utf-8", "replace")
    return read_tree_feed(text, url=URL, zone=None, faults=Faults(), most_entries=5_000) is not None


def readers() -> list[Reader]:
    """Ours, and the peers that are installed."""

    def ours(body: bytes) -> int:
        feed = read(body)
        return -1 if isinstance(feed, str) else len(feed.entries)

    import feedparser

    found = [
        Reader("newscandle", ours),
        Reader(f"feedparser {version('feedparser')}", lambda body: len(feedparser.parse(io.BytesIO(body)).entries)),
    ]
    if find_spec("fastfeedparser") is None:
        print("fastfeedparser is not installed here and is left out")
        return found
    import fastfeedparser  # type: ignore[import-not-found,unused-ignore]

    def fast(body: bytes) -> int:
        try:
            return len(fastfeedparser.parse(body).entries)
        except Exception:  # noqa: BLE001 - it raises whatever it likes; that is counted
            return -1

    return [*found, Reader(f"fastfeedparser {version('fastfeedparser')}", fast)]


def compare(bodies: Sequence[bytes], repeats: int) -> None:
    """Times and entries of all readers on the same files."""
    chosen = readers()
    counts = {reader.name: [reader.count(body) for body in bodies] for reader in chosen}
    times: dict[str, list[float]] = {reader.name: [] for reader in chosen}
    for _ in range(repeats):
        for reader in chosen:
            started = time.process_time()
            for body in bodies:
                reader.count(body)
            times[reader.name].append(time.process_time() - started)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    size = sum(map(len, bodies)) / 1e6
    theirs = next(median for name, median in medians.items() if name.startswith("feedparser"))
    for name, median in medians.items():
        entries, raised = sum(max(count, 0) for count in counts[name]), sum(count < 0 for count in counts[name])
        spread = f"{min(times[name]) * 1e3:.0f}-{max(times[name]) * 1e3:.0f}"
        print(
            f"  {name:22} {median * 1e3:8.1f} ms ({spread}) {size / median:7.1f} MB/s"
            f" {theirs / median:6.1f}x feedparser"
            f"  {entries} entries, raised {raised}"
        )
    fewer = [
        number
        for number in range(len(bodies))
        if counts[chosen[0].name][number] < max(counts[reader.name][number] for reader in chosen[1:])
    ]
    print(f"  files in which a peer finds more entries: {len(fewer)} of {len(bodies)}")


def check_equality(named: Sequence[tuple[str, bytes]]) -> int:
    """How many files the quick reader takes; prints every one that it reads differently, and returns their number."""
    taken, different = 0, []
    for name, body in named:
        if is_quick(body):
            taken += 1
            if read(body) != read(body, quick=False):
                different.append(name)
    print(f"  taken by the quick reader: {taken} of {len(named)}; read differently: {len(different)} {different[:5]}")
    return len(different)


def mutate(body: bytes, choice: random.Random) -> bytes:
    """The document with one to three bytes or short stretches cut, doubled or exchanged."""
    for _ in range(choice.randint(1, 3)):
        place, length = choice.randrange(len(body) + 1), choice.randint(0, 12)
        other = choice.randrange(len(body) + 1)
        stretch = choice.choice(
            [b"", body[other : other + length], b"<", b"&amp;", b"]]>", b"\xc3\xa9", b" xml:lang='nl'"]
        )
        body = body[:place] + stretch + body[place + choice.choice([0, length]) :]
    return body


def check_attacks() -> int:
    """Bombs: CPU time, outcome and what was opened; returns how many miss the bounds."""
    missed = 0
    for name, body, bound in attacks():
        outcome, taken, opened = run_attack(body)
        is_missed = taken > bound or bool(opened)
        missed += is_missed
        print(f"  {name:28} {taken * 1e3:7.1f} ms  {outcome:32} opened {opened}{'  MISSED' if is_missed else ''}")
    return missed


def time_sitemap(repeats: int) -> None:
    """A sitemap of 50,000 addresses with dates, as every large site has them."""
    row = "<url><loc>https://munt.example/nieuws/{}</loc><lastmod>2026-09-23T12:00:00Z</lastmod></url>"
    body = f"<urlset>{''.join(row.format(number) for number in range(50_000))}</urlset>".encode()
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        assert len(sitemaps.parse(body).feed.entries) == 50_000
        taken.append(time.process_time() - started)
    print(f"  {50_000 / statistics.median(taken):,.0f} addresses a second of CPU")


def main() -> int:
    """Print everything; 1 where something is read differently or a bound is missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", action="append", type=Path, default=[], help="more feeds to time (*.xml)")
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--fuzz", type=int, default=1, help="mutations of each real and corpus file")
    given = arguments.parse_args()
    root = Path(os.environ.get("NEWSCANDLE_TEST_DATA", "../shared/data")) / "feeds"
    real = {
        name: name.read_bytes() for name in [*root.glob("*.xml"), *(root / "fastfeedparser_benchmark").glob("*.xml")]
    }
    more = {name: name.read_bytes() for folder in (root / "miniflux", *given.folder) for name in folder.rglob("*.xml")}
    archive = root / "feedparser_corpus" / "feedparser_tests_xml.tar.xz"
    with tarfile.open(archive) as files:
        members = [member for member in files if member.isfile()]
        corpus = [(member.name, handle.read()) for member in members if (handle := files.extractfile(member))]
    wrong = 0
    for title, named in (
        ("real feeds", [(name.name, body) for name, body in real.items()]),
        ("more feeds", [(name.name, body) for name, body in more.items()]),
        ("feedparser's tests", corpus),
    ):
        print(f"equality: {title}")
        wrong += check_equality(named)
    choice = random.Random(11)
    small = [
        (name, body)
        for name, body in [*corpus, *((str(name), body) for name, body in real.items())]
        if len(body) < 50_000
    ]
    mutated = [(name, mutate(body, choice)) for name, body in small for _ in range(given.fuzz)]
    print("equality: mutated")
    wrong += check_equality(mutated)
    outcomes = Counter("entries" if isinstance(feed := read(body), Feed) else feed for _, body in mutated)
    print(f"  outcomes of the mutated: {dict(outcomes)}")
    for title, bodies in (("real feeds", [*real.values()]), ("more feeds", [*more.values()])):
        print(f"time: {title}, {sum(map(len, bodies)) / 1e6:.2f} MB")
        compare(bodies, given.repeats)
    print("expectations")
    print(feed_expectations.report(archive))
    print("attacks")
    wrong += check_attacks()
    print("sitemaps")
    time_sitemap(given.repeats)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
