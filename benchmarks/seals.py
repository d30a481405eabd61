"""What seals cost: rows sealed and verified a second, and the share of the time that it takes to store them.

    python -m benchmarks.seals --rows 1000000

Candles by the million through `candles.save`, as prices come in; articles and scores through the sample's own jobs.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from jobs.score import score_articles
from jobs.seal import seal_store
from jobs.settings import Score
from service.instants import Interval
from service.market.candle import Candle
from storage import articles, candles, database, schema, seals
from storage.seal_parts import MARGIN, all_parts
from tests.databases import IN_MEMORY
from tests.jobs.houses import Hands, a_house, idle
from tests.storage.builders import an_article, at


def clocked(act: Callable[[], object]) -> float:
    """CPU seconds."""
    began = time.process_time()
    act()
    return time.process_time() - began


def measure_candles(folder: Path, rows: int) -> None:
    """A market of one-minute bars, sealed and verified."""
    with a_house(folder, clock=Hands(at(0))) as house:
        minute = Interval.M1.duration
        stored = 0.0
        for first in range(0, rows, 20_000):
            bars = [
                Candle("x", "BTC/USD", Interval.M1, at(0) + n * minute, 42e3, 43e3, 41e3, 42e3 + n % 97, n % 89, at(0))
                for n in range(first, min(first + 20_000, rows))
            ]

            def save(bars: list[Candle] = bars) -> None:
                with database.begin(house.engine) as connection:
                    candles.save(connection, bars)

            stored += clocked(save)
        house.clock.now = at(0) + 2 * MARGIN  # type: ignore[attr-defined]
        sealed = clocked(lambda: seal_store(house, idle))
        part = all_parts()["candle"]

        def verify() -> None:
            with database.read(house.engine) as connection:
                assert seals.verify(connection, part) == []

        verified = clocked(verify)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:,} candles: stored in {stored:.1f} s, sealed in {sealed:.1f} s ({100 * sealed / stored:.1f} %), "
            f"verified in {verified:.1f} s ({60 * rows / verified:,.0f} rows a minute); peak {peak:.0f} MB"
        )


def measure_articles(folder: Path, count: int, scorers: tuple[str, ...]) -> None:
    """Articles, read by these scorers, and the seals of it all."""
    with a_house(folder, clock=Hands(at(0)), score=Score(scorers=scorers)) as house:
        text = "Bitcoin soars after the Fed cut rates, said Donald Trump. Investors fear a crash of the market. " * 6
        some = [an_article(f"a{n}", text=f"Title {n}\n{text}{n}", hours=n / 60) for n in range(count)]

        def save() -> None:
            with database.begin(house.engine) as connection:
                articles.save(connection, some, recorded_at=at(0))

        stored = clocked(save)
        scored = clocked(lambda: score_articles(house, idle))
        house.clock.now = at(0) + 2 * MARGIN  # type: ignore[attr-defined]
        sealed = clocked(lambda: seal_store(house, idle))
        with database.read(house.engine) as connection:
            rows = connection.scalar(sa.select(sa.func.sum(schema.seal.c.rows)))
        share = 100 * sealed / (stored + scored)
        print(
            f"{count:,} articles, {'+'.join(scorers)}: stored in {stored:.1f} s, scored in {scored:.1f} s, "
            f"{rows:,} rows sealed in {sealed:.2f} s ({share:.1f} %)"
        )


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rows", type=int, default=1_000_000)
    reader.add_argument("--articles", type=int, default=1_000)
    told = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder:
        measure_candles(Path(folder), told.rows)
    for scorers in (("rules", "vader"), Score().scorers):
        with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder:
            measure_articles(Path(folder), told.articles, scorers)


if __name__ == "__main__":
    main()
