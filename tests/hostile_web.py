"""A web that does all that goes wrong: thousands of broken feeds, each at a loopback address of its own.

A plan is made from a number: the same number, the same bytes and the same misbehaviour. The server is one asyncio
loop in a thread; it answers on 127.16.0.0/12 and on no other address, so that each feed has a host of its own and one
that hangs delays no other. `manners` opens the egress to those addresses and to nothing else: a redirect from there
inwards is refused as it is anywhere.
"""

import asyncio
import contextlib
import gzip
import hashlib
import json
import os
import random
import re
import socket
import struct
import tarfile
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_network
from pathlib import Path

from jobs.addresses import is_within
from jobs.settings import Ingest

PATIENCE = 2.0
"""Seconds in all that the ingest gives a feed here (45 by default): what never ends is given up after so long."""
OURS = "127.16.0.0/12"
LARGEST = 1.0
"""Megabytes that the ingest takes here (10 by default)."""


@dataclass(frozen=True)
class Plan:
    """One hostile feed: its body, how it is sent, and the reasons in which it may end ("" for at least one entry)."""

    number: int
    kind: str
    body: bytes = b""
    expected: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        """Its own address."""
        return f"127.{16 + (self.number >> 16)}.{self.number >> 8 & 255}.{self.number & 255}"

    @property
    def name(self) -> str:
        """Its name as a source."""
        return f"{self.kind.replace(' ', '-')}-{self.number}"


def manners(patience: float = PATIENCE) -> Ingest:
    """How the ingest behaves here: as fast as it can, into the hostile web's addresses and no others inwards."""
    return Ingest(
        follow_robots=False,
        seconds_between_requests_to_a_host=0,
        minutes_between_checks=0,
        attempts=1,
        concurrent=64,
        connect_timeout_seconds=patience,
        total_timeout_seconds=patience,
        max_megabytes=LARGEST,
        allow_networks=(OURS,),
    )


@cache
def corpus() -> tuple[bytes, ...]:
    """Feedparser's 2,106 test feeds, in the order of their names."""
    [archive] = (Path(os.environ["NEWSCANDLE_TEST_DATA"]) / "feeds" / "feedparser_corpus").glob("*.tar.xz")
    with tarfile.open(archive) as packed:
        # in the order of the archive: to go back in it is to unpack it again
        found = {one.name: packed.extractfile(one).read() for one in packed if one.name.endswith(".xml")}  # type: ignore[union-attr]
    return tuple(found[name] for name in sorted(found))


def bombs() -> list[bytes]:
    """The XML bombs and external entities of defusedxml."""
    folder = Path(os.environ["NEWSCANDLE_TEST_DATA"]) / "feeds" / "xml_bombs"
    return [path.read_bytes() for path in sorted(folder.glob("*.xml"))]


def naughty() -> list[str]:
    """Strings that have broken software."""
    return list(json.loads((Path(os.environ["NEWSCANDLE_TEST_DATA"]) / "feeds" / "naughty_strings.json").read_text()))


def feed(number: int, *titles: str) -> bytes:
    """A small well-formed feed whose stories are nobody else's."""
    items = "".join(
        f"<item><title><![CDATA[{title}]]></title><link>https://f{number}.example/{place}</link>"
        f"<pubDate>Fri, 10 May 2024 09:00:00 GMT</pubDate><description>Story {number} {place}.</description></item>"
        for place, title in enumerate(titles or ("Bitcoin climbs",))
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


_HOST = re.compile(rb"(xmlns[^\s<>]{0,40})?(https?://)(?=[\w-]+\.)")


def _own(body: bytes, number: int) -> bytes:
    """The feed with hosts of its own, so that no two feeds tell of one address; namespaces stay what they are."""
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        body = body.replace("example.".encode(coding), f"f{number}.example.".encode(coding))
    return _HOST.sub(lambda found: found[0] if found[1] else found[2] + b"f%d." % number, body)


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "as it is": lambda body, _: body,
    "cut": lambda body, chance: body[: chance.randrange(len(body))] if body else body,
    "flipped": lambda body, chance: _flip(body, chance),
    "recoded": lambda body, chance: body.decode("latin-1").encode(
        chance.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7", "cp037"]), "replace"
    ),
    "spliced": lambda body, chance: _splice(body, chance),
    "miscalled": lambda body, chance: (
        b'<?xml version="1.0" encoding="%s"?>'
        % chance.choice([b"utf-16", b"gb18030", b"koi8-r", b"x-none", b"ebcdic-cp-us"])
        + body.split(b"?>", 1)[-1]
    ),
}
"""What is done to a feed of the corpus."""


