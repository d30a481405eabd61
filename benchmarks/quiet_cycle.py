"""A cycle in which nothing is new: every feed answers 304. Beside a bare aiohttp loop that asks the same.

`python -m benchmarks.quiet_cycle [--feeds 1000] [--repeats 5]`; `python -m benchmarks.manners` prints it too.
"""

import argparse
import asyncio
import datetime as dt
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiohttp
import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.simulated_web import START, Loopback
from jobs.house import House, furnish
from jobs.ingest import ingest_all
from jobs.robots import RobotsFile
from jobs.settings import Ingest, Settings, Source, Store
from service.news.article import UNDATED
from storage import database, sources
from storage.sources import SourceState

_ETAG = '"quiet"'
_ANSWER = b'HTTP/1.1 304 Not Modified\r\nETag: "quiet"\r\n\r\n'


class _Answering(asyncio.Protocol):
    """304 to whatever is asked."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n") and isinstance(self._transport, asyncio.Transport):
            self._transport.write(_ANSWER)


@contextmanager
def _serve() -> Iterator[int]:
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(_Answering, "127.0.0.1", 0, backlog=512))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


async def _ask_barely(urls: list[str], concurrent: int) -> None:
    slots = asyncio.Semaphore(concurrent)
    connector = aiohttp.TCPConnector(resolver=Loopback(), limit=concurrent * 2)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(url: str) -> None:
            async with slots, session.get(url, headers={"If-None-Match": _ETAG}) as response:
                await response.read()

        async with asyncio.TaskGroup() as group:
            for url in urls:
                group.create_task(one(url))


def measure_quiet_cycle(count: int, repeats: int) -> None:
    """Print seconds (wall and CPU) of both, interleaved, and what the cycle wrote."""
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    with _serve() as port, tempfile.TemporaryDirectory() as folder:
        urls = [f"http://q{number}.example:{port}/rss" for number in range(count)]
        feeds = tuple(Source(name=f"q{number}", url=url) for number, url in enumerate(urls))
        hours = [0]
        ingest = Ingest(allow_private_addresses=True)
        settings = Settings(
            store=Store(url=SecretStr(f"sqlite:///{Path(folder) / 'q.db'}")), ingest=ingest, source=feeds
        )
        house = furnish(settings, lambda: START + dt.timedelta(hours=hours[0]))
        with database.begin(house.engine) as connection:
            sources.save_all(
                connection, [SourceState(one.name, one.url, _ETAG, validated_url=one.url) for one in feeds]
            )
        written = _count_writes(house)
        for _ in range(repeats):
            hours[0] += 1
            house.hosts.robots.update({url.removesuffix("/rss"): RobotsFile("", house.clock()) for url in urls})
            house.hosts.robots = {
                o: RobotsFile("", house.clock() - dt.timedelta(seconds=1)) for o in house.hosts.robots
            }
            house.hosts.states.clear()
            bare.append(_time(lambda: asyncio.run(_ask_barely(urls, ingest.concurrent))))
            ours.append(_time(lambda: asyncio.run(_ask(house, feeds))))
        house.engine.dispose()
    wall, cpu = (median(one[side] for one in ours) for side in (0, 1))
    bare_wall, bare_cpu = (median(one[side] for one in bare) for side in (0, 1))
    ratios = sorted(one[1] / other[1] for one, other in zip(ours, bare, strict=True))
    print(
        f"quiet cycle of {count:,} feeds: {wall:.2f} s ({cpu:.2f} s of CPU, the server's among it), bare aiohttp",
        end=" ",
    )
    print(f"{bare_wall:.2f} s ({bare_cpu:.2f} s); ratio {wall / bare_wall:.2f}", end=" ")
    print(f"({median(ratios):.2f} of CPU, {ratios[0]:.2f}-{ratios[-1]:.2f})")
    print(f"written in {repeats} cycles: {dict(written)}")


async def _ask(house: House, feeds: tuple[Source, ...]) -> None:
    outcome = await ingest_all(house, feeds, UNDATED, lambda _: None, Loopback())
    assert outcome.counts["sources"] == len(feeds), outcome


def _time(call: object) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    call()  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - cpu


def _count_writes(house: House) -> Counter[str]:
    """Rows by the statement that writes them, from now on; and commits."""
    written: Counter[str] = Counter()

    def note(_c: object, _cursor: object, statement: str, parameters: object, _x: object, many: object) -> None:
        word, *rest = statement.split()
        if word in ("INSERT", "UPDATE", "DELETE"):
            table = next((name for name in rest if name not in ("INTO", "FROM", "OR", "IGNORE")), "")
            written[f"{word} {table}"] += len(parameters) if many else 1  # type: ignore[arg-type]

    sa.event.listen(house.engine, "before_cursor_execute", note)
    sa.event.listen(house.engine, "commit", lambda _connection: written.update(["commits"]))
    return written


def main() -> None:
    """Measure once with what the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--feeds", type=int, default=1_000)
    arguments.add_argument("--repeats", type=int, default=5)
    given = arguments.parse_args()
    measure_quiet_cycle(given.feeds, given.repeats)


if __name__ == "__main__":
    main()
