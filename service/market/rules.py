"""What a bar must satisfy before it is let in, and what happens to two bars that claim the same place.

    rows ──▶ check each ──▶ sort by opening instant ──▶ settle each group of namesakes ──▶ (admitted, quarantined)

Peers leave this door half open: ccxt's own tests never compare close with high, freqtrade merges duplicates into bars
that no venue printed. Here a row is either admitted as it was printed, or kept aside whole, with its reason.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from service.instants import EPOCH, ensure_utc
from service.market.candle import Candle, Quarantined

PRICE_TOLERANCE = 2e-4
"""Relative difference (2 basis points) up to which two printed prices are one price rounded differently."""

VOLUME_TOLERANCE = 1e-2
"""Relative difference up to which two printed volumes of one bar are one volume, rounded or revised by the venue."""

VOLUME_ROUNDING = 0.005
"""Absolute difference a volume printed with two decimals may have."""


def check(candle: Candle, *, now: dt.datetime) -> str | None:
    """The code of the rule this bar breaks, or None.

    `invalid_bar`: a price that is not finite and positive, low ≤ open, close ≤ high broken, or a volume that is not
    finite and ≥ 0 · `off_grid`: it does not open on its interval's grid (anchored at the epoch, UTC) · `future`: it
    opens after `now` · `unfinished`: it is open at `now`. Order matters: the first that applies is the answer.
    """
    prices = (candle.open, candle.high, candle.low, candle.close)
    if not all(map(math.isfinite, prices)) or min(prices) <= 0:
        return "invalid_bar"
    if candle.low > min(candle.open, candle.close) or candle.high < max(candle.open, candle.close):
        return "invalid_bar"
    if not (math.isfinite(candle.volume) and candle.volume >= 0):
        return "invalid_bar"
    duration = candle.interval.duration
    if (candle.open_at - EPOCH) % duration:
        return "off_grid"
    if candle.open_at > now - duration:
        return "future" if candle.open_at > now else "unfinished"
    return None


def admit(rows: Sequence[Candle], *, now: dt.datetime) -> tuple[list[Candle], list[Quarantined]]:
    """Sort the good rows by opening instant, one per (venue, symbol, interval, instant); say what became of the rest.

    Namesakes are settled so:

    * *the same bar printed twice* (high, low and close within 2 basis points, volume within 1 % or its rounding; the
      open may differ inside the bar, since exporters replace it with the close before): the one printed with more
      digits stays, the other is `duplicate`;
    * *one holds the other* (its range encloses it and its volume is larger): the smaller was written while the bar
      was still running; it is `conflicting_duplicate`, the larger stays;
    * otherwise nobody can tell which is true: all are `conflicting_duplicate`, none stays.

    Every row comes back exactly once, in one of the two lists; the first is strictly rising per series.
    """
    ensure_utc(now, "now")
    refused: list[Quarantined] = []
    sound: list[Candle] = []
    for row in rows:
        reason = check(row, now=now)
        if reason is None:
            sound.append(row)
        else:
            refused.append(quarantine(row, reason))
    sound.sort(key=_place)
    kept: list[Candle] = []
    for _, namesakes in groupby(sound, key=_place):
        group = list(namesakes)
        if len(group) == 1:
            kept.append(group[0])
            continue
        best, others = _settle(group)
        kept.extend(best)
        refused.extend(others)
    return kept, refused


def quarantine(candle: Candle, reason: str, detail: str = "") -> Quarantined:
    """The candle as a refused row, its figures written out in the order open, high, low, close, volume."""
    figures = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return Quarantined(
        reason=reason,
        venue=candle.venue,
        symbol=candle.symbol,
        interval=candle.interval,
        open_at=candle.open_at,
        row=",".join(map(repr, figures)),
        detail=detail,
    )


def _place(candle: Candle) -> tuple[str, str, dt.timedelta, dt.datetime]:
    return candle.venue, candle.symbol, candle.interval.duration, candle.open_at


def _settle(group: list[Candle]) -> tuple[list[Candle], list[Quarantined]]:
    """Of bars with one place: the one to keep (or none), and the others with their reasons."""
    best = max(group, key=lambda c: (c.high - c.low, c.volume, _digits(c), c.open, c.close))
    twins = [other for other in group if other is not best and _same_bar(best, other)]
    finest = max([best, *twins], key=_digits)
    refused: list[Quarantined] = []
    for other in group:
        if other is finest:
            continue
        if other is best or other in twins:
            refused.append(quarantine(other, "duplicate", _differences(finest, other)))
        elif _encloses(finest, other):
            refused.append(quarantine(other, "conflicting_duplicate", "half-finished: the fuller bar was kept"))
        else:
            why = "bars contradict each other: none was kept"
            return [], [quarantine(each, "conflicting_duplicate", why) for each in group]
    return [finest], refused


def _same_bar(one: Candle, other: Candle) -> bool:
    """Whether two prints differ only by rounding, by a small revision of the volume, or by where the open was taken."""
    prices = ((one.high, other.high), (one.low, other.low), (one.close, other.close))
    agree = all(math.isclose(a, b, rel_tol=PRICE_TOLERANCE) for a, b in prices)
    volumes = math.isclose(one.volume, other.volume, rel_tol=VOLUME_TOLERANCE, abs_tol=VOLUME_ROUNDING)
    return agree and volumes


def _encloses(whole: Candle, part: Candle) -> bool:
    """Whether `part` can be an early sight of `whole`: opened alike, range inside, and less traded."""
    margin = PRICE_TOLERANCE * whole.close
    inside = part.high <= whole.high + margin and part.low >= whole.low - margin
    opened_alike = math.isclose(part.open, whole.open, rel_tol=10 * PRICE_TOLERANCE)
    return inside and opened_alike and part.volume < whole.volume


def _digits(candle: Candle) -> int:
    """How many characters the figures take: of two prints of one bar, the longer was rounded less."""
    return sum(len(repr(figure)) for figure in (candle.open, candle.high, candle.low, candle.close, candle.volume))


def _differences(kept: Candle, dropped: Candle) -> str:
    """Which figures of the dropped print differ, for the quarantine's detail."""
    names = ("open", "high", "low", "close", "volume")
    pairs: Iterable[tuple[str, float, float]] = ((name, getattr(kept, name), getattr(dropped, name)) for name in names)
    told = [f"{name} {mine!r} kept, {other!r} dropped" for name, mine, other in pairs if mine != other]
    return "; ".join(told) or "identical"
