"""No spelling, redirect or name server leads to an address that is not public: not one connection is even tried.

What is proved stands in `sys.addaudithook`: CPython raises `socket.connect` before any connection, asyncio's included.
"""

import asyncio
import datetime as dt
import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from jobs.addresses import NOT_WEB_PORTS, is_public
from jobs.egress import Egress, Limits, Request
from service.errors import BadInput, FetchFailed
from tests.web_server import Answer, serve

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
GUARDED = Limits(follow_robots=False, host_gap=0.0, attempts=1, total_timeout=5.0, connect_timeout=2.0)
V4 = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.1", "192.168.0.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.1", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.0.170", "192.0.2.1",
    "198.18.0.1", "198.19.255.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "192.88.99.1",
)  # fmt: skip
V6 = (
    "::1", "::", "fe80::1", "fec0::1", "fd00::1", "fc00::1", "ff02::1", "ff05::1:3", "2001:db8::1", "100::1", "3fff::1",
    "2001:2::1", "2001:10::1", "64:ff9b:1::1", "5f00::1", "4000::1", "::2", "1::1", "::ffff:0:0:1", "2001::1",
    "2001:0:4136:e378:0:0:80ff:fffe",
)  # fmt: skip


def _spell_v4(text: str) -> Iterator[str]:
    """One IPv4 address as the world spells it: plain, decimal, octal, hexadecimal, shortened, and within IPv6."""
    number = int(ipaddress.IPv4Address(text))
    a, b, c, d = number.to_bytes(4, "big")
    yield from (text, str(number), f"0x{number:08x}", f"0{number:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}")
    yield from (f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{b}.{c << 8 | d}", f"{a}.{b << 16 | c << 8 | d}", f"{text}.")
    high, low = f"{a:02x}{b:02x}", f"{c:02x}{d:02x}"
    yield from (f"[::ffff:{text}]", f"[::ffff:{high}:{low}]", f"[64:ff9b::{high}:{low}]", f"[2002:{high}:{low}::1]")
    yield from (f"[::{text}]", f"[::ffff:0:{high}:{low}]", f"[0:0:0:0:0:ffff:{high}:{low}]")
    yield from (f"user:pass@{text}", f"8.8.8.8@{text}", f"8.8.8.8%40{text}@{text}")


def _urls(port: int) -> list[str]:
    spelled = [host for text in V4 for host in _spell_v4(text)]
    spelled += [f"[{text}]" for text in V6] + [
        "[::1%25lo]",
        "[fe80::1%25eth0]",
        "localhost",
        "LOCALHOST.",
        "localhost.",
    ]
    spelled += [
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "１２７.０.０.１",
        "127.0.0.1#@8.8.8.8",
        "127.0.0.1\\@8.8.8.8",
        "8.8.8.8\\@127.0.0.1",
    ]
    return [f"http://{host}:{port}/" if "#" not in host and "\\" not in host else f"http://{host}/" for host in spelled]


class Names(AbstractResolver):
    """A name server whose answers a test writes: one list of addresses a question, the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in answer
        ]

    async def close(self) -> None:
        """Nothing is held."""


_connects: list[object] = []
_is_watching = False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _is_watching and event == "socket.connect":
        _connects.append(arguments[1])


@contextmanager
def watched() -> Iterator[list[object]]:
    """The addresses that anything in this process tries to connect to within the block."""
    global _is_watching  # an audit hook cannot be taken away again
    if not getattr(sys, "_newscandle_watch", False):
        sys.addaudithook(_watch)
        sys._newscandle_watch = True  # type: ignore[attr-defined]
    _connects.clear()
    _is_watching = True
    try:
        yield _connects
    finally:
        _is_watching = False


def reasons(urls: list[str], limits: Limits = GUARDED, names: AbstractResolver | None = None) -> list[str]:
    """How each of these requests ends: a reason code, `bad_input`, or `answered`."""

    async def one(egress: Egress, url: str) -> str:
        try:
            await egress.fetch(Request(url))
        except FetchFailed as error:
            return error.reason
        except BadInput:
            return "bad_input"
        return "answered"

    async def run() -> list[str]:
        async with Egress(limits, lambda: NOW, resolver=names) as egress:
            return [await one(egress, url) for url in urls]

    return asyncio.run(run())


REFUSED = {"blocked_address", "malformed_url", "bad_input", "dns"}


def test_hundreds_of_spellings_and_not_one_connection() -> None:
    """Every address that is not public in every spelling, named directly; the canary on 127.0.0.1 hears nothing."""
    with serve({"/": Answer(200, b"secret")}) as web:
        urls = _urls(int(web.url.rpartition(":")[2]))
        with watched() as connects:
            found = dict(zip(urls, reasons(urls), strict=True))
        assert web.log == []
    assert len(urls) >= 450
    assert {url: reason for url, reason in found.items() if reason not in REFUSED} == {}
    assert [address for address in connects if isinstance(address, tuple) and not _is_name_server(address)] == []
    assert sum(reason == "blocked_address" for reason in found.values()) > 250  # and not for want of understanding


def _is_name_server(address: tuple[object, ...]) -> bool:
    return address[1] == 53


def test_redirects_into_the_house_are_not_followed() -> None:
    """From a public name (here: an allowed one) to every spelling, by every kind of redirect."""
    with serve({}) as inside, serve({}) as web:
        port = int(inside.url.rpartition(":")[2])
        targets = _urls(port)[::4]
        for number, target in enumerate(targets):
            status = (301, 302, 303, 307, 308)[number % 5]
            location = target.encode("utf-8").decode("latin-1")
            web.answers[f"/{number}"] = Answer(status, headers={"Location": location})
        starts = [f"http://public.example:{web.url.rpartition(':')[2]}/{number}" for number in range(len(targets))]
        with watched() as connects:
            found = _reasons_from_outside(starts)
        assert inside.log == []
        assert len(web.log) == len(targets) >= 100
    assert {reason for reason in found if reason not in {*REFUSED, "redirect_scheme"}} == set()
    ports = {address[1] for address in connects if isinstance(address, tuple) and not _is_name_server(address)}
    assert port not in ports


class _OneDoor(Egress):
    """Guarded as ever, but for the one server that stands for a public host."""

    open_port = 0

    def _make_socket(self, info: tuple[int, int, int, str, tuple[str | int, ...]]) -> socket.socket:
        if info[4] == ("127.0.0.1", self.open_port):
            made = socket.socket(info[0], info[1], info[2])
            made.settimeout(0.0)
            return made
        return super()._make_socket(info)


class _PublicName(Names):
    """public.example is 127.0.0.1; all else is resolved as the system does it, numbers without a question."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != "public.example":
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            except OSError:
                found = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
            self._answers = [[str(one[4][0]) for one in found]]
        else:
            self._answers = [["127.0.0.1"]]
        return await super().resolve(host, port, family)


def _reasons_from_outside(urls: list[str]) -> list[str]:
    async def run() -> list[str]:
        found = []
        async with _OneDoor(GUARDED, lambda: NOW, resolver=_PublicName([])) as egress:
            egress.open_port = urlsplit(urls[0]).port or 0
            for url in urls:
                try:
                    await egress.fetch(Request(url))
                    found.append("answered")
                except FetchFailed as error:
                    found.append(error.reason)
        return found

    return asyncio.run(run())


def test_a_name_that_turns_private_after_it_was_looked_up_is_refused() -> None:
    """DNS rebinding: whatever is answered when, the address connected to is the one that is judged."""
    with watched() as connects:
        names = Names(["127.0.0.1"], ["10.0.0.1", "::1"], ["169.254.169.254"], ["::ffff:192.168.0.1"])
        urls = [f"http://rebind-{number}.example:8080/" for number in range(4)]
        assert reasons(urls, names=names) == ["blocked_address"] * 4
        assert names.asked == 4
    assert connects == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy would be connected to, and would see every request: here it is the canary, and hears nothing."""
    with serve({}) as proxy, serve({"/x": Answer(200, b"x")}) as web:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert reasons([f"{web.url}/x"], replace(GUARDED, allow_private=True)) == ["answered"]
        assert proxy.log == []


def test_ports_where_no_web_server_is_are_refused_unless_allowed() -> None:
    """As browsers refuse them; an IRC or mail server takes the lines of a GET for commands."""
    names = Names(["127.0.0.1"])
    open_door = replace(GUARDED, allow_private=True)
    urls = [f"http://public.example:{port}/" for port in sorted(NOT_WEB_PORTS - {0})]
    with watched() as connects:
        assert set(reasons(urls, open_door, names)) == {"blocked_port"}
    assert connects == []
    assert reasons(["http://public.example:6667/"], replace(open_door, allow_ports=frozenset({6667})), names) == [
        "connect_failed"
    ]


def test_every_address_not_public_is_known_as_such() -> None:
    assert [text for text in (*V4, *V6) if is_public(text)] == []
    public = [
        "8.8.8.8",
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
    ]
    assert [text for text in public if not is_public(text)] == []
