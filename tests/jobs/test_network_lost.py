"""Our own network is gone: it is said once, no source or host is held to blame, and all heals at the next run."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from jobs.egress import AbstractResolver
from jobs.house import House
from jobs.ingest import ingest_all
from jobs.record import Outcome
from jobs.settings import Ingest, Source
from service.news.article import UNDATED
from tests.jobs.houses import LOCAL, Hands, a_house, idle, rows
from tests.web_server import Answer, serve

FEED = b"<rss><channel><item><title>Bitcoin climbs</title><guid>1</guid><description>Up.</description></item></channel>"
MINUTES = 15
MANNERS = LOCAL.model_copy(update={"minutes_between_checks": MINUTES, "seconds_between_requests_to_a_host": 0.02})


class Names(AbstractResolver):
    """DNS that knows no name while it `is_lost`, and leads every other to this machine."""

    def __init__(self, *dead: str) -> None:
        self.is_lost, self._dead = False, dead

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[object]:  # type: ignore[override]
        if self.is_lost or host in self._dead:
            raise OSError(f"no such name: {host}")
        address = {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}
        return [address]

    async def close(self) -> None:
        """Nothing is held."""


def read(house: House, names: Names, sources: Sequence[Source]) -> Outcome:
    return asyncio.run(ingest_all(house, sources, UNDATED, idle, names))


def test_an_outage_of_ours_blames_nobody_and_ends_at_the_next_run(tmp_path: Path) -> None:
    hands, names = Hands(), Names()
    assert isinstance(MANNERS, Ingest)
    with serve({"/rss": Answer(200, FEED)}) as web:
        port = web.url.rpartition(":")[2]
        sources = [Source(name=f"s{one}", url=f"http://s{one}.example:{port}/rss") for one in range(3)]
        with a_house(tmp_path, *sources, clock=hands, ingest=MANNERS) as house:
            assert read(house, names, sources).counts["sources"] == 3
            names.is_lost = True
            asked = len(web.log)
            for _ in range(12):
                hands.now += dt.timedelta(minutes=2 * MINUTES)
                outcome = read(house, names, sources)
                [told] = outcome.failures
                assert told.startswith("network: none of the 3 sources asked could be reached (dns)")
                assert outcome.word == "failed"
            state = "SELECT failures_in_row, last_failure_reason FROM source_state"
            assert rows(house, state) == [(0, "dns")] * 3
            assert len(web.log) == asked
            names.is_lost = False
            hands.now += dt.timedelta(seconds=1)
            outcome = read(house, names, sources)
            assert (outcome.counts["sources"], outcome.failures) == (3, ())


def test_sources_that_are_gone_for_good_are_asked_less_and_less(tmp_path: Path) -> None:
    """Two of three names are dead: nothing is excused while the third answers, nor when only the dead ones are due."""
    hands, names = Hands(), Names("s0.example", "s1.example")
    with serve({"/rss": Answer(200, FEED)}) as web:
        port = web.url.rpartition(":")[2]
        sources = [Source(name=f"s{one}", url=f"http://s{one}.example:{port}/rss") for one in range(3)]
        with a_house(tmp_path, *sources, clock=hands, ingest=MANNERS) as house:
            assert len(read(house, names, sources).failures) == 2
            hands.now += dt.timedelta(minutes=MINUTES * 1.3)
            assert len(read(house, names, sources[:2]).failures) == 2
            assert rows(house, "SELECT failures_in_row FROM source_state ORDER BY source") == [(2,), (2,), (0,)]
