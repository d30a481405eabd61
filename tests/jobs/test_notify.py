"""What the service manager hears, on a real datagram socket, of real daemons: one that lives and one that is stuck.

`NEWSCANDLE_TEST_WATCHDOG=1` adds the daemons whose jobs are long, which take some seconds.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.breath import WORKER_SECONDS, Breath
from jobs.notify import Notifier, open_notifier
from tests.jobs.houses import command, environment
from tests.jobs.test_daemon import read, settings_of


class Manager:
    """Hears what is told, as systemd would."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self.heard: list[str] = []

    def wait_for(self, line: str, seconds: float = 30) -> str:
        """The first message from now on with a line that begins so; the others are kept too."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                self.heard.append(self._socket.recv(4096).decode())
                if any(one.startswith(line) for one in self.heard[-1].split("\n")):
                    return self.heard[-1]
        raise AssertionError(f"never heard {line}: {self.heard}")

    def listen(self, seconds: float) -> str:
        """All that is told in so many seconds."""
        before, end = len(self.heard), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                self.heard.append(self._socket.recv(4096).decode())
        return "\n".join(self.heard[before:])

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def managing(address: str) -> Iterator[Manager]:
    manager = Manager(address)
    yield manager
    manager.close()


@contextlib.contextmanager
def started(words: list[str], folder: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    told = folder / "told.log"
    with told.open("wb") as out:
        process = subprocess.Popen(words, cwd=folder, env=environment(**variables), stdout=out, stderr=out)
    try:
        yield process, told
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_real_daemon_tells_when_it_is_ready_reads_settings_anew_and_stops(tmp_path: Path) -> None:
    settings_of(tmp_path)
    name = f"newscandle-test-{os.getpid()}"
    told_to = {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "600000"}
    with managing(f"\0{name}") as manager, started(command("daemon"), tmp_path, **told_to) as (process, told):
        assert "STATUS=opening the store" in manager.wait_for("EXTEND_TIMEOUT_USEC=")
        manager.wait_for("READY=1")
        assert (tmp_path / "newscandle.db").exists()
        assert "started" in read(told)
        manager.wait_for("STATUS=leading")
        manager.wait_for("WATCHDOG=1")
        before = time.monotonic_ns() // 1000
        process.send_signal(signal.SIGHUP)
        at = manager.wait_for("RELOADING=1").partition("MONOTONIC_USEC=")[2]
        assert before <= int(at) <= time.monotonic_ns() // 1000
        manager.wait_for("READY=1")
        process.send_signal(signal.SIGTERM)
        assert "STATUS=stopping" in manager.wait_for("STOPPING=1")
        assert process.wait(timeout=10) == 0


def test_the_watchdog_is_answered_while_the_threads_live_and_not_after(tmp_path: Path) -> None:
    now = [0.0]
    breath = Breath(lambda: now[0])
    go_on, is_in = threading.Event(), threading.Event()

    def round_() -> None:
        is_in.set()
        go_on.wait(10)

    with managing(str(tmp_path / "socket")) as manager:
        notifier = Notifier(str(tmp_path / "socket"), watchdog_seconds=0.06)
        notifier.tell_ready()
        breath.beat(5)
        worker = threading.Thread(target=breath.around(round_))
        worker.start()
        assert is_in.wait(10)
        notifier.begin(breath.measure)
        manager.wait_for("WATCHDOG=1")
        for _ in range(3):  # a long job that goes on
            now[0] += WORKER_SECONDS - 1
            breath.beat(5)
            breath.sign()
            manager.wait_for("WATCHDOG=1")
        now[0] += WORKER_SECONDS + 1
        breath.beat(5)
        manager.listen(0.1)
        assert "WATCHDOG" not in manager.listen(0.2), "a worker that gives no sign is stuck"
        breath.sign()
        manager.wait_for("WATCHDOG=1")
        now[0] += 600
        breath.sign()
        manager.listen(0.1)
        assert "WATCHDOG" not in manager.listen(0.2), "and so is a watch"
        notifier.tell_stopping()
        go_on.set()
        worker.join()


def test_nobody_is_told_where_nobody_asked_and_a_manager_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    given = {"NOTIFY_SOCKET": "", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1", "PATH": "/bin"}
    for named in ("", "vsock:2:1234", str(tmp_path / "gone"), f"@{tmp_path}/gone", f"/{'x' * 300}"):
        variables = {**given, "NOTIFY_SOCKET": named}
        notifier = open_notifier(variables)
        assert "NOTIFY_SOCKET" not in variables, "else its children would speak for it"
        notifier.tell_ready()
        notifier.tell_reloading()
        notifier.tell_stopping()
    with managing(str(tmp_path / "socket")) as manager:
        notifier = open_notifier({**given, "NOTIFY_SOCKET": str(tmp_path / "socket")})
        notifier.tell_ready()
        notifier.begin(dict)
        assert "STATUS=" in manager.wait_for("STATUS=")
        assert "WATCHDOG" not in "".join(manager.heard), "that was meant for another process"
        notifier.tell_stopping()


STUCK = """
import sys, time
import jobs.breath
jobs.breath.WORKER_SECONDS = 1.5
from jobs.daemon import run_daemon
from jobs.house import open_house
from jobs.record import Outcome
from jobs.schedule import plan
from jobs.settings_file import read_settings

def work(house, advance):
    for _ in range(200):
        time.sleep(0.1)
        if sys.argv[1] == "long":
            advance(1)
    return Outcome({})

run_daemon(lambda: open_house(None), lambda: read_settings(None),
           lambda house: plan(house.settings.daemon, {"slow": "every 1s"}, {"slow": work}))
"""


@pytest.mark.slow
@pytest.mark.skipif("NEWSCANDLE_TEST_WATCHDOG" not in os.environ, reason="set NEWSCANDLE_TEST_WATCHDOG=1: ten seconds")
@pytest.mark.parametrize("kind", ["stuck", "long"])
def test_a_stuck_worker_starves_the_watchdog_and_a_long_one_does_not(tmp_path: Path, kind: str) -> None:
    settings_of(tmp_path)
    (tmp_path / "stuck.py").write_text(STUCK, encoding="utf-8")
    told_to = {"NOTIFY_SOCKET": str(tmp_path / "socket"), "WATCHDOG_USEC": "900000"}
    with (
        managing(str(tmp_path / "socket")) as manager,
        started([sys.executable, "stuck.py", kind], tmp_path, **told_to) as (process, told),
    ):
        manager.wait_for("STATUS=leading, at slow")
        manager.listen(3)
        heard = manager.listen(2)
        assert ("WATCHDOG=1" in heard) == (kind == "long"), heard
        assert ("no sign of life" in read(told)) == (kind == "stuck")
        process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
