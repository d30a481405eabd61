"""The listings over HTTP: every format tells what the SQL view tells, the past as it was told then, and no more."""

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboards.api.v1.formats import FORMATS
from dashboards.api.v1.listings import Reading, build_router
from storage import articles, candles, database
from storage.listings import LISTINGS, Kind, Listing
from tests.storage.acts import happen
from tests.storage.builders import a_candle, an_article, at
from tests.storage.oracle import HOUR, Align, Conclude, Extract, Ingest, Print, Read, Search
from tests.storage.test_views import shown
from tests.storage.victim import work

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
Rows = list[tuple[Any, ...]]


def ask(engine: sa.Engine) -> TestClient:
    app = FastAPI()
    app.include_router(build_router(Reading(engine, lambda: NOW)))
    return TestClient(app)


@pytest.fixture
def client(engine: sa.Engine) -> Iterator[TestClient]:
    with ask(engine) as opened:
        yield opened


@pytest.fixture
def url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def read_view(engine: sa.Engine, listing: Listing) -> Rows:
    with database.read(engine) as connection:
        chosen = sa.select(*(sa.column(name) for name in listing.columns)).select_from(sa.table(listing.view))
        return sorted((tuple(map(shown, row)) for row in connection.execute(chosen)), key=repr)


def decode(listing: Listing, name: str, body: bytes) -> Rows:
    """The rows of an answer in the form of `shown`."""
    columns = listing.columns.values()
    if name in ("json", "ndjson"):
        told = json.loads(body)["data"] if name == "json" else [json.loads(line) for line in body.splitlines()]
        return [tuple(shown(row[one.name]) for one in columns) for row in told]
    if name == "csv":
        kinds = {one.name: pa.string() for one in columns}
        kept = pyarrow.csv.ConvertOptions(
            column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
        )
        lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
        table = pyarrow.csv.read_csv(io.BytesIO(body), convert_options=kept, parse_options=lines)
        parse = {Kind.INTEGER: int, Kind.DOUBLE: float, Kind.BOOLEAN: lambda told: int(told == "true")}
        rows = [[row[one.name] for one in columns] for row in table.to_pylist()]
        return [
            tuple(
                None if cell is None else parse[one.kind](cell) if one.kind in parse else shown_json(one.kind, cell)
                for one, cell in zip(columns, row, strict=True)
            )
            for row in rows
        ]
    read = pyarrow.parquet.read_table if name == "parquet" else lambda file: pa.ipc.open_stream(file).read_all()
    table = read(io.BytesIO(body))
    rows = [[row[one.name] for one in columns] for row in table.to_pylist()]
    return [tuple(shown_json(one.kind, cell) for one, cell in zip(columns, row, strict=True)) for row in rows]


def shown_json(kind: Kind, cell: Any) -> Any:
    if kind is Kind.JSON and cell is not None:
        return shown(json.loads(cell))
    return shown(cell)


def test_every_format_tells_what_the_view_tells(engine: sa.Engine, url: str) -> None:
    work(url)
    with ask(engine) as client:
        for listing in LISTINGS.values():
            expected = read_view(engine, listing)
            assert expected, listing.name
            for name in FORMATS:
                asked = {"fields": ",".join(listing.columns), "limit": 10_000}
                got = client.get(f"/v1/{listing.name}.{name}", params=asked)
                assert got.status_code == 200, got.text
                assert sorted(decode(listing, name, got.content), key=repr) == expected, (listing.name, name)


