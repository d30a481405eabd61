"""The API beside FastAPI's own way, and what a million rows cost: `python -m benchmarks.api [--rows 1000000]`.

1. 200 points of a series from the database as JSON: ours, and the same query returned as a list from a FastAPI route
   with a response model, which is how it is usually done. CPU time, turn by turn, median; the rows are compared first.
2. All points as Parquet and Arrow: seconds, bytes, and how much the process grew.
3. How long readers wait (p50, p99) while 50 of them ask and a writer goes on writing: a server process, real sockets.
"""

import argparse
import asyncio
import datetime as dt
import json
import multiprocessing
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel

from dashboards.api.v1.listings import Reading, build_router
from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval
from storage import database, series

NOW = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
_PAGE, _TURNS, _CALLS = 200, 9, 30
_READERS, _SECONDS = 50, 10
_CATALOGUE = "0" * 32


def fill(url: str, rows: int) -> None:
    """A store with one series of so many bars of a minute."""
    engine = database.open_engine(url)
    database.migrate(engine)
    for first in range(0, rows, 100_000):
        with database.begin(engine) as connection:
            made = make_points(first, min(100_000, rows - first))
            series.save(connection, made, catalogue=_CATALOGUE, recorded_at=NOW - dt.timedelta(days=1))
    engine.dispose()


