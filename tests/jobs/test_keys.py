"""`newscandle keys`: a key is shown once, opens the API, and is refused when revoked."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pandas as pd
import pytest

from dashboards.api.doorkeeper import hash_key
from tests.jobs.houses import command, environment


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=folder, env=environment(), capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    made = run(tmp_path, "keys", "add", "desk", "--per-minute", "30")
    key = made.stdout.strip()
    assert key.startswith("nc_")
    again = run(tmp_path, "keys", "add", "desk")
    assert (again.returncode, "of this name" in again.stderr) == (2, True)
    [told] = json.loads(run(tmp_path, "keys", "list", "--json").stdout)
    assert (told["name"], told["requests_per_minute"], told["revoked_at"]) == ("desk", 30, None)
    store = (tmp_path / "newscandle.db").read_bytes()
    assert key.encode() not in store
    assert hash_key(key).encode() in store
    assert run(tmp_path, "keys", "revoke", "desk").stdout == "revoked desk\n"
    assert run(tmp_path, "keys", "revoke", "desk").returncode == 2


@pytest.mark.slow
def test_serve_tells_listings_and_health(tmp_path: Path) -> None:
    """A real server process, asked over a socket; SIGTERM ends it."""
    assert run(tmp_path, "status").returncode == 0
    variables = environment(NEWSCANDLE_SERVE__PORT="0")
    server = subprocess.Popen(
        command("serve"), cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    line = next(line for line in server.stderr if "listening" in line)
    port = next(part.partition("=")[2] for part in line.split() if part.startswith("port="))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/candles.csv", timeout=10) as answer:
        assert answer.read().startswith(b"venue,symbol,interval,open_at,")
    frame = pd.read_parquet(f"http://127.0.0.1:{port}/v1/series.parquet?target=bitcoin&interval=1h")
    assert str(frame["open_at"].dtype) == "datetime64[us, UTC]"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=10) as answer:
        assert "/v1/series" in json.loads(answer.read())["paths"]
    began = time.monotonic()
    os.kill(server.pid, signal.SIGTERM)
    assert server.wait(timeout=10) == 0
    assert time.monotonic() - began < 10
    server.communicate()
