"""How long /healthz, /readyz and /metrics take on a large store: `python -m benchmarks.health [ARTICLES] [--url URL]`.

A store of articles over a year (3 kB each), read by three scorers, with two markets of hourly candles over ten years, a
year of the ledger, and thirty sources. A real server in a thread is asked over a connection of its own, once a quarter
of a second; the first answer (nothing counted yet) is told apart. Goal: every answer within 100 ms.
"""

import argparse
import datetime as dt
import http.client
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from jobs.answering import Answering
from jobs.house import furnish
from jobs.settings import Settings, Source, Store
from storage import database, months
from storage.instant_column import to_micros
from storage.schema import (
    article,
    candle,
    market,
    revision,
    run,
    score,
    scoring,
    slot,
    source_state,
    source_yield,
    tone,
)

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
SOURCES, SCORERS, ASKS = 30, 3, 40
_CHUNK = 5000
_HOUR = 3_600_000_000


def build(engine: sa.Engine, articles: int) -> None:
    """Fill the store, in chunks of one commit each."""
    now = to_micros(NOW)
    step = 365 * 24 * _HOUR // articles
    with database.begin(engine) as connection:
        for number in range(SCORERS):
            named = {"id": number + 1, "scorer": f"{['encoder', 'rules', 'vader'][number]}/1", "catalogue": "c"}
            connection.execute(sa.insert(scoring).values(**named, recorded_at=NOW))
        months.lay(connection, revision.name, [now - number * step for number in range(0, articles, 1000)])
        months.lay(connection, score.name, [now])
    for first in range(0, articles, _CHUNK):
        numbers = range(first, min(first + _CHUNK, articles))
        with database.begin(engine) as connection:
            connection.execute(sa.insert(article), list(_articles(numbers, articles, step)))
            connection.execute(sa.insert(revision), list(_revisions(numbers, articles, step)))
            connection.execute(sa.insert(tone), list(_tones(numbers)))
            connection.execute(sa.insert(score), list(_scores(numbers)))
    with database.begin(engine) as connection:
        _fill_rest(connection)


def _seen(number: int, articles: int, step: int) -> dt.datetime:
    return NOW - dt.timedelta(microseconds=(articles - number) * step)


def _articles(numbers: range, articles: int, step: int) -> Iterator[dict[str, Any]]:
    for number in numbers:
        at = _seen(number, articles, step)
        told = {"id": number + 1, "key": f"{number:032x}", "url": f"https://a.example/{number}", "guid": ""}
        yield told | {"source": f"source-{number % SOURCES}", "first_seen_at": at, "recorded_at": at}


def _revisions(numbers: range, articles: int, step: int) -> Iterator[dict[str, Any]]:
    """Every twentieth article once more, as edited."""
    for number in numbers:
        at = _seen(number, articles, step)
        text = f"Article {number}. " + "Bitcoin rises on the news of the day, say those who know. " * 50
        told = {"article_id": number + 1, "title": f"Article {number}", "text": text, "language": "en"}
        told |= {"language_confidence": 1.0, "published_at": at, "available_at": at, "first_seen_at": at}
        told |= {"recorded_at": at, "is_assumed": False, "authors": [], "tags": []}
        for kind in ("published", "modified"):
            told |= {f"{kind}_origin": "feed", f"{kind}_raw": "", f"{kind}_zone_assumed": False, f"{kind}_reason": ""}
        yield told | {"id": number + 1, "number": 1, "content_hash": f"{number:032x}", "modified_at": None}
        if number % 20 == 0:
            edited = {"id": articles + number + 1, "number": 2, "content_hash": f"{number + 10**9:032x}"}
            yield told | edited | {"modified_at": at}


def _tones(numbers: range) -> Iterator[dict[str, Any]]:
    for scorer in range(SCORERS):
        for number in numbers:
            yield {"scoring_id": scorer + 1, "revision_id": number + 1, "language": "en", "state": "scored",
                   "tone": 0.5, "scored_at": NOW}  # fmt: skip


def _scores(numbers: range) -> Iterator[dict[str, Any]]:
    evidence = [{"span": [0, 9], "score": 0.5, "evidence": "rises " * 20}]
    for scorer in range(SCORERS):
        for number in numbers:
            yield {
                "scoring_id": scorer + 1,
                "revision_id": number + 1,
                "target": "bitcoin",
                "state": "scored",
                "score": 0.5,
                "label": "positive",
                "relevance": 80,
                "reasons": ["title"],
                "mention_count": 1,
                "explanation": evidence,
                "scored_at": NOW,
            }


