"""The reference price: what venues that agree say of a bar; a venue that is gone or lies changes flags, not figures.

    bars of each venue ─ same instants ─▶ who agrees with whom (closes) ─▶ the largest group of two or more
      ─▶ median of the group, weighted by volume, open, high, low and close alike ─▶ dispersion, flags

Candles are flagged, never deleted: a close nobody shares is left out of its bar's median, a wick nobody shares out of
its bar's high or low, and both stay in the store as printed. Currencies are kept apart: `measure` refuses to mix USD
with USDT or EUR, and `convert` changes one into another at a rate the caller states.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInput
from service.instants import Interval
from service.market.median import cap_weight, leave_out, weighted_median

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.float64)

BASIS_POINTS = 10_000.0
_NEVER = np.int64(-(2**62))  # an instant below all others, where there is no bar


class Flag(enum.IntFlag):
    """What is unusual about a bar, or about one venue's bar."""

    ONE_VENUE = 1  # nobody to agree with: no reference
    DISAGREEMENT = 2  # two venues or more, and no two of them agree: no reference
    OUTLIER = 4  # a venue's close agrees with none of those used: left out of the bar
    WICK = 8  # a venue's high or low stands out of the others': left out of the high or the low
    VENUE_MISSING = 16  # a venue between its own first and last bar has none here


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far venues may be apart. Logarithmic distances in basis points; shares are of a bar's own range ln(high/low).

    Two closes agree within `agree_bp`, or in a moving market within `agree_share` of the narrower of the two ranges. A
    wick leaves the median high (low) of the other venues by more than `wick_bp` and by more than `wick_share` of their
    median range. The bound grows with the range because trades of one instant part when the price runs.
    """

    agree_bp: float = 100.0
    agree_share: float = 0.5
    wick_bp: float = 150.0
    wick_share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class VenueBars:
    """Closed bars of one venue, strictly rising in `open_at` (int64 UTC ms), gaps absent; all columns of one length.

    Prices > 0 in the quote currency of `symbol`, low ≤ open, close ≤ high; volume in base currency, ≥ 0.
    `available_at` (int64 UTC ms): when newscandle could know the bar, its end or, where that is later, its fetch.
    """

    venue: str
    symbol: str
    interval: Interval
    open_at: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    available_at: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One row per bar that any venue holds, rising in `open_at`; rows without a reference hold NaN.

    `close` lies between the lowest and the highest close of the venues used, so do open, high and low in their kind,
    and low ≤ open, close ≤ high. `volume` is the base currency traded at the venues used: a sum over fewer venues is
    smaller. `dispersion` is (highest − lowest close) / reference close in basis points over the venues used; without a
    reference over all there are, against their middle, NaN for one. `available_at` is the latest of the venues used
    (without a reference: of those present). `flags` is the union of `venue_flags`, one row per venue of `venues`.
    """

    venues: tuple[str, ...]
    symbol: str
    interval: Interval
    open_at: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dispersion: Floats
    present: NDArray[np.int64]
    used: NDArray[np.int64]
    available_at: NDArray[np.int64]
    flags: NDArray[np.int64]
    venue_flags: NDArray[np.int64]

    @property
    def is_priced(self) -> Truths:
        """Which rows have a reference price."""
        return self.used >= 2


def convert(bars: VenueBars, quote: str, rate: Floats | float) -> VenueBars:
    """The same bars in another quote currency at `rate` new units per old one (one figure, or one per bar).

    The rate is the caller's to state: newscandle knows none. Volume is in base currency and stays. Raises `BadInput`.
    """
    factor = np.asarray(rate, dtype=np.float64)
    if not np.all(np.isfinite(factor) & (factor > 0)) or factor.shape not in ((), bars.close.shape):
        raise BadInput("rate", rate, "give one finite rate above 0, or one for every bar")
    prices = {name: getattr(bars, name) * factor for name in ("open", "high", "low", "close")}
    return replace(bars, symbol=f"{bars.symbol.partition('/')[0]}/{quote}", **prices)


def measure(venues: Sequence[VenueBars], bounds: Bounds = Bounds()) -> Reference:
    """The reference of these venues' bars, whatever their order.

    The venues used in a bar are the largest group around one venue that agrees with each of them (the closest knit of
    equals). A venue outside it has no influence on any figure, so a lie changes what an absence changes: with two or
    more others in agreement, flags, and the reference within their range. No venue weighs more than the second
    heaviest: a claimed volume cannot take over the median, and of two venues the reference is the middle.
    Raises `BadInput` for no venue, a venue given twice, and mixed symbols or intervals.
    """
    _check(venues)
    ordered = sorted(venues, key=lambda one: one.venue)
    open_at = np.unique(np.concatenate([one.open_at for one in ordered]))
    table = {name: _stack(ordered, open_at, name) for name in ("open", "high", "low", "close", "volume")}
    is_held = np.isfinite(table["close"])
    is_used = _find_group(table, bounds)
    weight = cap_weight(np.where(is_used, np.nan_to_num(table["volume"]), 0.0), is_used)
    is_high_wick, is_low_wick = _find_wicks(table, is_used, bounds)
    opening, close = (weighted_median(table[name], weight) for name in ("open", "close"))
    high, low = (
        weighted_median(table[name], leave_out(weight, is_wick))
        for name, is_wick in (("high", is_high_wick), ("low", is_low_wick))
    )
    venue_flags = _flag(is_held, is_used, is_high_wick | is_low_wick)
    counted = np.where(is_used.any(axis=0), is_used, is_held)
    available_at = np.stack([_place(one, open_at, one.available_at, _NEVER) for one in ordered])
    volume = np.where(is_used, table["volume"], 0.0).sum(axis=0)
    return Reference(
        venues=tuple(one.venue for one in ordered),
        symbol=ordered[0].symbol,
        interval=ordered[0].interval,
        open_at=open_at,
        open=opening,
        # a wick left out of the high must not leave the high below the close
        high=np.maximum(high, np.maximum(opening, close)),
        low=np.minimum(low, np.minimum(opening, close)),
        close=close,
        volume=np.where(is_used.any(axis=0), volume, np.nan),
        dispersion=_disperse(table["close"], counted, close),
        present=is_held.sum(axis=0),
        used=is_used.sum(axis=0),
        available_at=np.where(counted, available_at, _NEVER).max(axis=0),
        flags=np.bitwise_or.reduce(venue_flags, axis=0),
        venue_flags=venue_flags,
    )


