"""What only others can tell: whether sources and venues answer, what they have, and what time it is for them."""

import asyncio
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.checks.ward import Examined, Ward, tell
from jobs.egress import Egress, Request
from jobs.exchange import Exchange, Manners
from jobs.ingest import FEED_ACCEPT, limits_of
from jobs.markets import EVERY_VENUES_OWN
from jobs.settings import Source
from service.errors import FetchFailed, NewscandleError
from service.health.findings import Finding, Severity
from service.instants import Interval, Window
from service.integrity.checks import Check, Cost, Family
from service.market.failures import read_http_date
from service.market.venues import parse_venue

_SKEW = dt.timedelta(seconds=30)
_BARS = 4
_ANSWERS = Check(
    "sources_answer",
    Family.SOURCES,
    "every enabled source answers now, asked as ingest asks it",
    Cost.ONLINE,
    "See whether the address still holds; a source that is gone can be switched off: enabled = false.",
)
_CLOCKS = Check(
    "clock_others",
    Family.CLOCK,
    "this clock and those of the sources and venues that answered agree within 30 s, by their median",
    Cost.ONLINE,
    "Let the machine follow NTP.",
)
_VENUES = Check(
    "venues_answer",
    Family.VENUES,
    "every venue of the settings answers now, and has closed bars of the last hours",
    Cost.ONLINE,
    "Take it out of prices.venues, or see prices.symbol; another venue serves meanwhile.",
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What asking somebody came to: why there is no good answer ("" where there is), and their clock less ours."""

    name: str
    failure: str = ""
    skew: dt.timedelta | None = None


def list_checks() -> tuple[Examined, ...]:
    """Every check that asks others."""
    return (
        Examined(_ANSWERS, _ask_sources, needs_store=False),
        Examined(_VENUES, _ask_venues, needs_store=False),
        Examined(_CLOCKS, _compare_clocks, needs_store=False),
    )


def _ask_sources(ward: Ward) -> Iterator[Finding]:
    for one in hear_sources(ward):
        if one.failure:
            yield tell(_ANSWERS, f"It does not answer: {one.failure}.", subject=one.name)


def _ask_venues(ward: Ward) -> Iterator[Finding]:
    for one in hear_venues(ward):
        if one.failure:
            yield tell(_VENUES, f"{one.failure}.", subject=one.name)


def _compare_clocks(ward: Ward) -> Iterable[Finding]:
    skews = sorted(one.skew for one in (*hear_sources(ward), *hear_venues(ward)) if one.skew is not None)
    if not skews:
        return
    median = skews[len(skews) // 2]
    if abs(median) > _SKEW:
        ahead = "behind" if median > dt.timedelta() else "ahead of"
        text = f"This clock is {abs(median.total_seconds()):.0f} s {ahead} those of {len(skews)} that answered."
        severity = Severity.CRITICAL if abs(median) > 4 * _SKEW else Severity.WARNING
        yield tell(_CLOCKS, text, severity=severity)


def hear_sources(ward: Ward) -> list[Heard]:
    """Ask every enabled source of the web once, with the manners of ingest."""
    if "sources" not in ward.heard:
        wanted = [one for one in ward.settings.source if one.enabled and one.url.startswith(("http://", "https://"))]
        ward.heard["sources"] = asyncio.run(_hear_all(ward, wanted))
    found: list[Heard] = ward.heard["sources"]
    return found


async def _hear_all(ward: Ward, wanted: list[Source]) -> list[Heard]:
    async with Egress(limits_of(ward.settings.ingest), ward.clock) as egress:
        return list(await asyncio.gather(*(_hear(egress, one, ward) for one in wanted)))


async def _hear(egress: Egress, source: Source, ward: Ward) -> Heard:
    try:
        answer = await egress.fetch(Request(source.url, accept=FEED_ACCEPT))
    except FetchFailed as error:
        return Heard(source.name, f"{error.reason}: {error}")
    told = read_http_date(answer.date)
    return Heard(source.name, skew=None if told is None else told - ward.clock())


def hear_venues(ward: Ward) -> list[Heard]:
    """Ask every venue of the settings for its last bars."""
    if "venues" not in ward.heard:
        ward.heard["venues"] = [_hear_venue(name, ward) for name in ward.settings.prices.venues]
    found: list[Heard] = ward.heard["venues"]
    return found


def _hear_venue(name: str, ward: Ward) -> Heard:
    prices, now = ward.settings.prices, ward.clock()
    interval = min(prices.intervals, key=lambda one: one.duration, default=Interval.H1)
    window = Window(interval.floor(now) - _BARS * interval.duration, now)
    try:
        venue = parse_venue(name)
        symbol = venue.symbol if prices.symbol == EVERY_VENUES_OWN else prices.symbol
        with Exchange(venue, base_url=prices.base_url or None, manners=Manners(attempts=prices.attempts)) as exchange:
            bars = [bar for page in exchange.candles(symbol, interval, window, now=now) for bar in page.candles]
            told = exchange.told_at
    except NewscandleError as error:
        return Heard(name, f"It does not answer: {error}")
    skew = None if told is None else told - ward.clock()
    if not bars:
        return Heard(name, f"It answers, and has no closed {interval.value} bar of the last {_BARS} for {symbol}", skew)
    return Heard(name, skew=skew)
