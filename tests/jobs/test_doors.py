"""Who opens connections: nobody but the declared doors, by the source and by what real jobs do under an audit hook.

The doors: `jobs/egress.py` for the web; ccxt, opened in `jobs/exchange.py` and held by `jobs/exchange_guard.py`; the
database's driver, which `storage/database.py` names by its address; huggingface_hub in `jobs/model_hub.py`; mail
servers in `jobs/mail.py`.
`NEWSCANDLE_TEST_DOORS=1` walks all six jobs, else the two that ask the network.
"""

import ast
import datetime as dt
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.pipeline import STEPS
from service.instants import to_millis
from tests.exchange_server import ExchangeServer, SimulatedVenue
from tests.jobs.houses import REPOSITORY, environment
from tests.web_server import Answer, serve

NOW = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)
ROOMS = ("service", "storage", "dashboards", "jobs")
WAYS_OUT = {
    "socket", "_socket", "ssl", "http", "urllib.request", "urllib3", "requests", "aiohttp", "httpx", "ftplib",
    "smtplib",
    "poplib", "imaplib", "telnetlib", "xmlrpc", "websockets", "pycurl", "socketserver", "ccxt", "huggingface_hub",
}  # fmt: skip
DOORS = {
    ("jobs/egress.py", "aiohttp"), ("jobs/egress.py", "socket"), ("jobs/egress.py", "ssl"),
    ("jobs/exchange.py", "ccxt"), ("jobs/notify.py", "socket"), ("jobs/serving.py", "socket"),
    ("jobs/mail.py", "smtplib"), ("jobs/mail.py", "ssl"), ("jobs/drills/servers.py", "http"),
    ("jobs/exchange_guard.py", "urllib3"), ("jobs/model_hub.py", "huggingface_hub"),
}  # fmt: skip
NAMED = {"open_connection", "create_connection", "sock_connect", "getaddrinfo", "urlopen", "urlretrieve"}
_WORTH_PARSING = re.compile("|".join(map(re.escape, (*WAYS_OUT, *NAMED))))
HARMLESS = {"http.HTTPStatus"}  # names of numbers

CHILD = """
import datetime as dt, json, sys
from pathlib import Path

seen = []

def watch(event, arguments):
    if event == "socket.__new__" and int(arguments[1]) not in (2, 10):
        return  # the two ends of a pipe of asyncio's
    if event not in ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        return
    if event == "socket.connect" and not isinstance(arguments[1], tuple):
        return
    frame, path = sys._getframe(1), []
    while frame is not None:
        path.append(frame.f_code.co_filename)
        frame = frame.f_back
    seen.append((event, path))

sys.addaudithook(watch)
from pydantic import SecretStr
from jobs.house import furnish
from jobs.pipeline import STEPS, run_step
from jobs.settings import Align, Ingest, Prices, Report, Score, Settings, Source, Store
from service.instants import Interval

folder, feed, venue = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = Settings(
    store=Store(url=SecretStr(f"sqlite:///{folder / 'store.db'}")),
    ingest=Ingest(allow_private_addresses=True, seconds_between_requests_to_a_host=0, attempts=1),
    score=Score(scorers=("rules", "vader")),
    prices=Prices(venues=("coinbase",), history_days=8, base_url=venue, intervals=(Interval.H1,)),
    align=Align(targets=("bitcoin",), intervals=(Interval.H1,)),
    report=Report(days=8, surrogates=99, folder=str(folder / "reports")),
    source=(Source(name="wire", url=feed),),
    folder=folder,
)
house = furnish(settings, lambda: dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC))
steps = sys.argv[4:] or STEPS
records = [run_step(house, step, STEPS[step]).as_json() for step in steps]
print(json.dumps({"records": records, "seen": seen}))
"""


def _imports(path: Path) -> set[str]:
    """The modules a file imports anywhere, with their packages, and the calls that open connections by other names."""
    found: set[str] = set()
    text = path.read_text(encoding="utf-8")
    if _WORTH_PARSING.search(text) is None:
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and node.attr in NAMED:
            found.add(node.attr)
    return found


def test_no_other_file_imports_a_way_out() -> None:
    """Every file of the four rooms, imports within functions included; each door does import what it is for."""
    found = set()
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*.py"):
            where = path.relative_to(REPOSITORY).as_posix()
            for name in _imports(path) - HARMLESS:
                ways = {way for way in WAYS_OUT if name == way or name.startswith(f"{way}.")}
                found |= {(where, way) for way in ways | ({name} & NAMED)}
    assert found - DOORS == set()
    assert DOORS - found == set()


@pytest.mark.slow
def test_what_real_jobs_connect_to_passes_through_a_door(tmp_path: Path) -> None:
    """The jobs in one process: at every socket made, every name looked up and every connection the nearest of our files
    on the stack is a door, and both doors were used.
    """
    steps = () if os.environ.get("NEWSCANDLE_TEST_DOORS") else ("ingest", "prices")
    hour = 3_600_000
    last = to_millis(NOW) // hour
    bars = [(n * hour, 100.0 + n % 7, 110.0, 90.0, 100.0 + (n + 1) % 7, 1.0) for n in range(last - 24 * 9, last + 1)]
    item = (
        "<item><title>Bitcoin climbs</title><link>{0}/story</link><guid>1</guid><description>Up.</description></item>"
    )
    with serve({}) as web, ExchangeServer(SimulatedVenue("coinbase", bars, NOW).reply) as venue:
        web.answers["/rss"] = Answer(200, f"<rss><channel>{item.format(web.url)}</channel></rss>".encode())
        web.answers["/story"] = Answer(
            200, b"<html><body><article><p>Bitcoin climbs today.</p></article></body></html>"
        )
        words = [sys.executable, "-c", CHILD, str(tmp_path), f"{web.url}/rss", venue.url, *steps]
        done = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=240, check=False)
        assert {path for path, _ in web.log} == {"/robots.txt", "/rss", "/story"}
        assert venue.asked
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [(record["job"], record["failures"]) for record in told["records"] if record["failures"]] == []
    assert told["records"][0]["counts"]["new"] == 1
    assert [record["job"] for record in told["records"]] == list(steps or STEPS)
    nearest = {(event, _nearest(stack)) for event, stack in told["seen"]}
    assert {door for _, door in nearest} <= {"jobs/egress.py", "jobs/exchange.py", "jobs/exchange_guard.py"}
    assert {"jobs/egress.py"} < {door for event, door in nearest if event == "socket.connect"}


def _nearest(stack: list[str]) -> str:
    """The innermost of our files that is at work, "" where it is none of them."""
    for name in stack:
        path = Path(name)
        if path.is_relative_to(REPOSITORY) and ".venv" not in path.parts:
            return path.relative_to(REPOSITORY).as_posix()
    return ""
