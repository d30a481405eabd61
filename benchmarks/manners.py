"""A simulated week of polling, judged by the servers' log, and a quiet cycle: `python -m benchmarks.manners`.

The rules, for every host and feed, by the virtual clock of the server (`simulated_web.py`):

* `beside`: no request while another of that host is under way
* `gap`: none sooner after the end of the one before than five times as long as that took, and 2 s
* `rest`: none to a host before the end of the rest it asked for by Retry-After, on 429 and on 503
* `early`: no feed asked again within 15 minutes of a 200 or 304, nor within what that said of its freshness
* `often`: no feed asked more than three times within 15 minutes, whatever failed
* `unconditional`: no request without every validator that this address last gave, byte for byte, unless it moved since
* `lost`: every item that was to be seen for a day while its feed was up is in the store

The first six count what was done too soon, the last, with how late items are known, what was done too late.
"""

import argparse
import asyncio
import datetime as dt
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa
import stamina
from pydantic import SecretStr

from benchmarks.quiet_cycle import measure_quiet_cycle
from benchmarks.simulated_web import (
    CUT_LENGTH,
    DAY,
    HOUR,
    START,
    Asked,
    Feed,
    JumpingLoop,
    Loopback,
    SimulatedWeb,
    make_feeds,
)
from jobs.house import House, furnish
from jobs.ingest import ingest_all
from jobs.settings import Ingest, Settings, Source, Store
from service.news.article import UNDATED
from storage import database

EVERY = 600.0  # seconds between runs, as the daemon's
LEAST, LONGEST = 15 * 60.0, 6 * HOUR
ATTEMPTS = 3
MEMORY = Path("/dev/shm")
"""Where there is one: what is judged is manners, not the disk."""
RULES = ("beside", "gap", "rest", "early", "often", "unconditional", "lost")
_SLACK = 1e-6


@dataclass(frozen=True)
class Week:
    """What came of it: breaches by rule, requests by status, items held, and how late they were known (seconds)."""

    breaches: Counter[str]
    statuses: Counter[int]
    items: int
    held: int
    delays: tuple[float, ...]


def simulate(count: int, days: float, folder: Path) -> Week:
    """`count` feeds over so many days."""
    feeds = make_feeds(count, days)
    loop = JumpingLoop()
    try:
        served = SimulatedWeb(feeds)
        house = loop.run_until_complete(_live(feeds, served, days, folder, loop))
        seen = _load_seen(house)
        house.engine.dispose()
    finally:
        loop.close()
    expected = [
        (feed, number, at) for feed in feeds for number, at in enumerate(feed.items) if _must_be_held(feed, at, days)
    ]
    lost = [one for one in expected if f"{one[0].name}/{one[1]}" not in seen]
    breaches = Counter(judge(served.log))
    breaches["lost"] = len(lost)
    delays = [seen[f"{feed.name}/{n}"] - at for feed, n, at in expected if f"{feed.name}/{n}" in seen]
    statuses = Counter(asked.status for asked in served.log)
    return Week(breaches, statuses, len(expected), len(expected) - len(lost), tuple(delays))


async def _live(feeds: list[Feed], served: SimulatedWeb, days: float, folder: Path, loop: JumpingLoop) -> House:
    runner = await served.open()
    sources = tuple(
        Source(name=feed.name, url=served.url_of(feed), language="en", fetch_pages=number % 20 == 0)
        for number, feed in enumerate(feeds)
    )
    settings = Settings(
        store=Store(url=SecretStr(f"sqlite:///{folder / 'week.db'}")),
        ingest=Ingest(allow_private_addresses=True, contact="ops@example.org"),
        source=sources,
    )
    house = furnish(settings, lambda: START + dt.timedelta(seconds=loop.time()))
    while loop.time() < days * DAY:
        await ingest_all(house, sources, UNDATED, lambda _: None, Loopback())
        await asyncio.sleep(EVERY - loop.time() % EVERY)
        if loop.time() % DAY < EVERY:
            house.__dict__.pop("hosts", None)  # as a process that begins anew: what is known of hosts is in the store
    await runner.cleanup()
    return house


