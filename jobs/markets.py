"""Which venue's candles a series is built on."""

from jobs.house import House
from service.errors import WorkFailed
from service.instants import Interval
from storage import candles, database
from storage.candles import Held


def choose_market(house: House, interval: Interval) -> Held:
    """The market held for the settings' symbol that can serve `interval`.

    At that interval or a finer one; the symbol itself before another quote of its base asset (BTC/USDT for BTC/USD:
    said on the sample card), then most time covered, then the settings' order of venues. Raises `WorkFailed`
    (`no_candles`) where nothing fits.
    """
    wanted = house.settings.prices.symbol
    order = {venue: place for place, venue in enumerate(house.settings.prices.venues)}
    with database.read(house.engine) as connection:
        held = candles.venues(connection)
    fitting = [
        market
        for market in held
        if market.symbol.partition("/")[0] == wanted.partition("/")[0] and market.interval.duration <= interval.duration
    ]
    if not fitting:
        raise WorkFailed(
            "no_candles",
            f"no {wanted} candles of {interval.value} or finer are held: "
            "fetch them (`newscandle prices`) or import an archive (`newscandle import candles`)",
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