def _flip(body: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(body)
    for _ in range(1 + len(body) // 200):
        if flipped:
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _splice(body: bytes, chance: random.Random) -> bytes:
    other = chance.choice(corpus())
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


Send = Callable[[asyncio.StreamWriter, Plan], Awaitable[None]]


def _head(status: int, *more: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/rss+xml", "Connection: close", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _answer(status: int, *more: str, body: bytes | None = None) -> Send:
    async def send(writer: asyncio.StreamWriter, plan: Plan) -> None:
        sent = plan.body if body is None else body
        writer.write(_head(status, *more, length=len(sent)) + sent)

    return send


def _coded(coding: str, pack: Callable[[bytes], bytes]) -> Send:
    async def send(writer: asyncio.StreamWriter, plan: Plan) -> None:
        packed = pack(plan.body)
        writer.write(_head(200, f"Content-Encoding: {coding}", length=len(packed)) + packed)

    return send


def _claiming(more: int) -> Send:
    async def send(writer: asyncio.StreamWriter, plan: Plan) -> None:
        writer.write(_head(200, length=len(plan.body) + more) + plan.body)

    return send


def _dripping(head: bytes, piece: bytes, pause: float) -> Send:
    async def send(writer: asyncio.StreamWriter, plan: Plan) -> None:
        writer.write(head)
        for _ in range(100_000):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return send


async def _reset(writer: asyncio.StreamWriter, plan: Plan) -> None:
    writer.write(_head(200, length=len(plan.body) + 100) + plan.body[:50])
    await writer.drain()
    made = writer.get_extra_info("socket")
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _say_nothing(writer: asyncio.StreamWriter, plan: Plan) -> None:
    await asyncio.sleep(30)


async def _hang_up(writer: asyncio.StreamWriter, plan: Plan) -> None:
    """Not a word."""


async def _babble(writer: asyncio.StreamWriter, plan: Plan) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" + plan.body)


def _page(text: str) -> Send:
    return _answer(
        200, body=f"<!doctype html><html><head><title>{text}</title></head><body>{text}</body></html>".encode()
    )


@cache
def _zeros(coding: str) -> bytes:
    pressed = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    block = b"\0" * 1_000_000
    return b"".join([*(pressed.compress(block) for _ in range(20)), pressed.flush()])


REDIRECT_TARGETS = {
    "redirect to loopback": "http://127.0.0.1:{port}/secret",
    "redirect to metadata": "http://169.254.169.254/latest/meta-data/",
    "redirect to a disguise": "http://[::ffff:127.0.0.1]:{port}/secret",
    "redirect to a file": "file:///etc/passwd",
    "redirect in a circle": "/feed",
    "redirect on and on": "/again-{count}",
}
_Kind = tuple[Send, frozenset[str]]


def _ends(send: Send, *reasons: str) -> _Kind:
    return send, frozenset(reasons)


_PLAIN = _answer(200)
_EMPTY = b"<rss version='2.0'><channel><title>F</title></channel></rss>"
_CROWD = b"<rss><channel>" + b"<item><title>x</title></item>" * 12_000 + b"</channel></rss>"
_LATE = ("total_timeout", "read_timeout")
_STATUS = b"HTTP/1.1 200 X\r\n"
KINDS: dict[str, _Kind] = {
    "plain": _ends(_PLAIN, ""),
    "gzip": _ends(_coded("gzip", gzip.compress), ""),
    "deflate": _ends(_coded("deflate", zlib.compress), ""),
    "claims gzip": _ends(_answer(200, "Content-Encoding: gzip"), "content_encoding"),
    "gzip bomb": _ends(_coded("gzip", lambda _: _zeros("gzip")), "too_large"),
    "deflate bomb": _ends(_coded("deflate", lambda _: _zeros("deflate")), "too_large"),
    "double gzip": _ends(_coded("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))), "", "malformed"),
    "drip": _ends(_dripping(_head(200, length=500_000), b" ", 0.1), *_LATE),
    "silence": _ends(_say_nothing, *_LATE),
    "endless headers": _ends(_dripping(_STATUS, b"X-A: b\r\n" * 500, 0.0), "too_large", "malformed"),
    "slow headers": _ends(_dripping(_STATUS, b"X-A: b\r\n", 0.1), *_LATE),
    "endless body": _ends(_dripping(_head(200), b"<item>" * 10_000, 0.0), "too_large"),
    "short": _ends(_claiming(300), "truncated"),
    "long": _ends(_claiming(-40), "length_mismatch", "malformed", ""),
    "reset": _ends(_reset, "reset", "truncated"),
    "hang up": _ends(_hang_up, "reset"),
    "no http": _ends(_babble, "malformed", "length_mismatch"),
    "304 unasked": _ends(_answer(304, body=b""), "refused"),
    "401": _ends(_answer(401), "unauthorized"),
    "403": _ends(_answer(403), "forbidden"),
    "404": _ends(_answer(404), "not_found"),
    "410": _ends(_answer(410), "gone"),
    "429": _ends(_answer(429, "Retry-After: 7200"), "rate_limited"),
    "429 garbage": _ends(_answer(429, "Retry-After: soon"), "rate_limited"),
    "429 year 9999": _ends(_answer(429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"), "rate_limited"),
    "451": _ends(_answer(451), "refused"),
    "500": _ends(_answer(500), "unavailable"),
    "503": _ends(_answer(503, "Retry-After: -5"), "unavailable"),
    "login": _ends(_page("Log in"), "html_instead"),
    "consent": _ends(_page("<a href='https://consent.google.com/x'>We value your privacy</a>"), "consent_wall"),
    "challenge": _ends(_page("Just a moment <script src='/cdn-cgi/challenge-platform/x.js'>"), "challenge"),
    "nothing": _ends(_answer(200, body=b""), "malformed"),
    "blanks": _ends(_answer(200, body=b" \n\t\0 " * 99), "malformed"),
    "noise": _ends(_answer(200, body=random.Random(7).randbytes(5_000)), "malformed"),
    "empty feed": _ends(_answer(200, body=_EMPTY), "empty_feed"),
    "too large": _ends(_answer(200, body=b"<rss>" + b" " * 1_500_000), "too_large"),
    "many items": _ends(_answer(200, body=_CROWD), ""),
    "deep": _ends(_answer(200, body=b"<rss><channel>" + b"<a>" * 200_000), "malformed", "empty_feed"),
    "laughs": _ends(_PLAIN, "entity_expansion", "external_entity", "malformed", "html_instead", "empty_feed"),
    "naughty": _ends(_PLAIN, ""),
    "redirect to loopback": _ends(_PLAIN, "blocked_address"),
    "redirect to metadata": _ends(_PLAIN, "blocked_address"),
    "redirect to a disguise": _ends(_PLAIN, "blocked_address"),
    "redirect to a file": _ends(_PLAIN, "redirect_scheme"),
    "redirect in a circle": _ends(_PLAIN, "redirect_loop"),
    "redirect on and on": _ends(_PLAIN, "redirect_limit"),
}
"""How a feed is sent, and in what it may end."""


def plan_kind(kind: str, number: int) -> Plan:
    """A feed of this kind."""
    bodies = {"laughs": lambda: bombs()[number % 10], "naughty": lambda: feed(number, *naughty()[number % 9 :: 9])}
    body = bodies[kind]() if kind in bodies else feed(number, f"Bitcoin climbs for the {number}th time")
    return Plan(number, kind, body, KINDS[kind][1])


def plan_mutant(number: int) -> Plan:
    """A feed of the corpus, mutated: every mutation of the first, then of the next …; what it may end in is open."""
    name = list(MUTATIONS)[number % len(MUTATIONS)]
    chance = random.Random(number)
    body = _own(corpus()[number // len(MUTATIONS) % len(corpus())], number)
    kind = chance.choice(["plain", "plain", "plain", "gzip", "deflate"])
    return Plan(number, kind, MUTATIONS[name](body, chance))


@dataclass
class HostileWeb:
    """The running server: what was asked of it, and whether anything got through to where nothing may."""

    port: int
    plans: dict[str, Plan]
    asked: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, one connection."""
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await self._hear(reader, writer)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode("latin-1")
        if not is_within(host, [ip_network(OURS)]):
            self.secrets.append(f"{host} {line}")
        elif (plan := self.plans.get(host)) is not None:
            self.asked.append(host)
            await self._send(writer, plan, line)

    async def _send(self, writer: asyncio.StreamWriter, plan: Plan, line: str) -> None:
        target = REDIRECT_TARGETS.get(plan.kind)
        if target is None:
            await KINDS[plan.kind][0](writer, plan)
            return
        location = target.format(port=self.port, count=hashlib.sha256(line.encode()).hexdigest()[:8])
        writer.write(_head(301, f"Location: {location}", length=0))


@contextlib.contextmanager
def serve(plans: list[Plan]) -> Iterator[HostileWeb]:
    """The hostile web for the duration of the block."""
    web = HostileWeb(0, {plan.host: plan for plan in plans})
    for coding in ("gzip", "deflate"):  # made before anybody waits for it
        _zeros(coding)
    loop = asyncio.new_event_loop()
    # All of 127.0.0.0/8 is this machine; the one socket that hears it all hears no other network's calls.
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    made.bind(("0.0.0.0", 0))  # on the loopback device only
    web.port = made.getsockname()[1]
    server = loop.run_until_complete(asyncio.start_server(web.answer, sock=made, backlog=4096))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        _end(loop)


def _end(loop: asyncio.AbstractEventLoop) -> None:
    async def let_go() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.02)  # closed sockets are let go of in the next turns

    loop.run_until_complete(let_go())
    loop.close()


OUTCOMES = """
SELECT outcome, count(*) FROM (
    SELECT s.source, CASE
        WHEN s.failures_in_row > 0 THEN s.last_failure_reason
        WHEN EXISTS (SELECT 1 FROM entry e WHERE e.source = s.source) THEN ''
        WHEN EXISTS (SELECT 1 FROM skipped k WHERE k.source = s.source AND k.stage = 'feed' AND k.reason = 'empty_feed')
            THEN 'empty_feed'
        WHEN EXISTS (
            SELECT 1 FROM skipped k WHERE k.source = s.source AND k.stage = 'feed' AND k.reason = 'told_elsewhere'
        ) THEN 'told_elsewhere'
        ELSE 'nothing at all' END AS outcome
    FROM source_state s) GROUP BY outcome ORDER BY 2 DESC, 1
"""
"""How many sources ended in at least one entry (''), how many in which reason; 'nothing at all' must not be there."""