def _check(venues: Sequence[VenueBars]) -> None:
    names = [one.venue for one in venues]
    if not names or len(set(names)) < len(names):
        raise BadInput("venues", ", ".join(names), "give each venue once, and at least one")
    kinds = sorted({f"{one.symbol} {one.interval.value}" for one in venues})
    if len(kinds) > 1:
        raise BadInput("venues", ", ".join(kinds), "give one symbol and interval; other currencies are converted first")
    for one in venues:
        if np.any(np.diff(one.open_at) <= 0):
            raise BadInput("open_at", one.venue, "sort the bars by opening instant and drop repeats first")


def _stack(venues: Sequence[VenueBars], open_at: NDArray[np.int64], name: str) -> Floats:
    """Venues × bars, NaN where a venue has no bar."""
    return np.stack([_place(one, open_at, getattr(one, name), np.float64(np.nan)) for one in venues])


def _place(one: VenueBars, open_at: NDArray[np.int64], values: NDArray[Number], missing: Number) -> NDArray[Number]:
    row = np.full(len(open_at), missing)
    row[np.searchsorted(open_at, one.open_at)] = values
    return row


def _find_group(table: dict[str, Floats], bounds: Bounds) -> Truths:
    """Venues × bars: which venues' closes make the bar's reference; none where no two agree."""
    width = np.log(table["high"] / table["low"])
    log_close = np.log(table["close"])
    size = np.zeros(log_close.shape[1], dtype=np.int64)
    spread = np.full(log_close.shape[1], np.inf)
    lowest = np.full(log_close.shape[1], np.inf)
    group = np.zeros(log_close.shape, dtype=np.bool_)
    for anchor, middle in enumerate(log_close):
        apart = np.abs(log_close - middle)
        bound = np.maximum(bounds.agree_bp / BASIS_POINTS, bounds.agree_share * np.minimum(width, width[anchor]))
        agrees = apart <= bound
        number = agrees.sum(axis=0)
        # the furthest, not the sum: it does not depend on the order in which venues are added up
        furthest = np.where(agrees, apart, 0.0).max(axis=0)
        is_better = (number > size) | ((number == size) & (furthest < spread))
        is_better |= (number == size) & (furthest == spread) & (middle < lowest)
        size, spread = np.where(is_better, number, size), np.where(is_better, furthest, spread)
        lowest = np.where(is_better, middle, lowest)
        group = np.where(is_better, agrees, group)
    return group & (size >= 2)


def _find_wicks(table: dict[str, Floats], is_used: Truths, bounds: Bounds) -> tuple[Truths, Truths]:
    """Venues × bars: whose high and whose low stands out of the other venues' (those that make the reference)."""
    high, low = np.log(table["high"]), np.log(table["low"])
    is_high_wick, is_low_wick = np.zeros(high.shape, dtype=np.bool_), np.zeros(high.shape, dtype=np.bool_)
    for row in range(len(high)):
        others = is_used.astype(np.float64)
        others[row] = 0.0
        width = weighted_median(high - low, others)
        bound = np.maximum(bounds.wick_bp / BASIS_POINTS, bounds.wick_share * width)
        is_high_wick[row] = high[row] - weighted_median(high, others) > bound
        is_low_wick[row] = weighted_median(low, others) - low[row] > bound
    return is_high_wick, is_low_wick


def _flag(is_held: Truths, is_used: Truths, is_wick: Truths) -> NDArray[np.int64]:
    present = is_held.sum(axis=0)
    is_priced = is_used.any(axis=0)
    flags = np.zeros(is_held.shape, dtype=np.int64)
    flags |= np.where(is_held & (present == 1), Flag.ONE_VENUE, 0)
    flags |= np.where(is_held & (present > 1) & ~is_priced, Flag.DISAGREEMENT, 0)
    flags |= np.where(is_held & ~is_used & is_priced, Flag.OUTLIER, 0)
    flags |= np.where(is_wick, Flag.WICK, 0)
    before = np.logical_or.accumulate(is_held, axis=1)
    after = np.logical_or.accumulate(is_held[:, ::-1], axis=1)[:, ::-1]
    return flags | np.where(~is_held & before & after, Flag.VENUE_MISSING, 0)


def _disperse(close: Floats, counted: Truths, reference: Floats) -> Floats:
    highest = np.where(counted, close, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(counted, close, np.inf).min(axis=0, initial=np.inf)
    middle = np.where(np.isfinite(reference), reference, (highest + lowest) / 2)
    return np.where(counted.sum(axis=0) > 1, BASIS_POINTS * (highest - lowest) / middle, np.nan)
