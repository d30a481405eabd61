"""Schemathesis over the API: `python -m benchmarks.api_fuzz [--requests 100000] [--seed 1]`.

Requests made from the schema, right ones and wrong ones, to an application on a real store with hostile texts in it.
Counted: answers by status, answers of 5xx, and answers that the schema does not allow. Real rows come back, for the
store is filled; beside what Schemathesis makes up, cursors and instants are spoilt from real ones. One of its checks is
left out: that all the schema allows is taken, for it cannot say that a cursor is of this question, nor that `to` comes
after `from`.
"""

import argparse
import base64
import datetime as dt
import json
import random
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from benchmarks.sets import data_folder
from dashboards.api.problems import tell_problems
from dashboards.api.v1.listings import Reading, build_router
from storage import articles, database
from storage.listings import LISTINGS
from tests.storage.builders import an_article, at
from tests.storage.victim import work

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
_SPOILT = 0.3  # share of the requests that are real ones, spoilt


def build(url: str) -> FastAPI:
    """The API on a filled store, one of whose titles each of the naughty strings is."""
    work(url)
    engine = database.open_engine(url)
    with database.begin(engine) as connection:
        for number, text in enumerate(read_naughty()):
            articles.save(connection, [an_article(f"n{number}", title=text)], recorded_at=at(0))
    app = FastAPI()
    tell_problems(app)
    app.include_router(build_router(Reading(engine, lambda: NOW)))
    return app


def read_naughty() -> list[str]:
    """The strings that break others, where the shared data is, beside a few of our own."""
    told = ["<script>alert(1)</script>", "=1+1", "\u202ereversed", "\ufeff", "' OR 1=1 --", "\x1b[31m", "x" * 10_000]
    path = data_folder() / "feeds/naughty_strings.json"
    return told + (json.loads(path.read_text(encoding="utf-8")) if path.exists() else [])


def ask_made_up(app: FastAPI, requests: int, number: int, told: Counter[str], faults: list[str]) -> None:
    """What Schemathesis makes up of the schema, spread over all operations."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [one.ok() for one in schema.get_all_operations()]
    for operation in operations:
        strategy = operation.as_strategy()

        @seed(number)
        @settings(
            max_examples=max(1, requests // len(operations)),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: Any) -> None:
            answer = case.call()
            told[str(answer.status_code)] += 1
            try:
                case.validate_response(answer, excluded_checks=[positive_data_acceptance])
            except FailureGroup as failure:
                faults.append(f"{case.method} {case.path}: {failure.exceptions[0]}"[:300])

        ask()


def ask_spoilt(app: FastAPI, requests: int, number: int, told: Counter[str], faults: list[str]) -> None:
    """Real questions with one thing in them spoilt: a bit of a cursor, a digit of an instant, a sign of a header."""
    chance = random.Random(number)
    naughty = read_naughty()
    with TestClient(app, raise_server_exceptions=False) as client:
        cursors = {name: client.get(f"/v1/{name}?limit=1").json()["next"] or "" for name in LISTINGS}
        for _ in range(requests):
            name = chance.choice(list(LISTINGS))
            listing = LISTINGS[name]
            asked = {"limit": "3", "cursor": cursors[name], "from": "2024-01-10T00:00:00Z", "as_of": "2025-01-01"}
            asked |= {chance.choice(listing.filters): "x", "fields": chance.choice(listing.usual)}
            chosen = chance.sample(list(asked), chance.randint(1, 3))
            spoilt = {one: spoil(asked[one], chance, naughty) for one in chosen}
            headers = {
                "accept": chance.choice(["*/*", "text/csv", "\x7f", "application/json;q=0"]),
                "if-none-match": "W/x",
            }
            path = f"/v1/{name}{chance.choice(['', '.csv', '.arrow', '.parquet', '.ndjson', '.json', '.'])}"
            answer = client.get(path, params=spoilt, headers=headers)
            told[str(answer.status_code)] += 1
            if answer.status_code >= 500:
                faults.append(f"{path} {spoilt!r}: {answer.text}"[:300])


def spoil(text: str, chance: random.Random, naughty: list[str]) -> str:
    """As it is, with a sign replaced, a bit flipped inside its base64, or another text altogether."""
    way = chance.randrange(4)
    if way == 0 or not text:
        return chance.choice(naughty)[:3_000]
    if way == 1:
        place = chance.randrange(len(text))
        return text[:place] + chr(chance.choice((0, 0x2E, 0x7F, 0xD7FF, 0x1F4C8, 0x30))) + text[place + 1 :]
    if way == 2:
        try:
            raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        except (ValueError, IndexError):
            return text * 2
    return text


def main() -> None:
    """Asks, and prints what came back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    told: Counter[str] = Counter()
    faults: list[str] = []
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="newscandle-") as folder:
        app = build(f"sqlite:///{Path(folder) / 'newscandle.db'}")
        began = time.monotonic()
        spoilt = int(asked.requests * _SPOILT)
        ask_made_up(app, asked.requests - spoilt, asked.seed, told, faults)
        ask_spoilt(app, spoilt, asked.seed, told, faults)
    for fault in faults[:20]:
        print(fault)
    broken = sum(number for status, number in told.items() if status.startswith("5"))
    print(f"{sum(told.values()):,} requests in {time.monotonic() - began:.0f} s: {dict(sorted(told.items()))}")
    print(f"{broken} answers of 5xx, {len(faults)} that the schema does not allow")


if __name__ == "__main__":
    main()
