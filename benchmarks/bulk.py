"""Bulk imports: records a second and memory per form, and the crawl reader alone beside warcio and FastWARC.

    python -m benchmarks.bulk                       every form, 100,000 rows, a crawl of 1 GB read without a store
    python -m benchmarks.bulk --rows 5000 --mb 100  smaller
    python -m benchmarks.bulk --peers /path/python  the same crawl by warcio and FastWARC of another environment

Archives are made by a generator; nothing in them was ever published. Each form runs in a process of its own, so that
its highest memory is its own.
"""

import argparse
import datetime as dt
import gzip
import json
import multiprocessing
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from jobs.imports import ArticleImport, import_article_files
from service.news.bulk import warc
from service.news.bulk.streams import Stream
from tests.bulk_files import NEWSLETTER, a_page, gkg_line, http, record
from tests.jobs.houses import a_house, idle

WORDS = [
    "bitcoin",
    "price",
    "law",
    "senate",
    "bank",
    "market",
    "miner",
    "rally",
    "fear",
    "court",
    "vote",
    "tax",
    "chain",
    "wallet",
    "fund",
]
PEERS = """
import sys, time
path = sys.argv[1]
def warcio_():
    from warcio.archiveiterator import ArchiveIterator
    with open(path, "rb") as file:
        for record in ArchiveIterator(file):
            record.content_stream().read(); yield record
def fastwarc_():
    from fastwarc.warc import ArchiveIterator
    with open(path, "rb") as file:
        for record in ArchiveIterator(file, parse_http=True):
            record.reader.read(); yield record
for name, read in (("warcio", warcio_), ("FastWARC", fastwarc_)):
    began = time.perf_counter(); n = sum(1 for _ in read())
    print(f"{name:24s} {n / (time.perf_counter() - began):10,.0f} records/s")
"""


def text_of(number: int) -> str:
    """Some 60 words unlike those of other numbers."""
    return " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(60)) + f" {number}."


def write_jsonl(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
            item = {"title": f"Story {number}", "text": text_of(number), "published": at.isoformat()}
            file.write(json.dumps(item | {"url": f"https://a.example/{number}"}) + "\n")


def write_parquet(path: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    lines = path.with_suffix(".jsonl")
    write_jsonl(lines, rows)
    schema = pa.schema([(name, pa.string()) for name in ("title", "text", "published", "url")])
    with parquet.ParquetWriter(path, schema) as writer, lines.open(encoding="utf-8") as file:
        while part := [json.loads(line) for _, line in zip(range(10_000), file, strict=False)]:
            writer.write_table(pa.Table.from_pylist(part, schema=schema))
    lines.unlink()


def write_warc(path: Path, records: int, paragraphs: int = 6) -> None:
    with path.open("wb") as file:
        for number in range(records):
            text = f"{text_of(number)}</p><p>".join(f"Part {part}. " for part in range(paragraphs))
            page = record(http(a_page(f"Story {number}", text)), url=f"https://a.example/{number}")
            file.write(gzip.compress(page, 1))


def write_mail(path: Path, messages: int) -> None:
    with path.open("wb") as file:
        for number in range(messages):
            file.write(NEWSLETTER.replace(b"letter-1@", b"letter-%d@" % number).replace(b"four", b"%d" % number))


def write_gkg(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(gkg_line(number, f"https://a.example/{number}") for number in range(rows))


def import_it(folder: str, name: str) -> None:
    """Import one file into a store of its own and print what it took."""
    before, began = memory(), time.perf_counter()
    with a_house(Path(folder)) as house:
        counts = import_article_files(house, ArticleImport((Path(folder) / name,)), idle).counts
        taken = time.perf_counter() - began
        began = time.perf_counter()
        import_article_files(house, ArticleImport((Path(folder) / name,)), idle)
    records = sum(number for word, number in counts.items())
    print(
        f"{name:24s} {records / taken:10,.0f} records/s   {taken:7.1f} s   highest memory {memory():5.0f} MB "
        f"({before:.0f} at the start)   again in {time.perf_counter() - began:.2f} s",
        flush=True,
    )


def read_crawl(megabytes: int) -> None:
    """Read a crawl as large as asked that exists nowhere: its bytes are made as they are read."""
    page = http(a_page("Story", text_of(1) + "</p><p>" + text_of(2)))
    member = gzip.compress(record(page * 20, url="https://a.example/x"), 1)

    def pieces() -> Iterator[bytes]:
        for _ in range(megabytes * 1_000_000 // len(page) // 20):
            yield member

    marks: list[float] = []
    began = time.perf_counter()
    count = size = 0
    for count, one in enumerate(warc.read(Stream(pieces(), is_gzip=True), name="x"), 1):
        size += len(one.made.block) if isinstance(one.made, warc.Record) else 0
        if count % 5000 == 1:
            marks.append(memory())
    taken = time.perf_counter() - began
    print(
        f"crawl of {size / 1e6:,.0f} MB     {count / taken:10,.0f} records/s   {size / taken / 1e6:.0f} MB/s   "
        f"highest memory after the first record {marks[0]:.0f} MB, at the end {memory():.0f} MB",
        flush=True,
    )


def read_alone(path: str) -> None:
    began = time.perf_counter()
    with Path(path).open("rb") as file:
        count = sum(1 for _ in warc.read(Stream(iter(lambda: file.read(1 << 16), b""), is_gzip=True), name="x"))
    print(f"{'ours (checks digests)':24s} {count / (time.perf_counter() - began):10,.0f} records/s", flush=True)


def memory() -> float:
    """The highest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(work: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--pages", type=int, default=2_000)
    asked.add_argument("--mb", type=int, default=1_000)
    asked.add_argument("--peers", help="a Python with warcio and fastwarc")
    given = asked.parse_args()
    apart(read_crawl, given.mb)
    forms: tuple[tuple[str, Callable[[Path, int], None], int], ...] = (
        ("rows.jsonl", write_jsonl, given.rows),
        ("rows.parquet", write_parquet, given.rows),
        ("graph.gkg.csv", write_gkg, given.rows),
        ("crawl.warc.gz", write_warc, given.pages),
        ("letters.mbox", write_mail, given.pages),
    )
    for name, write, size in forms:
        with tempfile.TemporaryDirectory(prefix="newscandle-") as folder:
            write(Path(folder) / name, size)
            apart(import_it, folder, name)
            if name == "crawl.warc.gz":
                apart(read_alone, f"{folder}/{name}")
                if given.peers:
                    subprocess.run([given.peers, "-c", PEERS, f"{folder}/{name}"], check=True)


if __name__ == "__main__":
    main()
