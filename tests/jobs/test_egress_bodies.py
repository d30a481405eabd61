"""Bodies and headers meant to do harm: bounded in memory and time, each with its reason."""

import asyncio
import gzip
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import FetchFailed
from service.news.text.inflating import Inflater, offered_codings
from tests.jobs.houses import environment
from tests.jobs.test_egress import QUICK, Request, fetch, reason, replace
from tests.web_server import Answer, Web, serve

TIMES, BLOCK = 100, 3_000_000
CHILD = """
import resource, sys, time, asyncio, datetime as dt
from jobs.egress import Egress, Limits, Request
from service.errors import FetchFailed

limits = Limits(allow_private=True, follow_robots=False, host_gap=0.0, attempts=1)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

async def ask(urls):
    async with Egress(limits, lambda: dt.datetime.now(dt.UTC)) as egress:
        for url in urls:
            began, told = time.process_time(), "answered"
            try:
                await egress.fetch(Request(url))
            except FetchFailed as error:
                told = error.reason
            print(told, round(time.process_time() - began, 3), peak())

asyncio.run(ask(sys.argv[1:]))
"""


def _deflated(wbits: int) -> bytes:
    """300 MB of zeros as 300 kB, made from one block a hundred times over (so its check sum is wrong, at the end)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * TIMES + packer.flush(zlib.Z_FINISH)


def _bombs() -> dict[str, Answer]:
    gzipped = _deflated(31)
    bombs = {
        "gzip": (gzipped, "gzip"),
        "members": (gzip.compress(bytes(BLOCK), 9) * TIMES, "gzip"),
        "deflate": (_deflated(15), "deflate"),
        "raw": (_deflated(-15), "deflate"),
        "double": (gzip.compress(gzipped, 1), "gzip, gzip"),
        "mixed": (zlib.compress(gzipped, 1), "gzip, deflate"),
        "empty_members": (gzip.compress(gzip.compress(b"", 9) * 400_000, 1), "gzip, gzip"),
    }
    if "br" in offered_codings():
        import brotli

        bombs["br"] = (brotli.compress(bytes(BLOCK * 20), quality=1), "br")
    return {f"/{name}": Answer(200, body, {"Content-Encoding": coding}) for name, (body, coding) in bombs.items()}


def test_bombs_stay_below_32_megabytes_and_a_second() -> None:
    """R4: gzip of one member and of many, deflate with and without its header, one in another, and br where offered."""
    bombs = {"/small": Answer(200, b"x"), **_bombs()}
    with serve(dict(bombs)) as web:
        words = [sys.executable, "-c", CHILD, *(web.url + path for path in bombs)]
        done = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    first, *rest = (line.split() for line in done.stdout.splitlines())
    assert first[0] == "answered"
    base = int(first[2])
    for path, (told, seconds, peak) in zip(list(bombs)[1:], rest, strict=True):
        assert told == ("content_encoding" if path == "/empty_members" else "too_large"), path
        assert float(seconds) <= 1.0, (path, seconds)
        assert int(peak) <= base + 32_000, (path, peak, base)


@settings(max_examples=40, deadline=None)
@given(
    body=st.binary(max_size=3000),
    codings=st.lists(st.sampled_from(["gzip", "deflate", "raw", "members"]), max_size=3),
    cuts=st.integers(1, 50),
)
def test_what_is_coded_comes_back_however_it_is_cut(body: bytes, codings: list[str], cuts: int) -> None:
    """Against zlib and gzip themselves: any body, up to three codings, in pieces of any size; cut it is `truncated`."""
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw": lambda data: zlib.compress(data)[2:-4],
        "members": lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:]) + b"\0\0",
    }
    sent = body
    for coding in codings:
        sent = pack[coding](sent)
    header = ", ".join({"raw": "deflate", "members": "x-gzip"}.get(coding, coding) for coding in codings)

    def inflate(data: bytes, most: int) -> bytes:
        inflater = Inflater(header, most)
        for start in range(0, len(data), cuts):
            inflater.feed(data[start : start + cuts])
        return inflater.finish()

    assert inflate(sent, 10_000) == body
    if len(body) > 500:
        with pytest.raises(FetchFailed) as caught:
            inflate(sent, len(body) // 3)
        assert caught.value.reason == "too_large"
    if codings and codings[-1] != "members":
        with pytest.raises(FetchFailed) as caught:
            inflate(sent[:-1] if len(sent) < 3 else sent[: len(sent) * 2 // 3], 10_000)
        assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    ("body", "coding"),
    [(b"<rss/>", "gzip"), (b"\x1f\x8bnot gzip at all", "gzip"), (b"x", "zstd"), (b"x", "gzip, gzip, gzip, gzip")],
)
def test_what_is_not_coded_as_said_is_told(body: bytes, coding: str) -> None:
    with serve({"/x": Answer(200, body, {"Content-Encoding": coding})}) as web:
        assert reason(f"{web.url}/x") == "content_encoding"


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks no HTTP of its own: `answer` has the connection after the request."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)

    def run() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                answer(connection)
        except OSError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
    finally:
        listening.close()
        thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (OK + b"Content-Length: 50\r\n\r\nhello", "truncated"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "truncated"),
        (OK + b"Content-Length: 8\r\n\r\nhello wonderful world", "length_mismatch"),
        (OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello wonderful", "length_mismatch"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "length_mismatch"),
        (OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "length_mismatch"),
        (OK + b"Content-Length: -5\r\n\r\nhello", "length_mismatch"),
        (OK + b"Content-Length: 99999999999\r\n\r\nhello", "too_large"),
        (OK + b"X: " + b"a" * 300_000 + b"\r\n\r\n", "too_large"),
        (OK + b"".join(b"X%d: a\r\n" % n for n in range(20_000)), "too_large"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhel\r\n", "malformed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "malformed"),
        (b"", "reset"),
        (OK + b"X: 1\r\n", "reset"),
    ],
)
def test_answers_that_are_not_what_they_say(sent: bytes, expected: str) -> None:
    with raw_server(lambda connection: connection.sendall(sent)) as url:
        assert reason(url) == expected


def test_silence_a_drip_and_a_plain_server_where_tls_was_expected() -> None:
    """Each way to be slow or wrong has its own reason, and none outlasts its time-out."""

    def wait(connection: socket.socket) -> None:
        connection.settimeout(2)
        connection.recv(1)

    def drip(connection: socket.socket) -> None:
        connection.sendall(OK)
        for _ in range(100):
            connection.sendall(b"X")  # one byte of an endless header
            time.sleep(0.02)

    began = time.monotonic()
    with raw_server(wait) as url:
        assert reason(url, replace(QUICK, total_timeout=0.3)) in ("total_timeout", "read_timeout")
    with raw_server(drip) as url:
        assert reason(url, replace(QUICK, total_timeout=0.3)) == "total_timeout"
    assert time.monotonic() - began < 4
    with raw_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        assert reason(url.replace("http:", "https:")) == "tls"
    assert reason("http://no-such-host.invalid/") == "dns"


def test_validators_go_where_they_came_from_and_nowhere_else() -> None:
    """Of a redirect the last address gave them: it alone gets them back, and an address it moves to later does not."""
    answers: dict[str, Answer | list[Answer] | Callable[[dict[str, str]], Answer]] = {
        "/a": Answer(301, headers={"Location": "/b"}),
        "/b": lambda headers: Answer(304) if "if-none-match" in headers else Answer(200, b"x", {"ETag": '"b"'}),
    }
    with serve(answers) as web:
        first = fetch(Request(f"{web.url}/a"))
        assert (first.url, first.moved_permanently_to) == (f"{web.url}/b", f"{web.url}/b")
        again = fetch(Request(f"{web.url}/a", etag=first.etag, validated_url=first.url))
        assert again.is_unchanged
        assert "if-none-match" not in web.requests("/a")[1]
        assert web.requests("/b")[1]["if-none-match"] == '"b"'
        web.answers["/b"] = Answer(302, headers={"Location": "/c"})
        web.answers["/c"] = Answer(200, b"y")
        moved = fetch(Request(f"{web.url}/a", etag=first.etag, validated_url=first.url))
        assert "if-none-match" not in web.requests("/c")[0]
        assert moved.moved_permanently_to == f"{web.url}/b"  # the temporary step is not part of it
        web.answers["/d"] = Answer(304)
        assert reason(f"{web.url}/d") == "refused"  # not modified, though nothing was known of it


def test_a_password_in_an_address_is_told_to_nobody() -> None:
    with serve({"/x": Answer(404), "/y": Answer(302, headers={"Location": "ftp://me:hunter2@x/"})}) as web:
        for path in ("/x", "/y"):
            with pytest.raises(FetchFailed) as caught:
                fetch(Request(web.url.replace("//", "//me:hunter2@") + path))
            assert "me:hunter2" not in str(caught.value), path


def test_brotli_is_offered_only_where_it_can_be_bounded() -> None:
    with serve({"/x": Answer(200, b"x")}) as web:
        fetch(Request(f"{web.url}/x"))
        offered = web.requests("/x")[0]["accept-encoding"]
    assert offered == ("gzip, deflate, br" if find_spec("brotli") else "gzip, deflate")


def _rest_of(web: Web) -> list[str]:
    from jobs.egress import Egress
    from tests.jobs.test_egress import NOW

    async def run() -> list[str]:
        told = []
        async with Egress(replace(QUICK, host_gap=0.01), lambda: NOW) as egress:
            for path in ("/limited", "/other", "/third"):
                try:
                    await egress.fetch(Request(web.url + path))
                    told.append("answered")
                except FetchFailed as error:
                    told.append(error.reason)
        return told

    return asyncio.run(run())


def test_a_host_that_asks_for_rest_on_one_page_is_not_asked_for_another() -> None:
    page = Answer(200, b"x")
    for status in (429, 503):
        limited = Answer(status, headers={"Retry-After": "3600"})
        with serve({"/limited": limited, "/other": page, "/third": page}) as web:
            assert _rest_of(web)[1:] == ["resting", "resting"]
            assert len(web.log) == 1
