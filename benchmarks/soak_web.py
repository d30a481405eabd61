"""The news of a soak: feeds that answer, fail, freeze and fall silent, and a record of what each of them gave away."""

import random
from collections import Counter

from aiohttp import web

from benchmarks.simulated_web import CUT_LENGTH, SHOWN, Asked, Feed, SimulatedWeb, fail
from benchmarks.soak_outages import NEWS_BROKEN, NEWS_DEAD, NEWS_FROZEN, Outages

_FAULTS = ("500", "429", "cut", "slow", "broken", "reset", "empty")


class SoakWeb(SimulatedWeb):
    """`given`: by feed, the ticks of its last whole answer; `newest`: how many of its items have been shown."""

    def __init__(self, feeds: list[Feed], outages: Outages, faults: float, seed: int) -> None:
        super().__init__(feeds)
        self._outages, self._rate, self._draw = outages, faults, random.Random(seed)
        self.given: dict[str, float] = {}
        self.shown: dict[str, set[int]] = {feed.name: set() for feed in feeds}
        self.faults: Counter[str] = Counter()
        self.requests = 0

    async def _answer(self, request: web.BaseRequest, asked: Asked) -> web.StreamResponse:
        self.requests += 1
        self.log.clear()  # thirty days of it would be the memory that is measured
        if self._outages.is_on(NEWS_DEAD):
            return _hang_up(request)
        is_feed = asked.path.strip("/").partition("-")[0] in self.shown
        if is_feed and self._draw.random() < self._rate:
            kind = self._draw.choice(_FAULTS)
            self.faults[kind] += 1
            return await self._spoil(request, asked, kind)
        return await super()._answer(request, asked)

    async def _spoil(self, request: web.BaseRequest, asked: Asked, kind: str) -> web.StreamResponse:
        if kind == "reset":
            return _hang_up(request)
        if kind == "broken":
            return web.Response(body=b"<rss><channel>", headers={"Content-Type": "application/rss+xml"})
        if kind == "empty":
            return web.Response(body=b"", headers={"Content-Type": "application/rss+xml"})
        return await fail(request, asked, kind, 0.0)

    def _show(self, feed: Feed, asked: Asked, now: float, *, is_broken: bool) -> web.StreamResponse:
        frozen = self._outages.since(NEWS_FROZEN)
        shown_at = now if frozen is None else frozen
        is_broken = is_broken or self._outages.is_on(NEWS_BROKEN)
        response = super()._show(feed, asked, shown_at, is_broken=is_broken)
        if not is_broken and response.headers.get("Content-Length") != CUT_LENGTH:
            self.given[feed.name] = now
            out = [number for number, at in enumerate(feed.items) if at <= shown_at]
            self.shown[feed.name].update(out[-SHOWN:])
        return response


def _hang_up(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
