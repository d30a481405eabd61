"""Secrets stay in the settings: what real jobs say, write down and store holds none of them, least of all after faults.

Each setting that can hold a secret is given a canary. `NEWSCANDLE_TEST_SECRETS=1` walks real commands
and a real daemon.
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jobs.ingest import ingest_sources
from jobs.redacting import find_secrets
from jobs.running import run_job
from jobs.settings import Settings, Source, Store
from jobs.sources import as_json, as_page, examine
from storage import database
from tests.jobs.houses import a_house, command, environment, newscandle, rows
from tests.web_server import Answer, Web, serve

CANARY = "canary-7d1e"
SEEN = re.compile("canary|" + "Y2FuYXJ5|" + "NhbmFye|jYW5hcn", re.IGNORECASE)
"""The canary as it is, and in base64 at each of its three places."""
FEED = b"""<rss version="2.0"><channel><title>Wire</title>
<item><title>Bitcoin rises</title><link>/a/1</link><description>Bitcoin rose on Friday.</description></item>
</channel></rss>"""


def answers() -> dict[str, object]:
    """A feed for who knows the password, and the faults that a server can have."""

    def guarded(headers: dict[str, str]) -> Answer:
        return Answer(200, FEED) if headers.get("authorization", "").startswith("Basic ") else Answer(401, b"who?")

    told = {
        "/feed": guarded,
        "/moved": Answer(301, b"", {"Location": f"/feed?token={CANARY}-t"}),
        "/broken": Answer(500, b"boom"),
        "/loop": Answer(302, b"", {"Location": f"/loop?token={CANARY}-t"}),
        "/cut": Answer(200, FEED, cut=40),
        "/page": Answer(200, b"<html><body>login</body></html>", {"Content-Type": "text/html"}),
        "/downgrade": Answer(302, b"", {"Location": f"ftp://u:{CANARY}@h/?token={CANARY}"}),
    }
    return {f"{path}?token={CANARY}-t": answer for path, answer in told.items()}


def sources_of(web: Web) -> list[Source]:
    """One source for each answer, with a canary for user, password and token."""
    host = urlsplit(web.url).netloc
    told = [
        Source(name=path[1:].partition("?")[0], url=f"http://{CANARY}-u:{CANARY}-p@{host}{path}")
        for path in web.answers
    ]
    told += [
        Source(name="nowhere", url=f"https://u:{CANARY}@no.such.invalid/feed"),
        Source(name="port", url=f"http://u:{CANARY}@127.0.0.1:1/feed?api_key={CANARY}"),
        Source(name="garbled", url=f"http://u:{CANARY}@[::bad/feed"),
    ]
    return told


def dump(engine: sa.Engine) -> str:
    """Every row of every table and view, as text."""
    found = []
    with database.read(engine) as connection:
        inspector = sa.inspect(connection)
        for name in (*inspector.get_table_names(), *inspector.get_view_names()):
            found += [f"{name}: {tuple(row)}" for row in connection.execute(sa.text(f'SELECT * FROM "{name}"'))]
    return "\n".join(found)


def test_sources_are_read_with_their_passwords_and_stored_without(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A redirect keeps the password for its own host; a 304 is asked for; neither the store nor anybody is told."""
    with serve(answers()) as web, a_house(tmp_path, *sources_of(web)) as house:  # type: ignore[arg-type]
        records = [run_job(house, "ingest", lambda advance: ingest_sources(house, frozenset(), advance))]
        records += [run_job(house, "ingest", lambda advance: ingest_sources(house, frozenset(), advance))]
        told = [record.as_text() for record in records] + [str(record.as_json()) for record in records]
        told += [f"{as_json(one)} {as_page(one)}" for one in examine(house)]
        stored = dump(house.engine)
        [[state]] = rows(house, "SELECT last_failure_reason FROM source_state WHERE source = 'feed'")
        moved = rows(house, "SELECT last_failure_reason FROM source_state WHERE source = 'moved'")
    assert state == "", "the feed behind a password was read"
    assert moved == [("",)], "and so was the one that leads there"
    assert records[0].outcome.counts["new"] == 1
    said = "\n".join((*told, *capfd.readouterr()))
    assert "source_state: " in stored
    assert "server answered 500" in said
    assert not SEEN.findall(stored)
    assert not SEEN.findall(said)


