"""Who may ask the API: this machine by its own name, others with a key that holds, and nobody oftener than it says."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.middleware import Middleware

from dashboards.api.doorkeeper import Doorkeeper, Guarded, hash_key, is_local
from storage import database, keys
from storage.keys import ApiKey
from tests.storage.builders import at

KEY = "nc_0123456789ab_" + "x" * 43
KEPT = ApiKey("0123456789ab", "desk", hash_key(KEY), 60, at(0))


class Ticks:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ask(doorkeeper: Doorkeeper, host: str, base: str = "http://127.0.0.1:8600") -> TestClient:
    routes = APIRouter()
    routes.add_api_route("/v1/x", lambda: "told")
    routes.add_api_route("/v1x", lambda: "open")
    app = FastAPI(middleware=[Middleware(Guarded, doorkeeper=doorkeeper)])
    app.include_router(routes)
    return TestClient(app, base_url=base, client=(host, 5000))


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def doorkeeper(engine: sa.Engine, ticks: Ticks) -> Doorkeeper:
    with database.begin(engine) as connection:
        keys.add(connection, KEPT)
    return Doorkeeper(engine, ticks=ticks)


def test_this_machine_needs_no_key_unless_said(doorkeeper: Doorkeeper) -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert ask(doorkeeper, host).get("/v1/x").json() == "told"
    assert ask(doorkeeper, "::1", "http://[::1]:8600").get("/v1/x").status_code == 200
    closed = replace(doorkeeper, needs_key=True)
    assert ask(closed, "127.0.0.1").get("/v1/x").status_code == 401


def test_a_page_that_calls_this_machine_by_another_name_is_refused(doorkeeper: Doorkeeper) -> None:
    """DNS rebinding: the browser connects here, and names the attacker's host."""
    client = ask(doorkeeper, "127.0.0.1")
    for name in ("evil.example", "evil.example:8600", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        assert client.get("/v1/x", headers={"host": name}).status_code == 421
    assert client.get("/v1/x", headers={"host": "evil.example", "x-api-key": KEY}).status_code == 200


def test_others_need_a_key_that_holds(doorkeeper: Doorkeeper, engine: sa.Engine, ticks: Ticks) -> None:
    client = ask(doorkeeper, "192.0.2.7")
    refused = client.get("/v1/x")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="newscandle"')
    assert client.get("/v1x").json() == "open"
    for wrong in ("", "nc_", KEY[:-1], f"{KEY}x", "nc_0123456789ab_", "nc_ffffffffffff_" + "x" * 43, "\u00e9" * 60):
        headers = {"authorization": f"Bearer {wrong}".encode("latin-1")}
        assert client.get("/v1/x", headers=headers).status_code == 401, wrong  # type: ignore[arg-type]
    assert client.get("/v1/x", headers={"authorization": f"bearer {KEY}"}).status_code == 200
    with database.begin(engine) as connection:
        assert keys.revoke(connection, "desk", now=at(1))
        assert not keys.revoke(connection, "desk", now=at(1))
    ticks.now += 6
    assert client.get("/v1/x", headers={"x-api-key": KEY}).status_code == 401


def test_a_key_asks_so_often_and_no_oftener(doorkeeper: Doorkeeper, ticks: Ticks) -> None:
    client = ask(doorkeeper, "192.0.2.7")
    answers = [client.get("/v1/x", headers={"x-api-key": KEY}) for _ in range(61)]
    assert [one.status_code for one in answers] == [200] * 60 + [429]
    assert answers[0].headers["ratelimit-limit"] == "60"
    assert [one.headers["ratelimit-remaining"] for one in answers[:3]] == ["59", "58", "57"]
    assert answers[-1].headers["retry-after"] == "2"
    assert answers[-1].json()["type"] == "urn:newscandle:problem:too-many-requests"
    ticks.now += 1
    assert client.get("/v1/x", headers={"x-api-key": KEY}).status_code == 200
    assert client.get("/v1/x", headers={"x-api-key": KEY}).status_code == 429


def test_a_store_that_cannot_be_read_opens_nothing(ticks: Ticks, tmp_path: object) -> None:
    doorkeeper = Doorkeeper(database.open_engine(f"sqlite:///{tmp_path}/empty.db"), ticks=ticks)
    answer = ask(doorkeeper, "192.0.2.7").get("/v1/x", headers={"x-api-key": KEY})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("host", ["192.0.2.1", "::ffff:192.0.2.1", "fe80::1", "0.0.0.0", "not an address", "10.0.0.1"])
def test_what_is_not_this_machine(host: str) -> None:
    assert not is_local(host)


def test_a_key_is_never_kept(engine: sa.Engine) -> None:
    """What is stored opens nothing: the digest is another text than the key."""
    with database.begin(engine) as connection:
        keys.add(connection, KEPT)
        [held] = keys.load_all(connection)
    assert held == KEPT
    assert KEY not in repr(held)
    assert held.made_at.tzinfo is dt.UTC