def make_points(first: int, count: int) -> AlignedSeries:
    """So many bars of a minute, some without a value."""
    chance = np.random.default_rng(first)
    open_at = (1_500_000_000_000 // 60_000 + first + np.arange(count, dtype=np.int64)) * 60_000
    sentiment = np.where(chance.random(count) < 0.3, np.nan, chance.uniform(-1, 1, count))
    counts = chance.integers(0, 9, count).astype(np.int32)
    figures = chance.normal(size=count)
    return AlignedSeries(
        *("bitcoin", "rules/1", "coinbase", "BTC/USD", Aggregation(Interval.M1), open_at, open_at + 60_000),
        *(sentiment, counts, counts, counts, counts, figures, figures, figures, figures),
    )


class Point(BaseModel):
    """A row as a response model tells it."""

    series: str
    target: str
    scorer: str
    catalogue: str
    venue: str
    symbol: str
    interval: str
    aggregation: str
    open_at: dt.datetime
    available_at: dt.datetime
    sentiment: float | None
    scored: int
    no_signal: int
    no_mention: int
    unsupported: int
    close: float | None
    log_return: float | None
    realised_volatility: float | None
    volume: float | None
    recorded_at: dt.datetime


def build_usual(engine: sa.Engine) -> FastAPI:
    """The same rows as FastAPI's documentation would have them told."""
    app = FastAPI()
    names = ", ".join(Point.model_fields)

    @app.get("/series")
    def told() -> list[Point]:
        with database.read(engine) as connection:
            asked = sa.text(f"SELECT {names} FROM v_series WHERE target = 'bitcoin' ORDER BY open_at_us LIMIT {_PAGE}")
            return [Point(**row._mapping) for row in connection.execute(asked)]  # noqa: SLF001

    return app


def build_ours(engine: sa.Engine) -> FastAPI:
    """The listings."""
    app = FastAPI()
    app.include_router(build_router(Reading(engine, lambda: NOW)))
    return app


async def call(app: FastAPI, path: str, query: str = "") -> bytes:
    """The body of an answer, without a socket between."""
    pieces: list[bytes] = []
    await drain(app, path, query, pieces.append)
    return b"".join(pieces)


async def compare_pages(engine: sa.Engine) -> None:
    """Print how many times faster than the usual way."""
    ours, usual = build_ours(engine), build_usual(engine)
    ask: dict[str, Callable[[], Any]] = {
        "ours": lambda: call(ours, "/v1/series", "target=bitcoin"),
        "FastAPI, list of models": lambda: call(usual, "/series"),
    }
    mine = json.loads(await ask["ours"]())["data"]
    theirs = json.loads(await ask["FastAPI, list of models"]())
    plain = [{name: spell(value) for name, value in row.items()} for row in theirs]
    assert [{name: spell(value) for name, value in row.items()} for row in mine] == plain, "the rows differ"
    taken: dict[str, list[float]] = {name: [] for name in ask}
    for _ in range(_TURNS):
        for name, one in ask.items():
            began = time.process_time()
            for _ in range(_CALLS):
                await one()
            taken[name].append((time.process_time() - began) / _CALLS * 1000)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, median in medians.items():
        print(f"{name:26}{median:8.2f} ms CPU ({min(taken[name]):.2f} to {max(taken[name]):.2f})")
    print(f"ratio: {medians['FastAPI, list of models'] / medians['ours']:.1f} (5 wanted); the rows are equal")


def spell(value: object) -> object:
    """Instants in one form."""
    if isinstance(value, str) and value.endswith("Z") and value[4:5] == "-":
        return dt.datetime.fromisoformat(value)
    return value


def measure_file(url: str, name: str, told: Any) -> None:
    """In a process of its own: how long the whole takes, its size, and what the process grew by."""
    engine = database.open_engine(url)
    app = build_ours(engine)
    asyncio.run(call(app, f"/v1/series.{name}", "limit=20000"))  # libraries are loaded before
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.monotonic(), time.process_time()
    size = asyncio.run(drain(app, f"/v1/series.{name}", "", lambda _piece: None))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    told.put((time.monotonic() - began, time.process_time() - cpu, size, grown))


async def drain(app: FastAPI, path: str, query: str, keep: Callable[[bytes], None]) -> int:
    """How many bytes an answer has; each piece is handed to `keep`."""
    size = 0
    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET"}
    scope |= {"scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"root_path": "", "headers": [(b"host", b"127.0.0.1")]}
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    done = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal size
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        else:
            size += len(message.get("body", b""))
            keep(message.get("body", b""))
            if not message.get("more_body"):
                done.set()

    await app(scope, receive, send)
    return size


def serve(url: str, port: Any) -> None:
    """A server process."""
    import socket

    import uvicorn

    taken = socket.create_server(("127.0.0.1", 0))
    port.put(taken.getsockname()[1])
    app = build_ours(database.open_engine(url))
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[taken])


def write(url: str, until: float) -> None:
    """What a daemon does to a store: a commit of new points a few times a second."""
    engine, first = database.open_engine(url), 10_000_000
    while time.time() < until:
        with database.begin(engine) as connection:
            series.save(connection, make_points(first, 200), catalogue=_CATALOGUE, recorded_at=NOW)
        first += 200
        time.sleep(0.2)


async def read_on(port: int) -> list[float]:
    """How long each answer took, in ms, for so many readers at once with a pause between their questions."""
    import aiohttp

    taken: list[float] = []
    url = f"http://127.0.0.1:{port}/v1/series?target=bitcoin&limit={_PAGE}"
    end = time.monotonic() + _SECONDS

    async def read(session: aiohttp.ClientSession, number: int) -> None:
        await asyncio.sleep(number / _READERS)
        while time.monotonic() < end:
            began = time.monotonic()
            async with session.get(url) as answer:
                assert answer.status == 200
                await answer.read()
            taken.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(1)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(read(session, number) for number in range(_READERS)))
    return taken


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="newscandle-") as folder:
        url = f"sqlite:///{Path(folder) / 'newscandle.db'}"
        fill(url, rows)
        engine = database.open_engine(url)
        asyncio.run(compare_pages(engine))
        engine.dispose()
        told = spawn.Queue()
        for name in ("parquet", "arrow", "csv", "ndjson"):
            process = spawn.Process(target=measure_file, args=(url, name, told))
            process.start()
            seconds, cpu, size, grown = told.get()
            process.join()
            print(
                f"{rows:,} rows as {name}: {seconds:.1f} s ({cpu:.1f} s CPU), {size / 1e6:.1f} MB, "
                f"process grew by {grown:.0f} MB"
            )
        port = spawn.Queue()
        server = spawn.Process(target=serve, args=(url, port), daemon=True)
        server.start()
        writer = threading.Thread(target=write, args=(url, time.time() + _SECONDS + 2))
        writer.start()
        taken = sorted(asyncio.run(read_on(port.get())))
        writer.join()
        server.terminate()
        at = {share: taken[min(len(taken) - 1, int(share * len(taken)))] for share in (0.5, 0.99)}
        print(
            f"{_READERS} readers beside a writer, {len(taken):,} answers: p50 {at[0.5]:.0f} ms, p99 {at[0.99]:.0f} ms "
            "(200 wanted)"
        )


if __name__ == "__main__":
    main()
