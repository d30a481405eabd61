"""Real servers asked over real connections: the store goes and comes back, addresses are taken, signals end it.

`NEWSCANDLE_TEST_SERVE=1` starts `newscandle up` in a process of its own as well.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jobs.answering import Answering
from jobs.breath import WATCH_SECONDS, WORKER_SECONDS, Breath
from jobs.lookout import Lookout
from jobs.pipeline import STEPS
from jobs.settings import Settings, Store, read_listen
from jobs.status import describe_readiness, judge
from service.errors import BadInput
from tests.databases import PostgresServer
from tests.health.builders import NOW
from tests.jobs.houses import command, environment, newscandle
from tests.storage.test_survival import Proxy

FRESH = {"no_leader", "starting", "no_sources"}
"""What is found on a store that nobody has worked on."""


def ask(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def checks_of(port: int) -> tuple[int, set[str]]:
    status, body = ask(port, "/readyz")
    return status, {one["check"] for one in json.loads(body)["findings"]}


def await_checks(port: int, expected: set[str]) -> None:
    """Ask until these are found, with a 503 each time and each time in two seconds, and a little for this machine."""
    end = time.monotonic() + 10
    while True:
        begun = time.monotonic()
        status, found = checks_of(port)
        assert time.monotonic() - begun < 2.5
        assert status == 503
        if found == expected:
            return
        assert time.monotonic() < end, found
        time.sleep(0.05)


def settings_on(url: str) -> Settings:
    return Settings(store=Store(url=SecretStr(url)))


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lest each step waits until the last look is old."""
    monkeypatch.setattr("jobs.lookout.LOOK_SECONDS", 0.05)


@pytest.fixture
def behind_proxy(postgres_server: PostgresServer, postgres_url: str) -> Iterator[tuple[Proxy, Answering]]:
    """A server that reaches its database through a proxy."""
    where = sa.make_url(postgres_url)
    proxy = Proxy(os.path.join(str(where.query["host"]), ".s.PGSQL.5432"))  # noqa: PTH118
    there = where.set(drivername="postgresql", host="127.0.0.1", port=proxy.port, query={})
    answering = Answering(settings_on(there.render_as_string(hide_password=False)), "127.0.0.1", 0, "serve.port")
    answering.start()
    yield proxy, answering
    answering.stop()
    proxy.close()


def test_the_store_goes_and_comes_back(behind_proxy: tuple[Proxy, Answering]) -> None:
    """A database that answers no more is a 503 within two seconds, while the process stays alive; and it comes back."""
    proxy, answering = behind_proxy
    port = answering.listener.port
    assert checks_of(port) == (503, FRESH)
    assert b"newscandle_store_up 1.0" in ask(port, "/metrics")[1]
    proxy.is_stalled = True
    await_checks(port, {"store_unreadable"})
    begun = time.monotonic()
    assert ask(port, "/healthz")[0] == 200
    assert time.monotonic() - begun < 0.5
    proxy.is_stalled = False
    await_checks(port, FRESH)


def test_a_file_that_is_gone_or_no_database_is_told_and_never_a_500(sqlite_url: str) -> None:
    """Nor does asking lay a file, or keep reading the one that was there."""
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    answering = Answering(settings_on(sqlite_url), "127.0.0.1", 0, "serve.port")
    answering.start()
    try:
        port = answering.listener.port
        assert checks_of(port)[1] == FRESH
        moved = file.rename(file.with_name("moved.db"))
        await_checks(port, {"store_unreadable"})
        assert not file.exists()
        file.write_bytes(b"no database at all" * 500)
        await_checks(port, {"store_unreadable"})
        assert ask(port, "/metrics")[0] == 200
        moved.replace(file)
        await_checks(port, FRESH)
    finally:
        answering.stop()


def test_a_fault_of_ours_is_a_finding(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in judging, whoever asks is told that it is not well."""
    monkeypatch.setattr("jobs.lookout.gather_facts", lambda *_: 1 / 0)
    found = Lookout(settings_on(sqlite_url), lambda: NOW).judge()
    assert found.reasons == ("fault",)
    assert "ZeroDivisionError" in found.findings[0].text


def test_an_address_in_use_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"serve.port: '127.0.0.1:{port}': is in use"):
            Answering(settings_on("sqlite:///x.db"), "127.0.0.1", port, "serve.port")
    with pytest.raises(BadInput, match=r"daemon.listen: .* of this machine"):
        Answering(settings_on("sqlite:///x.db"), "192.0.2.1", 8601, "daemon.listen")
    assert read_listen("[::1]:8601") == ("::1", 8601)
    for text in ("8601", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:99999", "a:b"):
        with pytest.raises(BadInput, match="write an address and a port"):
            read_listen(text)


def test_the_judgement_in_a_terminal(sqlite_url: str, tmp_path: Path) -> None:
    found = judge(settings_on(sqlite_url))
    words = describe_readiness(found, as_json=False).splitlines()
    assert words[0] == "not ready: no_leader, starting"
    assert any(line.startswith("  critical No daemon ever led") for line in words)
    assert json.loads(describe_readiness(found, as_json=True))["ready"] is False
    gone = judge(settings_on(f"sqlite:///{tmp_path / 'gone.db'}"))
    assert gone.reasons == ("store_unreadable",)


def test_threads_that_give_no_sign_are_told() -> None:
    """A worker in a long job breathes with each transaction; a watch that hangs in one beat does not."""
    now = [0.0]
    breath = Breath(lambda: now[0])
    assert breath.measure() == {}  # the store is not open yet

    def go() -> float:
        now[0] += 5000
        assert breath.measure()["worker"] == (5000.0, WORKER_SECONDS)
        breath.sign()
        assert breath.measure()["worker"] == (0.0, WORKER_SECONDS)
        return 600.0

    breath.beat(0.0)
    breath.around(go)()
    now[0] += 599
    assert breath.measure()["worker"][0] == 0.0  # it rests until the next slot
    now[0] += 5
    assert breath.measure()["worker"][0] == 4.0
    silence, most = breath.measure()["watch"]
    assert silence > most == WATCH_SECONDS
    breath.beat(6.0)
    assert breath.measure()["watch"] == (0.0, 6.0 + WATCH_SECONDS)


@pytest.mark.slow
@pytest.mark.skipif("NEWSCANDLE_TEST_SERVE" not in os.environ, reason="set NEWSCANDLE_TEST_SERVE: it starts processes")
def test_up_is_a_daemon_and_a_server_in_one_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    rules = "".join(f'{job} = "0 0 1 1 *"\n' for job in (*STEPS, "editions"))  # nothing is due today
    told = f"source = []\n[serve]\nport = {port}\n[daemon]\n{rules}"
    (tmp_path / "newscandle.toml").write_text(told, encoding="utf-8")
    process = subprocess.Popen(command("up"), cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        alive: dict[str, Any] = {}
        while alive.get("seconds", {}).keys() != {"watch", "worker"}:
            assert time.monotonic() < end
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                alive = json.loads(ask(port, "/healthz")[1])
        assert alive["alive"]
        second = newscandle(tmp_path, "serve")
        assert (second.returncode, second.stderr.count("\n")) == (2, 1)
        assert "is in use" in second.stderr
        checked = newscandle(tmp_path, "status", "--check")
        assert checked.returncode == 1
        assert checked.stdout.startswith("not ready: ")
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - begun < 10
        with pytest.raises(OSError, match="refused"):
            ask(port, "/healthz")
    finally:
        process.kill()
        process.wait()
