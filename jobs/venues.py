"""The bars a series is built on: one venue's as printed, or the reference price of all that hold the symbol."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from jobs.house import House
from jobs.markets import REFERENCE
from service.correlation.aligned import CandleColumns
from service.instants import Window, from_millis
from service.market import gaps
from service.market.candle import Gap
from service.market.reference import Flag, Reference, VenueBars, measure
from service.wording import Worded, chain, join, word
from storage import candles, database, venues
from storage.candles import Held


def load_bars(house: House, market: Held, window: Window, as_of: dt.datetime | None = None) -> CandleColumns:
    """The bars of `market` that open in `window`; of the reference, those on which two venues or more agree.

    With `as_of`, what newscandle knew by then.
    """
    if market.venue == REFERENCE:
        return _as_candles(load_reference(house, market, window, as_of))
    with database.read(house.engine) as connection:
        return candles.load_columns(
            connection,
            venue=market.venue,
            symbol=market.symbol,
            interval=market.interval,
            window=window,
            as_of=as_of,
        )


def load_reference(house: House, market: Held, window: Window, as_of: dt.datetime | None = None) -> Reference:
    """The reference over `window`, measured now from what is held; the store keeps what the venues printed."""
    return measure(_load_venues(house, market, window, as_of))


def _load_venues(house: House, market: Held, window: Window, as_of: dt.datetime | None) -> list[VenueBars]:
    with database.read(house.engine) as connection:
        found = venues.load_venues(
            connection, symbol=market.symbol, interval=market.interval, window=window, as_of=as_of
        )
    return [one for one in found if len(one.open_at)] or found


def _as_candles(made: Reference) -> CandleColumns:
    figures = (column[made.is_priced] for column in (made.open, made.high, made.low, made.close, made.volume))
    return CandleColumns(REFERENCE, made.symbol, made.interval, made.open_at[made.is_priced], *figures)


def find_unpriced(house: House, market: Held, window: Window, as_of: dt.datetime | None = None) -> list[Gap]:
    """The bars of `window` without a reference price (as of then), whatever single venues hold of them."""
    made = load_reference(house, market, window, as_of)
    priced = map(from_millis, made.open_at[made.is_priced].tolist())
    return gaps.find(
        priced, window, market.interval, venue=REFERENCE, symbol=market.symbol, reason="no_two_venues_agree"
    )


def describe_reference(house: House, market: Held, window: Window, as_of: dt.datetime | None = None) -> Worded:
    """For the sample card: whose prices, how many bars they cover, how far apart they are, what stands out."""
    held = _load_venues(house, market, window, as_of)
    made = measure(held)
    expected = (window.end - window.start) // market.interval.duration
    spread = made.dispersion[made.is_priced]
    flags = {
        "one venue only": Flag.ONE_VENUE,
        "no two agree": Flag.DISAGREEMENT,
        "a venue left out": Flag.OUTLIER,
        "a wick left out": Flag.WICK,
        "a venue missing": Flag.VENUE_MISSING,
    }
    counts = [
        word("{flag} {n:,}", flag=word(name), n=int(np.count_nonzero(made.flags & flag)))
        for name, flag in flags.items()
    ]
    each = [word("{venue} {n:,}", venue=one.venue, n=len(one.open_at)) for one in held]
    return chain(
        word(
            "Prices are the reference: the volume-aware median of {venues}, in {priced:,} of {expected:,} {interval} "
            "bars.",
            venues=", ".join(made.venues),
            priced=len(spread),
            expected=expected,
            interval=market.interval.value,
        ),
        _tell_spread(spread),
        word("Bars held: {each}.", each=join(", ", each)),
        word("Bars flagged: {flagged}.", flagged=join(", ", counts)),
        word("No currency is converted."),
    )


def _tell_spread(spread: NDArray[np.float64]) -> Worded:
    """How far apart the venues are, in basis points."""
    if not len(spread):
        return word("")
    return word(
        "They lie {median:.1f} bp apart in the median, {far:.1f} bp at 95 %.",
        median=float(np.median(spread)),
        far=float(np.quantile(spread, 0.95)),
    )
