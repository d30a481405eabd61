"""What an idle newscandle costs: `python -m benchmarks.footprint [SECONDS]`. Memory, processor time, wake-ups, imports.

A daemon, a daemon that listens, `up` and `serve` run as real processes on an empty SQLite store with no job due; each
is left alone for `SECONDS` (60), then asked for /metrics twice. Goals: a daemon that listens
stays under 150 MB (better: 120) and under 1 % of one processor; `--help` within 150 ms of CPU time.
"""

import contextlib
import http.client
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.pipeline import STEPS

OTHERS = ("editions", "seal", "alerts")
SETTLED_SECONDS = 8
HEAVY = ("pandas", "ccxt", "scipy", "statsmodels", "pyarrow", "trafilatura", "onnxruntime", "numpy", "lxml", "fastapi")
_PORTS = {"listen": 8681, "serve": 8680}
_TICKS = os.sysconf("SC_CLK_TCK")
_IMPORTS = {
    "the command line": "jobs.cli",
    "a daemon": "jobs.daemon",
    "a daemon that listens": "jobs.daemon, dashboards.api.app, uvicorn",
    "serve, with the API": "jobs.answering, dashboards.api.v1.listings, uvicorn",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: resident MB, CPU seconds used so far, and how often it gave up the processor by itself."""

    megabytes: float
    cpu: float
    sleeps: int


def read_cost(pid: int) -> Cost:
    """As the kernel counts it, over all threads."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [resident] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        told = (task / "status").read_text(encoding="ascii")
        switches += next(int(line.split()[1]) for line in told.splitlines() if line.startswith("voluntary_ctxt"))
    return Cost(resident / 1000, (int(fields[11]) + int(fields[12])) / _TICKS, switches)


@contextlib.contextmanager
def running(folder: Path, words: str, **variables: str) -> Iterator[int]:
    """A newscandle process, by its id."""
    command = [sys.executable, "-m", "jobs", *words.split()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **variables}, stdout=log, stderr=log)
    try:
        yield process.pid
        if process.poll() is not None:
            raise SystemExit((folder / "log").read_text(encoding="utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def ask(port: int) -> float:
    """Ask for the metrics; milliseconds."""
    begun = time.perf_counter()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        connection.getresponse().read()
    return 1000 * (time.perf_counter() - begun)


def watch(name: str, words: str, port: int | None, seconds: float, **variables: str) -> None:
    """Print what one process costs while nothing is to be done."""
    with tempfile.TemporaryDirectory(prefix="newscandle-") as place:
        folder = Path(place)
        rules = "".join(f'{job} = "0 0 1 1 *"\n' for job in (*STEPS, *OTHERS))
        told = f"source = []\n[serve]\nport = {_PORTS['serve']}\n[daemon]\n{rules}"
        (folder / "newscandle.toml").write_text(told, encoding="utf-8")
        with running(folder, words, **variables) as pid:
            time.sleep(SETTLED_SECONDS)
            before = read_cost(pid)
            time.sleep(seconds)
            idle = read_cost(pid)
            asked = ""
            if port is not None:
                ask(port)
                time.sleep(2)
                took = ask(port)
                asked = f"; once asked {read_cost(pid).megabytes:.0f} MB, answers in {took:.0f} ms"
            cpu, sleeps = idle.cpu - before.cpu, idle.sleeps - before.sleeps
            print(
                f"{name:<24}{idle.megabytes:6.0f} MB, {cpu:.2f} s of CPU in {seconds:.0f} s, "
                f"{sleeps / seconds:.1f} wake-ups a second{asked}"
            )


def time_import(name: str, modules: str) -> None:
    """Print what importing costs in CPU time (median of five) and memory, and which heavy packages came with it."""
    code = (
        f"import sys, time; t = time.process_time(); import {modules}; t = time.process_time() - t; "
        f"pages = int(open('/proc/self/statm').read().split()[1]); "
        f"print(1000 * t, pages * {resource.getpagesize()} / 1e6, *(m for m in {HEAVY!r} if m in sys.modules))"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    milliseconds, megabytes, *heavy = sorted((run.stdout.split() for run in runs), key=lambda told: float(told[0]))[2]
    told = f"{float(megabytes):6.0f} MB, {float(milliseconds):5.0f} ms of CPU"
    print(f"{name:<24}{told}; {', '.join(heavy) or 'nothing heavy'}")


def time_help() -> None:
    """Print what `newscandle --help` costs in CPU time (median of five)."""
    took = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "jobs", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"{'--help':<24}{1000 * sorted(took)[2]:17.0f} ms of CPU")


def main() -> None:
    """Imports first, then processes, one after the other."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    print("imports")
    time_help()
    for name, modules in _IMPORTS.items():
        time_import(name, modules)
    print("idle")
    listen = f"127.0.0.1:{_PORTS['listen']}"
    watch("daemon", "daemon", None, seconds)
    watch("daemon that listens", "daemon", _PORTS["listen"], seconds, NEWSCANDLE_DAEMON__LISTEN=listen)
    watch("up", "up", _PORTS["serve"], seconds)
    watch("serve", "serve", _PORTS["serve"], seconds)


if __name__ == "__main__":
    main()
