"""Which venue's candles a series is built on, or that it is the reference price of several."""

import datetime as dt
from collections.abc import Iterable

from jobs.asof import spell_held
from jobs.house import House
from service.errors import WorkFailed
from service.instants import Interval
from storage import candles, database
from storage.candles import Held

REFERENCE = "reference"
"""Stands where a venue's name would: in `align.venue`, in series, reports and exports."""

EVERY_VENUES_OWN = "BTC/USD"
"""The default symbol: a venue that quotes in USDT or EUR then serves its own, kept apart."""


def choose_market(house: House, interval: Interval, as_of: dt.datetime | None = None) -> Held:
    """The market held for the settings' symbol and `align.venue` that can serve `interval`.

    At that interval or a finer one; the symbol itself before another quote of its base asset (BTC/USDT for BTC/USD:
    said on the sample card), then most time covered, then the settings' order of venues. Of the reference: what two
    venues or more hold of one symbol. With `as_of`, of what newscandle knew by then. Raises `WorkFailed`
    (`no_candles`) where nothing fits.
    """
    wanted = house.settings.prices.symbol
    order = {venue: place for place, venue in enumerate(house.settings.prices.venues)}
    venue = house.settings.align.venue
    with database.read(house.engine) as connection:
        held = candles.venues(connection, as_of=as_of)
    if venue == REFERENCE:
        held = _hold_reference(held)
    fitting = [
        market
        for market in held
        if market.symbol.partition("/")[0] == wanted.partition("/")[0]
        and market.interval.duration <= interval.duration
        and venue in ("", market.venue)
    ]
    if not fitting:
        whose = {"": "", REFERENCE: " by two venues or more"}.get(venue, f" by {venue}")
        raise WorkFailed(
            "no_candles",
            f"no {wanted} candles of {interval.value} or finer are held{whose}{spell_held(as_of)}: "
            "fetch them (`newscandle prices`) or import an archive (`newscandle import candles`)"
            + (", or choose another `align.venue`" if venue else ""),
        )
    return max(
        fitting,
        key=lambda market: (
            market.symbol == wanted,
            market.count * market.interval.millis,
            -order.get(market.venue, len(order)),
            market.venue,
        ),
    )


def _hold_reference(held: Iterable[Held]) -> list[Held]:
    """What two venues or more hold together of each symbol and interval, as a market named reference.

    `count` is the second largest number of bars: no more than so many can have a reference.
    """
    together: dict[tuple[str, Interval], list[Held]] = {}
    for market in held:
        together.setdefault((market.symbol, market.interval), []).append(market)
    found = []
    for (symbol, interval), theirs in together.items():
        if len(theirs) < 2:
            continue
        first = sorted(market.first_open_at for market in theirs)[1]
        last = sorted(market.last_open_at for market in theirs)[-2]
        if first <= last:
            count = sorted(market.count for market in theirs)[-2]
            found.append(Held(REFERENCE, symbol, interval, count, first, last))
    return found