def _fill_rest(connection: sa.Connection) -> None:
    hour = dt.timedelta(hours=1)
    closed = NOW.replace(minute=0, second=0)
    for number, venue in enumerate(("coinbase", "kraken"), start=1):
        named = {"id": number, "venue": venue, "symbol": "BTC/USD", "interval": "1h"}
        connection.execute(sa.insert(market).values(**named))
        bar = {"market_id": number, "number": 1, "volume": 1.0} | dict.fromkeys(("open", "high", "low", "close"), 9.0)
        bars = [bar | {"open_at": closed - ago * hour, "fetched_at": NOW} for ago in range(1, 87_600)]
        connection.execute(sa.insert(candle), bars)
    for job in ("ingest", "stories", "score", "prices", "align"):
        due = [NOW - ago * dt.timedelta(minutes=10) for ago in range(365 * 144)]
        ended = {"job": job, "slots": 1, "outcome": "done", "claimed_by": "h", "token": 1, "attempts": 1}
        ended |= {"counts": {"new": 3}, "reason": "", "run_id": None}
        instants = ("due_at", "listed_at", "started_at", "finished_at")
        connection.execute(sa.insert(slot), [ended | dict.fromkeys(instants, at) for at in due])
        ran = {"job": job, "outcome": "ok", "counts": {"new": 3}, "reason": ""}
        connection.execute(sa.insert(run), [ran | {"started_at": at, "finished_at": at} for at in due])
    for number in range(SOURCES):
        name = f"source-{number}"
        told = {"source": name, "url": f"https://{name}.example/", "etag": "", "last_modified": ""}
        told |= {"last_failure_reason": "", "last_failure_detail": "", "failures_in_row": 0}
        at = {"last_checked_at": NOW, "last_success_at": NOW, "next_allowed_at": NOW}
        connection.execute(sa.insert(source_state).values(**told, **at))
        brought = {"source": name, "items": 20, "revised": 0, "refused": 0, "with_body": 3, "dated": 3, "new": 3}
        brought |= {"words": 300, "median_words": 100.0}
        readings = [brought | {"read_at": NOW - ago * hour} for ago in range(400)]
        connection.execute(sa.insert(source_yield), readings)


def measure(settings: Settings) -> None:
    """Ask a real server, and print what it took."""
    answering = Answering(settings, "127.0.0.1", 0, "benchmark")
    answering.start()
    try:
        for path in ("/healthz", "/readyz", "/metrics"):
            took, body, cpu = [], b"", time.process_time()
            connection = http.client.HTTPConnection("127.0.0.1", answering.listener.port)
            for _ in range(ASKS):
                begun = time.perf_counter()
                connection.request("GET", path)
                body = connection.getresponse().read()
                took.append(1000 * (time.perf_counter() - begun))
                time.sleep(0.25)
            first, rest = took[0], sorted(took[1:])
            print(
                f"{path:<10}first {first:7.1f} ms, then median {statistics.median(rest):6.1f}, "
                f"longest {rest[-1]:6.1f}; {len(body):,} bytes, {1000 * (time.process_time() - cpu) / ASKS:.1f} ms CPU"
            )
        begun = time.perf_counter()
        answering.lookout.count_now()
        print(f"counting  {1000 * (time.perf_counter() - begun):7.1f} ms, at most once in 50 times that")
    finally:
        answering.stop()


def main() -> None:
    """Build a store, then ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=200_000)
    parser.add_argument("--url", help="of an empty database; default: a SQLite file that is thrown away")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newscandle-") as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'large.db'}"
        sources = tuple(Source(name=f"source-{n}", url=f"https://source-{n}.example/") for n in range(SOURCES))
        settings = Settings(store=Store(url=SecretStr(url)), source=sources)
        house = furnish(settings, lambda: dt.datetime.now(dt.UTC))
        begun = time.monotonic()
        build(house.engine, asked.articles)
        print(f"{asked.articles:,} articles on {house.engine.dialect.name}, built in {time.monotonic() - begun:.0f} s")
        house.engine.dispose()
        measure(settings)


if __name__ == "__main__":
    main()