def _load_seen(house: House) -> dict[str, float]:
    """When each item was first seen, by feed and number."""
    select = "SELECT a.url, min(r.first_seen_at) FROM article a JOIN revision r ON r.article_id = a.id GROUP BY a.url"
    with database.read(house.engine) as connection:
        found = connection.execute(sa.text(select)).all()
    return {url.partition("/a/")[2]: at / 1e6 - START.timestamp() for url, at in found}


def _must_be_held(feed: Feed, at: float, days: float) -> bool:
    is_up = all(at + DAY < begins or ends < at for begins, ends, _ in feed.faults)
    return is_up and at + DAY < min(days * DAY, feed.gone_at)


def judge(log: list[Asked]) -> Iterator[str]:
    """The name of the rule for every breach of one."""
    hosts: dict[str, list[Asked]] = defaultdict(list)
    paths: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for asked in log:
        hosts[asked.host].append(asked)
        paths[asked.host, asked.path].append(asked)
    for of_host in hosts.values():
        yield from _judge_host(of_host)
    for (_, path), of_path in paths.items():
        if path != "/robots.txt":
            yield from _judge_feed(of_path)


def _judge_host(asked: list[Asked]) -> Iterator[str]:
    rests_until = 0.0
    for before, one in zip([None, *asked], asked, strict=False):
        if one.beside:
            yield "beside"
        if one.began < rests_until - _SLACK:
            yield "rest"
        if before is not None and one.began < before.ended + max(2.0, 5 * (before.ended - before.began)) - _SLACK:
            yield "gap"
        rests_until = max(rests_until, one.ended + one.rest)


def _judge_feed(asked: list[Asked]) -> Iterator[str]:
    etag = modified = ""
    for number, one in enumerate(asked):
        before = asked[number - 1] if number else None
        if before is not None and _is_answer(before):
            pause = max(LEAST, min(before.fresh_for, LONGEST))
            if one.began < before.ended + pause - 1:
                yield "early"
        if number >= ATTEMPTS and one.began - asked[number - ATTEMPTS].began < LEAST - 1:
            yield "often"
        if (etag and one.sent.get("if-none-match") != etag) or (
            modified and one.sent.get("if-modified-since") != modified
        ):
            yield "unconditional"
        if _is_answer(one) or one.status == 301:  # an address that has moved has nothing to validate
            etag, modified = one.told.get("etag", ""), one.told.get("last-modified", "")


def _is_answer(asked: Asked) -> bool:
    """A 304, or a 200 whose body was sent whole."""
    return asked.status == 304 or (asked.status == 200 and asked.told.get("content-length") != CUT_LENGTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--quiet-feeds", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    stamina.instrumentation.set_on_retry_hooks([])
    if asked.feeds:
        began = time.process_time()
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            week = simulate(asked.feeds, asked.days, Path(folder))
        print(f"{asked.feeds} feeds, {asked.days:g} days: {sum(week.statuses.values()):,} requests", end=" ")
        print(f"({', '.join(f'{number:,} of {status}' for status, number in sorted(week.statuses.items()))})")
        print("breaches: " + ", ".join(f"{rule} {week.breaches[rule]}" for rule in RULES))
        late = sorted(week.delays) or [0.0]
        print(
            f"items: {week.held:,} of {week.items:,} held; known after a median of {median(late) / 60:.0f} min,",
            end=" ",
        )
        print(f"95 % within {late[int(0.95 * len(late))] / 60:.0f} min; {time.process_time() - began:.0f} s of CPU")
    if asked.quiet_feeds:
        measure_quiet_cycle(asked.quiet_feeds, asked.repeats)


if __name__ == "__main__":
    main()