def test_pages_are_the_whole_in_order(engine: sa.Engine, url: str) -> None:
    """Page by page, rising and falling, every row once, and the order that of a single page."""
    work(url)
    with ask(engine) as client:
        for listing in LISTINGS.values():
            for order in ("rising", "falling"):
                whole = client.get(f"/v1/{listing.name}", params={"order": order, "limit": 10_000}).json()
                assert whole["next"] is None
                paged, cursor = [], {}
                while True:
                    asked = {"order": order, "limit": 1 + len(whole["data"]) // 4, **cursor}
                    page = client.get(f"/v1/{listing.name}", params=asked)
                    paged += page.json()["data"]
                    if page.json()["next"] is None:
                        break
                    assert 'rel="next"' in page.headers["link"]
                    cursor = {"cursor": page.json()["next"]}
                assert paged == whole["data"], listing.name
            rising = client.get(f"/v1/{listing.name}", params={"limit": 10_000}).json()["data"]
            assert whole["data"] == rising[::-1]


HISTORY = (
    Ingest("a", "first", 0),  # at(50), so in the bar of hour 50
    Read("rules/1", "a", 1, 0.25, 100),
    Align(0, 50, (0.25,)),
    Extract("quotes", "a", 1, 1),
    Extract("events", "a", 1, 1),
    Print(((1, 0.5), (2, 1.0))),
    Search(3, ("outage",)),
    Conclude(1, 5),
    Ingest("b", "first", -30),
    Ingest("a", "second", 0),
    Read("rules/2", "a", 1, -0.5, 30),
    Read("rules/1", "a", 2, None, 100),
    Align(0, 50, (0.5,)),
    Extract("quotes", "a", 2, 2),
    Extract("events", "a", 2, 1),
    Print(((2, 0.5), (3, 1.0))),
    Search(3, ("",)),
    Ingest("a", "first", 0),
    Conclude(2, 7),
)
"""News, readings, bars, holes, points and reports; then told again, edited, restated, filled, gone back to."""


def test_the_past_is_told_as_it_was_told_then(engine: sa.Engine) -> None:
    """What each listing answered at a moment is what it answers later as of that moment, byte for byte."""
    now = at(49)
    clock = [now]
    app = FastAPI()
    app.include_router(build_router(Reading(engine, lambda: clock[0])))
    recorded: list[tuple[str, str, bytes]] = []
    with TestClient(app) as client:
        for number, event in enumerate(HISTORY):
            now += HOUR
            with database.begin(engine) as connection:
                happen(connection, event, now)
            clock[0] = now
            for name in [*LISTINGS][number % 2 :: 2]:
                told = now.isoformat().replace("+00:00", "Z")
                answer = client.get(f"/v1/{name}", params={"as_of": told})
                assert answer.status_code == 200, answer.text
                recorded.append((name, told, answer.content))
        clock[0] = NOW
        changed = set()
        for name, told, body in recorded:
            assert client.get(f"/v1/{name}", params={"as_of": told}).content == body, (name, told)
            latest = client.get(f"/v1/{name}").json()["data"]
            changed |= {name} if latest != json.loads(body)["data"] else set()
    assert changed >= {"series", "candles", "gaps", "articles", "scores", "quotes", "events", "trials", "lineage"}


def test_what_cannot_be_used_is_refused_by_name(client: TestClient) -> None:
    """Each is 422 with problem details that name the parameter; nothing is ignored."""
    for asked, field in (
        ("targets=bitcoin", "query"),
        ("target=bitcoin&fields=nothing", "fields"),
        ("fields=target,target", "fields"),
        ("from=2024-01-01T00:00:00", "from"),
        ("from=2024-01-02&to=2024-01-01", "to"),
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("as_of=2031-01-01", "as_of"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=1&limit=2", "limit"),
        ("order=up", "order"),
        ("cursor=abc", "cursor"),
        ("cursor=W10", "cursor"),
        ("min_scored=nan", "min_scored"),
        ("target=%00", "target"),
        ("format=xlsx", "format"),
    ):
        answer = client.get(f"/v1/series?{asked}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), asked
        assert answer.json()["field"] == field, answer.json()
    assert client.get("/v1/series.csv?format=json").status_code == 422


def test_a_cursor_serves_its_own_question_only(engine: sa.Engine, url: str) -> None:
    work(url)
    with ask(engine) as client:
        page = client.get("/v1/candles?limit=1").json()
        assert client.get("/v1/candles", params={"limit": 5, "cursor": page["next"]}).status_code == 200
        other = client.get("/v1/candles", params={"venue": "kraken", "cursor": page["next"]})
        assert other.json()["field"] == "cursor"


def test_filters_narrow(client: TestClient, engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        candles.save(connection, [a_candle(hour, close=10.0 + hour / 10) for hour in range(5)])
    rows = client.get("/v1/candles", params={"from": "2024-01-10T01:00:00Z", "to": "2024-01-10T03:00:00Z"}).json()[
        "data"
    ]
    hours = [row["open_at"] for row in client.get("/v1/candles").json()["data"]]
    assert [row["open_at"] for row in rows] == [hour for hour in hours if "2024-01-10T01" <= hour < "2024-01-10T03"]
    assert client.get("/v1/candles?venue=kraken&venue=bitstamp").json()["data"] == []
    assert len(client.get("/v1/candles?venue=kraken&venue=coinbase").json()["data"]) == 5


def test_an_answer_that_is_had_is_not_sent_again(client: TestClient, engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        candles.save(connection, [a_candle(hour, close=10.0) for hour in range(40)])
    first = client.get("/v1/candles.ndjson")
    again = client.get("/v1/candles.ndjson", headers={"if-none-match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    plain = client.get("/v1/candles.ndjson", headers={"accept-encoding": "gzip;q=0"})
    assert plain.content == first.content
    assert plain.headers["etag"] != first.headers["etag"]
    assert int(first.headers["content-length"]) < len(gzip.compress(plain.content)) * 2 < len(plain.content)
    with database.begin(engine) as connection:
        candles.save(connection, [a_candle(41, close=10.0)])
    changed = client.get("/v1/candles.ndjson", headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    head = client.head("/v1/candles.parquet")
    assert (head.content, head.headers["content-length"]) == (
        b"",
        client.get("/v1/candles.parquet").headers["content-length"],
    )


def test_a_title_that_a_spreadsheet_would_run_is_defused_in_csv_alone(client: TestClient, engine: sa.Engine) -> None:
    title = '=HYPERLINK("http://evil.example","x")'
    with database.begin(engine) as connection:
        articles.save(connection, [an_article(title=title)], recorded_at=at(0))
    [_, row] = list(csv.reader(io.StringIO(client.get("/v1/articles.csv?fields=title,url").text)))
    assert row[0] == f"'{title}"
    assert client.get("/v1/articles").json()["data"][0]["title"] == title


def test_a_store_that_is_gone_is_503_with_a_time_to_come_back(tmp_path: Path) -> None:
    engine = database.open_engine(f"sqlite:///{tmp_path}/empty.db")
    with ask(engine) as client:
        answer = client.get("/v1/series")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"].startswith("urn:newscandle:problem:store-")
