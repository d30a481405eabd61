"""The exchanges of a soak: three venues in their own wire formats, whose bars are known for every hour there is."""

import datetime as dt
import email.utils
import hashlib
import math
import random
from collections import Counter
from typing import Any

from benchmarks.soak_outages import VENUE_DEAD, VENUES_DEAD, VENUES_OLD, Outages
from benchmarks.soak_time import HOUR, START, Timeline
from tests.exchange_server import DIALECTS, MARKETS, Bar, ExchangeServer, Reply, json_reply

VENUES = ("coinbase", "bitstamp", "bitfinex")
_DAYS_BEFORE = 40
_FAULTS = ("500", "429", "html", "half", "cut", "bad row", "no rows")


class SoakVenues:
    """`bars`: all there ever are, by open instant (ms), alike on every venue. `given`: by venue, the open instant of
    the newest closed bar that an unspoilt answer held.
    """

    def __init__(self, timeline: Timeline, outages: Outages, days: float, faults: float, seed: int) -> None:
        self._timeline, self._outages, self._rate = timeline, outages, faults
        self._draw = random.Random(seed)
        first = round(START.timestamp()) - _DAYS_BEFORE * 86_400
        hours = 24 * (_DAYS_BEFORE + 1 + math.ceil(days))
        made = [_make_bar((first + 3600 * number) * 1000) for number in range(hours)]
        self.bars = {bar[0]: bar for bar in made}
        self.faults: Counter[str] = Counter()
        self.given: dict[str, int] = {}
        self.requests = 0

    def open(self) -> ExchangeServer:
        """A server of them on a port of 127.0.0.1."""
        self.server = ExchangeServer(self._reply)
        return self.server

    def _reply(self, path: str, query: dict[str, str]) -> Reply:
        self.requests += 1
        self.server.asked.clear()  # thirty days of it would be the memory that is measured
        venue = _venue_of(path)
        if self._outages.is_on(VENUES_DEAD) or (venue == VENUES[0] and self._outages.is_on(VENUE_DEAD)):
            return Reply(b"<html>down for maintenance", status=502, headers=self._date())
        if path == MARKETS[venue][0]:
            return json_reply(MARKETS[venue][1], headers=self._date())
        kind = self._draw.choice(_FAULTS) if self._draw.random() < self._rate else ""
        if kind:
            self.faults[kind] += 1
        if kind in ("500", "429"):
            return Reply(b"{}", status=int(kind), headers=self._date())
        if kind == "html":
            return Reply(b"<html>hello", headers=self._date())
        whole = DIALECTS[venue](path, query, self._list_shown(venue, kind), lambda rows: self._spoil(rows, kind))
        if kind == "half":
            return Reply(whole.body[: len(whole.body) // 2], headers=self._date())
        declared = len(whole.body) + 50 if kind == "cut" else None
        return Reply(whole.body, headers=self._date(), declared=declared)

    def _list_shown(self, venue: str, kind: str) -> list[Bar]:
        now = self._timeline.now
        frozen = self._outages.since(VENUES_OLD)
        shown_at = START.timestamp() + (now if frozen is None else frozen)
        shown = [bar for bar in self.bars.values() if bar[0] <= shown_at * 1000]
        if not kind:
            closed = [bar[0] for bar in shown[-2:] if bar[0] / 1000 + HOUR <= shown_at]
            self.given[venue] = max(closed[-1], self.given.get(venue, 0))
        return shown

    def _spoil(self, rows: list[Any], kind: str) -> list[Any]:
        if kind == "no rows":
            return []
        if kind == "bad row" and rows:
            rows = [list(row) if isinstance(row, list) else dict(row) for row in rows]
            at = self._draw.randrange(len(rows))
            if isinstance(rows[at], dict):
                rows[at]["high"], rows[at]["low"] = "1", "2"
            else:
                rows[at][1:] = [-1] * (len(rows[at]) - 1)
        return rows

    def _date(self) -> dict[str, str]:
        now = START + dt.timedelta(seconds=self._timeline.now)
        return {"Date": email.utils.format_datetime(now, usegmt=True)}


def _venue_of(path: str) -> str:
    for venue in VENUES:
        if path == MARKETS[venue][0]:
            return venue
    return "bitstamp" if "/ohlc/" in path else "bitfinex" if path.startswith("/v2/") else "coinbase"


def _make_bar(millis: int) -> Bar:
    """The same for an instant whoever asks when: prices that wander by the hour."""
    seed = int.from_bytes(hashlib.blake2b(str(millis).encode(), digest_size=8).digest(), "big")
    draw = random.Random(seed)
    base = 60_000 + 3_000 * math.sin(millis / 3.1e8) + 500 * math.sin(millis / 2.3e7)
    first, last = base + draw.uniform(-80, 80), base + draw.uniform(-80, 80)
    high, low = max(first, last) + draw.uniform(0, 60), min(first, last) - draw.uniform(0, 60)
    first, high, low, last = (round(one, 1) for one in (first, high, low, last))
    return (millis, first, high, low, last, round(draw.uniform(1, 90), 3))
