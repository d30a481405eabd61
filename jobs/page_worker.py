"""Pages read in a process of their own, so that a hostile one costs itself and nothing else.

PageWorker.extract(body) ─pipe─▶ page_child (bounded memory, time) ─pipe─▶ Page | ParseFailed
                      └─ it died, or took too long ─▶ ParseFailed("too_costly"); the next page gets a new one
"""

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from jobs.page_child import READY
from service.errors import ParseFailed, WorkFailed
from service.news.page import pagecodec, pages
from service.news.page.pages import Page

_LARGEST_ANSWER = 64 << 20  # bytes


class PageReader(Protocol):
    """Reads one page; raises `ParseFailed`."""

    def extract(self, body: bytes, *, url: str = "", content_type: str = "") -> Page:
        """As `service.news.page.pages.extract`."""

    def close(self) -> None:
        """End whatever was started for it; a later page starts it again."""


class InProcess:
    """Reads pages where it is called: for tests, and where processes cannot be started."""

    def extract(self, body: bytes, *, url: str = "", content_type: str = "") -> Page:
        """As `service.news.page.pages.extract`."""
        return pages.extract(body, url=url, content_type=content_type)

    def close(self) -> None:
        """Nothing was started."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one page may cost: processor seconds (whole), seconds by the clock, and megabytes of address space."""

    seconds: int = 3
    clock_seconds: float = 30.0
    megabytes: int = 512


class PageWorker:
    """Reads pages in a child process, started with the first page. May be called from several threads."""

    def __init__(self, bounds: Bounds = Bounds()) -> None:
        self._bounds = bounds
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def extract(self, body: bytes, *, url: str = "", content_type: str = "") -> Page:
        """As `service.news.page.pages.extract`; `ParseFailed` may also be `too_costly`.

        Raises `WorkFailed` (`no_page_worker`) where the process cannot be started.
        """
        if len(body) > pages.LARGEST_BODY:
            raise ParseFailed("too_large", f"the page has more than {pages.LARGEST_BODY} bytes")
        asked = json.dumps({"size": len(body), "url": url, "content_type": content_type}).encode() + b"\n"
        with self._lock:
            is_new = self._child is None
            try:
                return self._ask(asked + body)
            except TimeoutError as error:
                raise ParseFailed("too_costly", self._spell_cost()) from error
            except (OSError, ValueError) as error:
                # A process that served pages before may have died for another reason: the page gets a new one.
                if is_new:
                    raise ParseFailed("too_costly", self._spell_cost()) from error
            try:
                return self._ask(asked + body)
            except (OSError, ValueError) as error:
                raise ParseFailed("too_costly", self._spell_cost()) from error

    def _ask(self, asked: bytes) -> Page:
        """The answer to one request. Whatever goes wrong, no late answer is left to be taken for the next page's."""
        try:
            answer = _exchange(self._living(), asked, self._bounds.clock_seconds)
            told = _understand(answer)
        except BaseException:
            self._end()
            raise
        if isinstance(told, ParseFailed):
            raise told
        return told

    def _spell_cost(self) -> str:
        return _TOO_COSTLY.format(bounds=self._bounds)

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _living(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start(self._bounds)
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()


_TOO_COSTLY = (
    "reading the page took more than {bounds.seconds} s of processor time, {bounds.clock_seconds:g} s by the clock or "
    "{bounds.megabytes} MB; the feed's own text is used"
)


def _start(bounds: Bounds) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jobs.page_child", str(bounds.megabytes), str(bounds.seconds)]
    # No secret of ours reaches it: of the environment only where the code is found.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "LANG": "C.UTF-8"}
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
            cwd="/",
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise WorkFailed("no_page_worker", f"{_NO_WORKER} ({error.strerror})") from error
    try:
        if _read(child, len(READY), time.monotonic() + 60) == READY:
            return child
    except (OSError, TimeoutError):
        pass
    child.kill()
    child.wait()
    raise WorkFailed("no_page_worker", _NO_WORKER)


_NO_WORKER = "the process that reads pages cannot be started; set ingest.page_worker = false to do without"


def _exchange(child: subprocess.Popen[bytes], asked: bytes, seconds: float) -> bytes:
    """Send a request, take the answer. Raises `TimeoutError`, `OSError` where the child died, `ValueError`."""
    until = time.monotonic() + seconds
    _write(child, asked, until)
    size = bytearray()
    while not size.endswith(b"\n"):
        size += _read(child, 1, until)
        if len(size) > 20:
            raise ValueError("no size")
    if (count := int(size)) > _LARGEST_ANSWER:
        raise ValueError("the answer is too large")
    return _read(child, count, until)


def _write(child: subprocess.Popen[bytes], asked: bytes, until: float) -> None:
    """All of it, though the child may not read: the pipe is asked for room first."""
    assert child.stdin is not None
    os.set_blocking(child.stdin.fileno(), False)
    left = memoryview(asked)
    while left:
        _, ready, _ = select.select([], [child.stdin], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        left = left[os.write(child.stdin.fileno(), left) :]


def _read(child: subprocess.Popen[bytes], count: int, until: float) -> bytes:
    assert child.stdout is not None
    pieces, missing = [], count
    while missing:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(child.stdout.fileno(), min(missing, 1 << 16))
        if not piece:
            raise OSError("the process died")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _understand(answer: bytes) -> Page | ParseFailed:
    """The page or its refusal. Raises `ValueError` where the answer is neither."""
    if answer[:1] == b"+":
        return pagecodec.decode_page(answer[1:])
    reason, message = json.loads(answer[1:])
    return ParseFailed(str(reason), str(message))