def test_every_secret_setting_is_known_and_words_are_not_secrets(tmp_path: Path) -> None:
    settings = Settings(
        store=Store(url=SecretStr(f"postgresql://newscandle:{CANARY}%21@db/newscandle?sslpassword={CANARY}2")),
        source=(Source(name="one", url=f"https://u:{CANARY}3@h.example/feed?key={CANARY}4&page=1"),),
    )
    found = set(find_secrets(settings))
    assert {f"{CANARY}%21", f"{CANARY}2", f"{CANARY}3", f"{CANARY}4"} <= found
    assert not found & {"newscandle", "db", "h.example", "1", "feed"}
    same = Store(url=SecretStr("postgresql://newscandle:newscandle@db/newscandle"))
    assert "newscandle" not in set(find_secrets(same)), "else every line of the log would lose its name"


HOOKS = """
[[alerts.hook]]
name = "ops"
kind = "webhook"
url = "WEB/services/CANARY-hook-in-the-path"
secret = "CANARY-0123456789abcdef"
[[alerts.hook]]
name = "desk"
kind = "mail"
host = "127.0.0.1"
port = 9
security = "starttls"
user = "u"
password = "CANARY-of-smtp"
sender = "a@b.example"
to = ["c@d.example"]
"""
MANNERS = """
[ingest]
allow_private_addresses = true
attempts = 1
follow_robots = false
seconds_between_requests_to_a_host = 0
minutes_between_checks = 0
[score]
scorers = ["rules"]
[prices]
base_url = "http://u:CANARY@127.0.0.1:9/CANARY?api_key=CANARY"
attempts = 1
venues = ["coinbase"]
[log]
format = "json"
"""
WORDS = (
    "ingest", "ingest --json", "score", "prices", "align --json", "report", "status", "status --json", "sources",
    "sources show broken", "runs", "runs --json", "alerts", "doctor --json",
)  # fmt: skip
BAD = (
    'store = "postgresql://u:CANARY@h/d"', '[store]\nurl = "x:CANARY"', '[store]\npasword = "CANARY"',
    '[stor]\nurl = "postgresql://u:CANARY@h/d"', 'token = "CANARY"',
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif("NEWSCANDLE_TEST_SECRETS" not in os.environ, reason="set NEWSCANDLE_TEST_SECRETS=1: half a minute")
def test_no_command_no_file_and_no_row_holds_a_secret_after_faults(tmp_path: Path) -> None:
    told: dict[str, str] = {}
    settings = tmp_path / "newscandle.toml"

    def go(words: str, **variables: str) -> None:
        done = newscandle(tmp_path, *words.split(), **variables)
        told[f"{words} {variables}"] = done.stdout + done.stderr

    with serve(answers()) as web:  # type: ignore[arg-type]
        of_sources = "".join(f'[[source]]\nname = "{one.name}"\nurl = "{one.url}"\n' for one in sources_of(web))
        good = (MANNERS + HOOKS).replace("CANARY", CANARY).replace("WEB", web.url) + of_sources
        settings.write_text(good, "utf-8")
        for words in WORDS:
            go(words)
        variables = {"NEWSCANDLE_DAEMON__INGEST": "every 2s", "NEWSCANDLE_DAEMON__PRICES": "every 2s"}
        with (tmp_path / "daemon.log").open("wb") as out:
            daemon = subprocess.Popen(
                command("daemon"), cwd=tmp_path, env=environment(**variables), stdout=out, stderr=out
            )
            time.sleep(8)
            settings.write_text(good.replace("[log]", f'[log]\napi_key = "{CANARY}"'), "utf-8")
            daemon.send_signal(signal.SIGHUP)
            time.sleep(2)
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(20) == 0
        settings.write_text(good, "utf-8")
    assert "settings refused" in (tmp_path / "daemon.log").read_text("utf-8")
    go("status", NEWSCANDLE_STORE__URL=f"postgresql://u:{CANARY}@127.0.0.1:1/db")
    go("ingest", NEWSCANDLE_STORE__URL=f"postgres://u:{CANARY}@@[bad/db")
    go("status", NEWSCANDLE_STOR__URL=f"postgresql://u:{CANARY}@h/db")
    for bad in BAD:
        (tmp_path / "bad.toml").write_text(bad.replace("CANARY", CANARY), "utf-8")
        go("-c bad.toml status")
        assert not SEEN.findall(told["-c bad.toml status {}"]), bad
    (tmp_path / "bad.toml").unlink()
    settings.unlink()
    assert {words: text for words, text in told.items() if SEEN.search(text)} == {}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 2, "the store and the daemon's log"
    assert [path for path in files if SEEN.search(path.read_bytes().decode("latin-1"))] == []
