"""A week of the web in minutes: real HTTP over loopback under a clock that jumps to whatever is due next.

Client and server share one event loop. Where no socket has anything to say and only timers are left, nothing can happen
before the first of them: the clock jumps there. Every time-out, pause and slow answer takes its whole time by it.
"""

import asyncio
import datetime as dt
import email.utils
import random
import re
import selectors
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

START = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
HOUR, DAY = 3600.0, 86_400.0
SHOWN = 30  # items a feed shows
CUT_LENGTH = "5000"
"""What a body that is cut short announces."""
_WORDS = re.findall(
    r"\w+",
    "bitcoin price market traders said after the court ruled that fund investors expect rates to fall while miners "
    "sold coins and the senate heard the chair speak of rules for banks exchanges wallets as demand rose in spring",
)


class _JumpingSelector(selectors.SelectSelector):
    """Hands out what is ready; where nothing is, moves the clock instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout is None or timeout <= 0:
            return found if found or timeout is not None else super().select(None)
        found = super().select(0.0002)  # what the kernel is just carrying over
        if not found:
            self.now += timeout
        return found


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the selector's."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class Loopback(AbstractResolver):
    """Every name is 127.0.0.1."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Feed:
    """One feed: when its items come out, what it says of itself, and when it fails how (instants in seconds)."""

    name: str
    host: str
    items: tuple[float, ...]
    validators: str  # of "em": etag, last-modified
    hint: tuple[str, float]
    delay: float
    faults: tuple[tuple[float, float, str], ...]
    moves_at: float = float("inf")
    gone_at: float = float("inf")


@dataclass
class Asked:
    """One request and how it was answered."""

    host: str
    path: str
    began: float
    sent: Mapping[str, str]
    ended: float = 0.0
    status: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    beside: int = 0  # other requests of that host under way when it came
    rest: float = 0.0
    fresh_for: float = 0.0


def make_feeds(count: int, days: float, seed: int = 7) -> list[Feed]:
    """Feeds of every kind: a third of them shares its host with another."""
    draw = random.Random(seed)
    return [_make_feed(number, days, draw) for number in range(count)]


def _make_feed(number: int, days: float, draw: random.Random) -> Feed:
    mean = draw.choice((1, 3, 8, 24)) * HOUR
    items, at = [], draw.expovariate(1 / mean)
    while at < days * DAY:
        items.append(round(at))
        at += draw.expovariate(1 / mean)
    kinds = ("503s", "503d", "429s", "429d", "429", "500", "cut", "slow", "broken")
    faults = []
    for _ in range(draw.choice((0, 0, 1, 2))):
        begins = draw.uniform(0, days * DAY)
        faults.append((begins, begins + draw.uniform(0.2, 5) * HOUR, draw.choice(kinds)))
    hint = draw.choice(
        (
            ("", 0.0),
            ("", 0.0),
            ("max-age", HOUR),
            ("max-age", 300.0),
            ("expires", 2 * HOUR),
            ("zero", 0.0),
            ("ttl", HOUR),
        )
    )
    return Feed(
        name=f"f{number}",
        host=f"h{number - number % 3 if number % 3 == 2 else number}.example",
        items=tuple(items),
        validators=draw.choice(("em", "em", "e", "m", "")),
        hint=hint,
        delay=draw.choice((0.0, 0.05, 0.4, 3.0)),
        faults=tuple(faults),
        moves_at=draw.uniform(0.1, 0.4) * days * DAY if number % 11 == 5 else float("inf"),
        gone_at=0.9 * days * DAY if number % 50 == 7 else float("inf"),
    )


