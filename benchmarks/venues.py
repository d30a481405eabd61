"""Is the price real? Two venues' archives beside each other: `python -m benchmarks.venues [FOLDER]`.

FOLDER holds `prices/`, as NEWSCANDLE_TEST_DATA does. The bars line up in time if the returns of one venue go with those
of the other in the same bar and not one bar off; the reference must lie within the venues' range in every bar it is
given. USDT is taken for one dollar where Binance is compared: stated here, and done nowhere else.
"""

import argparse
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sets import data_folder
from service.instants import to_millis
from service.market import archive
from service.market.moves import log_changes
from service.market.reference import Flag, Reference, VenueBars, convert, measure

Floats = NDArray[np.float64]

READ_AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
PAIRS = (
    ("coinbase_btcusd/Coinbase_BTCUSD_d_2014-2020.csv", "bitstamp_btcusd/Bitstamp_BTCUSD_d.csv"),
    ("coinbase_btcusd/Coinbase_BTCUSD_1h_2017-2020.csv", "binance_btcusdt/Binance_BTCUSDT_1h.csv"),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two archives say of each other; `lags` are correlations of returns with the second venue −1, 0, +1 late."""

    reference: Reference
    common: int
    lags: tuple[float, float, float]
    outside: int  # bars whose reference close is not within the two closes


def read_bars(file: Path) -> VenueBars:
    """The sound candles of one archive, known at their close, in US dollars (USDT at 1)."""
    reading = archive.read(file.read_bytes(), name=file.name, venue=None, symbol=None, interval=None, now=READ_AT)
    rows = sorted(reading.candles, key=lambda one: one.open_at)
    open_at = np.array([to_millis(one.open_at) for one in rows], dtype=np.int64)
    figures = {
        name: np.array([getattr(one, name) for one in rows]) for name in ("open", "high", "low", "close", "volume")
    }
    bars = VenueBars(
        reading.venue,
        reading.symbol,
        reading.interval,
        open_at,
        **figures,
        available_at=open_at + reading.interval.millis,
    )
    return convert(bars, "USD", 1.0) if reading.symbol.endswith("/USDT") else bars


def compare(first: VenueBars, second: VenueBars) -> Agreement:
    """Lagged correlations over the common bars, and the reference of both over their common span."""
    reference = measure((first, second))
    common, here, there = np.intersect1d(first.open_at, second.open_at, return_indices=True)
    left, right = first.close[here], second.close[there]
    step = first.interval.millis
    moves = np.full((2, (common[-1] - common[0]) // step + 1), np.nan)  # the whole grid: a hole must not shift a lag
    for row, close in enumerate((left, right)):
        moves[row, (common - common[0]) // step] = log_changes(close, common, first.interval)
    lags = tuple(_correlate(moves[0], moves[1], lag) for lag in (-1, 0, 1))
    reference_close = reference.close[np.isin(reference.open_at, common)]
    priced = np.isfinite(reference_close)
    inside = (np.minimum(left, right) <= reference_close) & (reference_close <= np.maximum(left, right))
    return Agreement(reference, len(common), (lags[0], lags[1], lags[2]), int((priced & ~inside).sum()))


def _correlate(first: Floats, second: Floats, lag: int) -> float:
    """Correlation of `first` with `second` `lag` bars later, over bars where both are known."""
    shifted = np.full(len(second), np.nan)
    shifted[max(0, -lag) : len(second) - max(0, lag)] = second[max(0, lag) : len(second) - max(0, -lag)]
    known = np.isfinite(first) & np.isfinite(shifted)
    return float(np.corrcoef(first[known], shifted[known])[0, 1])


def describe(one: Agreement) -> str:
    """The figures of one pair as lines."""
    made = one.reference
    both = made.present == 2
    spread = made.dispersion[both & made.is_priced]
    widest = f"95 % {np.quantile(spread, 0.95):.1f}, largest {spread.max():.1f}"
    counts = {flag.name.lower(): int(((made.flags & flag) > 0)[both].sum()) for flag in Flag if flag.name}
    return "\n".join(
        (
            f"{' and '.join(made.venues)} {made.symbol} {made.interval.value}: {one.common:,} common bars",
            "  return correlation at -1, 0, +1 bar: " + ", ".join(f"{value:+.4f}" for value in one.lags),
            f"  reference in {int(made.is_priced.sum()):,} bars, {one.outside} outside the venues' range",
            f"  dispersion in bp: median {np.median(spread):.1f}, {widest}",
            "  bars flagged: " + ", ".join(f"{name} {number}" for name, number in counts.items() if number),
        )
    )


def main() -> None:
    """Print the figures of every pair."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=data_folder(), help="holds prices/")
    folder = parser.parse_args().folder / "prices"
    for pair in PAIRS:
        print(describe(compare(*(read_bars(folder / file) for file in pair))))


if __name__ == "__main__":
    main()
