"""The one way out, against a real server: what it sends, what it refuses, how it fails."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from jobs.addresses import is_public
from jobs.egress import Egress, Fetched, Limits, Request, RetryLater
from jobs.manners import Hosts
from service.errors import BadInput, FetchFailed
from service.news.manners.caching import read_retry_after
from tests.web_server import Answer, Web, serve

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
QUICK = Limits(allow_private=True, follow_robots=False, host_gap=0.0, attempts=1, total_timeout=5.0)


def fetch(request: Request, limits: Limits = QUICK) -> Fetched:
    async def run() -> Fetched:
        async with Egress(limits, lambda: NOW) as egress:
            return await egress.fetch(request)

    return asyncio.run(run())


def reason(url: str, limits: Limits = QUICK) -> str:
    with pytest.raises(FetchFailed) as caught:
        fetch(Request(url), limits)
    return caught.value.reason


def test_a_page_comes_back_with_its_validators_and_the_clock_of_the_caller() -> None:
    with serve({"/feed": Answer(200, b"<rss/>", {"ETag": 'W/"a"', "Content-Type": "text/xml"})}) as web:
        fetched = fetch(Request(f"{web.url}/feed"), replace(QUICK, contact="ops@example.org"))
    assert (fetched.body, fetched.etag, fetched.content_type, fetched.fetched_at) == (
        b"<rss/>",
        'W/"a"',
        "text/xml",
        NOW,
    )
    assert web.log[0][1]["user-agent"] == "newscandle/0.1 (+ops@example.org)"


def test_validators_are_echoed_byte_for_byte_and_304_is_unchanged() -> None:
    with serve({"/feed": Answer(304)}) as web:
        fetched = fetch(Request(f"{web.url}/feed", etag='W/"odd  \\etag"', last_modified="Wed, 1 May 2024 1:2:3 GMT"))
    assert fetched.is_unchanged
    assert web.log[0][1]["if-none-match"] == 'W/"odd  \\etag"'
    assert web.log[0][1]["if-modified-since"] == "Wed, 1 May 2024 1:2:3 GMT"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "unauthorized"), (403, "forbidden"), (404, "not_found"), (410, "gone"), (429, "rate_limited"),
     (418, "refused"), (500, "unavailable"), (503, "unavailable")],
)  # fmt: skip
def test_each_status_has_its_reason(status: int, expected: str) -> None:
    with serve({"/x": Answer(status)}) as web:
        assert reason(f"{web.url}/x") == expected


def test_a_slow_loris_ends_at_the_total_timeout() -> None:
    with serve({"/slow": Answer(200, b"x" * 1000, drip=0.05)}) as web:
        assert reason(f"{web.url}/slow", replace(QUICK, total_timeout=0.5)) == "total_timeout"


def test_a_body_shorter_than_announced_is_truncated() -> None:
    with serve({"/cut": Answer(200, b"x" * 1000, cut=10)}) as web:
        assert reason(f"{web.url}/cut") == "truncated"


def test_redirects_are_followed_and_judged() -> None:
    answers = {
        "/a": Answer(301, headers={"Location": "/b"}),
        "/b": Answer(308, headers={"Location": "/c"}),
        "/c": Answer(200, b"here"),
        "/temporary": Answer(302, headers={"Location": "/c"}),
        "/loop": Answer(302, headers={"Location": "/loop2"}),
        "/loop2": Answer(302, headers={"Location": "/loop"}),
        "/file": Answer(302, headers={"Location": "file:///etc/passwd"}),
        "/nowhere": Answer(302),
    } | {f"/{n}": Answer(302, headers={"Location": f"/{n + 1}"}) for n in range(10)}
    with serve(answers) as web:
        fetched = fetch(Request(f"{web.url}/a"))
        assert (fetched.body, fetched.moved_permanently_to) == (b"here", f"{web.url}/c")
        assert fetch(Request(f"{web.url}/temporary")).moved_permanently_to == ""
        assert reason(f"{web.url}/loop") == "redirect_loop"
        assert reason(f"{web.url}/file") == "redirect_scheme"
        assert reason(f"{web.url}/nowhere") == "redirect_scheme"
        assert reason(f"{web.url}/0") == "redirect_limit"


def test_private_addresses_are_refused_before_a_byte_is_sent() -> None:
    closed = replace(QUICK, allow_private=False)
    with serve({"/x": Answer(200, b"secret")}) as web:
        port = web.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0"):
            assert reason(f"http://{host}:{port}/x", closed) == "blocked_address", host
    assert web.log == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0", "::1", "::", "fe80::1%eth0",
     "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "::ffff:10.0.0.1", "fd00::1", "2001:0:4136:e378:0:0:80ff:fffe",
     "ff02::1", "255.255.255.255", "192.168.1.1", "198.18.0.1", "::ffff:0:127.0.0.1"],
)  # fmt: skip
def test_no_disguise_of_a_private_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "example.org", "http://", "gopher://x/"])
def test_only_http_addresses_are_taken(url: str) -> None:
    with pytest.raises(BadInput, match="http"):
        fetch(Request(url))


def test_failures_that_may_pass_are_tried_again_and_others_are_not() -> None:
    patient = replace(QUICK, attempts=2)
    with serve({"/x": [Answer(503, headers={"Retry-After": "0"}), Answer(200, b"ok")], "/gone": Answer(410)}) as web:
        assert fetch(Request(f"{web.url}/x"), patient).body == b"ok"
        assert reason(f"{web.url}/gone", patient) == "gone"
        assert len(web.requests("/gone")) == 1


def test_a_long_retry_after_ends_the_attempt_and_says_how_long() -> None:
    with serve({"/x": Answer(429, headers={"Retry-After": "3600"})}) as web:
        with pytest.raises(RetryLater) as caught:
            fetch(Request(f"{web.url}/x"), replace(QUICK, attempts=5))
        assert (caught.value.seconds, len(web.log)) == (3600.0, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Wed, 01 May 2024 12:01:00 GMT", 60.0), ("Wed, 01 May 2024 11:00:00 GMT", 0.0), ("-5", None),
     ("soon", None), ("", None), ("Fri, 31 Dec 9999 23:59:59 GMT", 604800.0), ("99999999999999", 604800.0)],
)  # fmt: skip
def test_retry_after_is_read_in_every_form(header: str, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds


def test_robots_are_obeyed_absent_ones_allow_and_failing_ones_forbid() -> None:
    polite = replace(QUICK, follow_robots=True)

    def reachable(web: Web, path: str) -> bool:
        try:
            fetch(Request(web.url + path), polite)
        except FetchFailed as error:
            return error.reason not in ("robots", "robots_failed")
        return True

    page = {"/open": Answer(200, b"x"), "/closed/a": Answer(200, b"x")}
    with serve({**page, "/robots.txt": Answer(200, b"User-agent: newscandle\nDisallow: /closed/")}) as web:
        assert (reachable(web, "/open"), reachable(web, "/closed/a")) == (True, False)
        assert web.requests("/closed/a") == []
    with serve(page) as web:
        assert reachable(web, "/closed/a")
    with serve({**page, "/robots.txt": Answer(500)}) as web:
        assert not reachable(web, "/open")


def test_a_host_that_cannot_be_reached_is_not_said_to_forbid() -> None:
    with serve({}) as web:
        url = web.url
    assert reason(f"{url}/x", replace(QUICK, follow_robots=True)) == "connect_failed"


def test_robots_are_asked_for_once_as_long_as_they_are_remembered() -> None:
    polite = replace(QUICK, follow_robots=True)
    known = Hosts()

    async def run(url: str) -> None:
        async with Egress(polite, lambda: NOW, known) as egress:
            await egress.fetch(Request(url))

    with serve({"/x": Answer(200, b"x")}) as web:
        asyncio.run(run(f"{web.url}/x"))
        asyncio.run(run(f"{web.url}/x"))
        assert (len(web.requests("/robots.txt")), len(web.requests("/x"))) == (1, 2)


def test_one_request_at_a_time_to_a_host_with_a_pause_between() -> None:
    paced = replace(QUICK, host_gap=0.2)

    async def run(web: Web) -> float:
        async with Egress(paced, lambda: NOW) as egress:
            started = asyncio.get_running_loop().time()
            await asyncio.gather(*(egress.fetch(Request(f"{web.url}/x?{n}")) for n in range(3)))
            return asyncio.get_running_loop().time() - started

    with serve({f"/x?{n}": Answer(200, b"x") for n in range(3)}) as web:
        assert asyncio.run(run(web)) >= 0.4


def test_no_connection_is_a_reason_too() -> None:
    with serve({}) as web:
        url = web.url
    assert reason(f"{url}/x") == "connect_failed"