class SimulatedWeb:
    """The server of all these feeds; `log` holds every request in the order they came."""

    def __init__(self, feeds: list[Feed]) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self._under_way: dict[str, int] = {}
        self.log: list[Asked] = []
        self.port = 0

    async def open(self) -> web.ServerRunner:
        """Listen on a free port of 127.0.0.1."""
        runner = web.ServerRunner(web.Server(self._handle, handler_cancellation=True))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    def url_of(self, feed: Feed) -> str:
        """What the settings name."""
        return f"http://{feed.host}:{self.port}/{feed.name}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        now = asyncio.get_running_loop().time
        host = request.host.partition(":")[0]
        sent = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(host, request.path, now(), sent, beside=self._under_way.get(host, 0))
        self.log.append(asked)
        self._under_way[host] = asked.beside + 1
        try:
            response = await self._answer(request, asked)
            asked.status = response.status
            asked.told = {name.lower(): value for name, value in response.headers.items()}
            return response
        finally:
            asked.ended = now()
            self._under_way[host] -= 1

    async def _answer(self, request: web.BaseRequest, asked: Asked) -> web.StreamResponse:
        feed = self._feeds.get(asked.path.strip("/").partition("-")[0])
        if feed is None:
            return web.Response(status=404)
        if feed.delay:
            await asyncio.sleep(feed.delay)
        now = asyncio.get_running_loop().time()
        fault = next((kind for begins, ends, kind in feed.faults if begins <= now < ends), "")
        if asked.path == f"/{feed.name}" and now >= feed.gone_at:
            return web.Response(status=410)
        if fault and fault != "broken":
            return await fail(request, asked, fault, now)
        if asked.path == f"/{feed.name}" and now >= feed.moves_at:
            return web.Response(status=301, headers={"Location": f"/{feed.name}-moved"})
        return self._show(feed, asked, now, is_broken=fault == "broken")

    def _show(self, feed: Feed, asked: Asked, now: float, *, is_broken: bool) -> web.StreamResponse:
        out = [(number, at) for number, at in enumerate(feed.items) if at <= now]
        newest = out[-1][1] if out else 0.0
        told, ttl = _hints(feed, asked, now)
        etag = f'W/"{feed.name}, {len(out)}{" broken" if is_broken else ""}\\"' if "e" in feed.validators else ""
        modified = _http_date(newest + is_broken) if "m" in feed.validators else ""
        told |= {"ETag": etag} if etag else {}
        told |= {"Last-Modified": modified} if modified else {}
        matched = asked.sent.get("if-none-match") == etag if etag else asked.sent.get("if-modified-since") == modified
        if (etag or modified) and matched:
            return web.Response(status=304, headers=told)
        base = f"http://{feed.host}:{self.port}"
        body = "<rss><channel>" if is_broken else _render(feed, out[-SHOWN:], base, ttl)
        return web.Response(body=body.encode(), headers={**told, "Content-Type": "application/rss+xml"})


def _hints(feed: Feed, asked: Asked, now: float) -> tuple[dict[str, str], str]:
    kind, seconds = feed.hint
    asked.fresh_for = seconds
    if kind == "max-age":
        return {"Cache-Control": f"public, max-age={seconds:.0f}"}, ""
    if kind == "expires":
        asked.fresh_for = float(int(now + seconds) - int(now))
        return {"Expires": _http_date(int(now) + seconds), "Date": _http_date(int(now))}, ""
    if kind == "zero":
        return {"Expires": "0", "Cache-Control": "no-cache"}, ""
    return {}, f"<ttl>{seconds / 60:.0f}</ttl>" if kind == "ttl" else ""


async def fail(request: web.BaseRequest, asked: Asked, fault: str, now: float) -> web.StreamResponse:
    """A failing answer of this kind: `503s`, `503d`, `429s`, `429d`, `429`, `500`, `cut` or `slow`."""
    if fault == "slow":
        await asyncio.sleep(120)
    if fault == "cut":
        response = web.StreamResponse(headers={"Content-Length": CUT_LENGTH})
        await response.prepare(request)
        await response.write(b"<rss>")
        assert request.transport is not None
        request.transport.close()
        return response
    told = {}
    if fault in ("503s", "429s"):
        asked.rest, told = 2 * HOUR, {"Retry-After": "7200"}
    elif fault in ("503d", "429d"):
        asked.rest, told = float(int(now) + 1800 - now), {"Retry-After": _http_date(int(now) + 1800)}
    return web.Response(status=int(fault[:3]) if fault[:3].isdigit() else 500, headers=told)


def _http_date(seconds: float) -> str:
    return email.utils.format_datetime(START + dt.timedelta(seconds=int(seconds)), usegmt=True)


def _render(feed: Feed, items: list[tuple[int, float]], base: str, ttl: str) -> str:
    told = "".join(_render_item(feed, number, at, base) for number, at in reversed(items))
    return f"<rss version='2.0'><channel><title>{feed.name}</title><link>{base}</link>{ttl}{told}</channel></rss>"


def _render_item(feed: Feed, number: int, at: float, base: str) -> str:
    link, words = f"{base}/a/{feed.name}/{number}", " ".join(_words(f"{feed.name}-{number}"))
    return (
        f"<item><title>{words[:60]}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{_http_date(at)}</pubDate><description>{words}</description></item>"
    )


def _words(seed: str) -> Iterator[str]:
    draw = random.Random(seed)
    yield f"{seed} {draw.randrange(10**9)}"
    for _ in range(30):
        yield draw.choice(_WORDS)
