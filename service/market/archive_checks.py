"""Faults of a candle archive that only its columns together show: units, order, zones, volumes, prices out of line."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.instants import Interval, format_instant, from_millis
from service.market.archive_defects import Defect, defect
from service.market.archive_table import Table
from service.market.candle import Candle

_COINS = 21e6
"""No more bitcoin than this can exist: a day's usual volume above it is not counted in bitcoin."""

_RANGES = 25.0
_LEAST, _MOST = 0.05, float(np.log(1.5))
"""A price is out of line when off by 25 times the file's median bar range, but by 5 % at least and 50 % at most."""

_MS_PER_DAY = 86_400_000


def note_times(table: Table) -> list[Defect]:
    """Mixed units, dates that contradict the unix time, and order; nothing is changed here."""
    found = []
    units, counts = np.unique(table.unit, return_counts=True)
    if len(units) > 1:
        rare = units[np.argmin(counts)]
        told = ", ".join(f"{count:,} × {unit}" for unit, count in zip(units.tolist(), counts.tolist(), strict=True))
        found.append(defect("mixed_units", int(counts.min()), _first(table, table.unit == rare), told))
    differs = (table.date_at >= 0) & (table.date_at != table.open_at)
    if differs.any():
        hours, times = np.unique((table.date_at - table.open_at)[differs] / 3.6e6, return_counts=True)
        told = ", ".join(
            f"{time:,} rows {hour:+g} h" for hour, time in zip(hours.tolist(), times.tolist(), strict=True)
        )
        found.append(defect("date_disagrees", int(differs.sum()), _first(table, differs), told))
    steps = np.diff(table.open_at)
    if len(steps) and (steps <= 0).all() and (steps < 0).any():
        found.append(defect("newest_first", len(table), str(table.text[0])))
    elif (steps < 0).any():
        back = np.concatenate(([False], steps < 0))
        found.append(defect("unordered", int(back.sum()), _first(table, back)))
    return found


def settle_volumes(table: Table, symbol: str, interval: Interval) -> tuple[Table, list[Defect]]:
    """The table with base volume in `base_volume` wherever that can be told, and what had to be done.

    Where both columns are given, quote ≈ base × typical price decides row by row which is which: in logarithms the
    two readings are 2·ln(price) apart, so any price above 4 tells them apart with room to spare.
    """
    typical = (table.high + table.low + table.close) / 3
    base, quote = table.base_volume, table.quote_volume
    if np.isnan(base).all() or np.isnan(quote).all():
        return _settle_only_volume(table, typical, symbol, interval)
    comparable = (base > 0) & (quote > 0) & (typical > 0)
    logs = [np.log(np.where(comparable, column, 1.0)) for column in (base, quote, typical)]
    as_named = np.abs(logs[1] - logs[0] - logs[2])
    as_swapped = np.abs(logs[0] - logs[1] - logs[2])
    swapped = comparable & (as_swapped < np.log(2)) & (as_named > np.log(2)) & (np.abs(logs[2]) > np.log(4))
    odd = comparable & ~swapped & (as_named > np.log(2))
    found = []
    if swapped.any():
        found.append(defect("volume_swapped", int(swapped.sum()), _first(table, swapped), _span(table, swapped)))
    if odd.any():
        found.append(defect("volume_inconsistent", int(odd.sum()), _first(table, odd), _span(table, odd)))
    settled = replace(table, base_volume=np.where(swapped, quote, base), quote_volume=np.where(swapped, base, quote))
    return settled, found


def _settle_only_volume(
    table: Table, typical: NDArray[np.float64], symbol: str, interval: Interval
) -> tuple[Table, list[Defect]]:
    is_quote = bool(np.isnan(table.base_volume).all())
    volume = table.quote_volume if is_quote else table.base_volume
    traded = volume[np.isfinite(volume) & (volume > 0)]
    if not is_quote and symbol.startswith("BTC/") and len(traded):
        is_quote = float(np.median(traded)) * _MS_PER_DAY / interval.millis > _COINS
    if not is_quote or not len(table):
        return table, []
    with np.errstate(divide="ignore", invalid="ignore"):
        base = volume / typical
    found = [defect("volume_in_quote", len(table), str(table.text[0]))]
    return replace(table, base_volume=base, quote_volume=volume), found


def note_quiet_bars(candles: list[Candle]) -> list[Defect]:
    """Flat bars without volume: kept, but counted, since a return over them is zero by construction."""
    flat = [c for c in candles if c.volume == 0 and c.low == c.high]
    return [defect("no_trade", len(flat), format_instant(flat[0].open_at))] if flat else []


def find_suspects(candles: list[Candle]) -> tuple[list[str], list[Candle]]:
    """Which bars cannot be true by the file's own evidence: (why per bar or "", bars with an unlikely wick).

    Read the opens and closes as one line of prices. A price out of line with the one before and the one after, while
    those two agree (within half the distance), is a bad figure and not a market: nobody else traded near it. So is a
    whole bar out of line with the close before it and the open after it. The first open and the last close have one
    neighbour; there the next price beyond stands witness. A wick has no witness: it is named, not judged. Distances
    are in logarithms; a market that moves and stays is never touched, however far it goes.
    """
    if len(candles) < 3:
        return [""] * len(candles), []
    opens, highs, lows, closes = (
        np.log(np.fromiter((getattr(candle, name) for candle in candles), dtype=np.float64, count=len(candles)))
        for name in ("open", "high", "low", "close")
    )
    limit = float(np.clip(_RANGES * np.median(highs - lows), _LEAST, _MOST))
    bad_open, bad_close = _lonely_prices(opens, closes, limit)
    bad_bar = _lonely_bars(opens, closes, limit)
    masks = zip(bad_open.tolist(), bad_close.tolist(), bad_bar.tolist(), strict=True)
    names = ("open", "close", "the whole bar")
    why = [" and ".join(name for name, bad in zip(names, mask, strict=True) if bad) for mask in masks]
    around_high = np.maximum(np.roll(highs, 1), np.roll(highs, -1))
    around_low = np.minimum(np.roll(lows, 1), np.roll(lows, -1))
    up = highs - np.maximum.reduce((opens, closes, around_high)) > limit
    down = np.minimum.reduce((opens, closes, around_low)) - lows > limit
    wicks = [
        candle for candle, is_odd, bad in zip(candles, (up | down).tolist(), why, strict=True) if is_odd and not bad
    ]
    return why, wicks


def _lonely_prices(
    opens: NDArray[np.float64], closes: NDArray[np.float64], limit: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    line = np.column_stack((opens, closes)).ravel()
    before = np.concatenate(([line[2]], line[:-1]))  # the first open's witness is the open after it,
    after = np.concatenate((line[1:], [line[-3]]))  # the last close's the close before it
    far = np.minimum(np.abs(line - before), np.abs(line - after)) > limit
    lonely = (far & (np.abs(before - after) < limit / 2)).reshape(-1, 2)
    return lonely[:, 0], lonely[:, 1]


def _lonely_bars(opens: NDArray[np.float64], closes: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    lonely = np.zeros(len(opens), dtype=np.bool_)
    before, after = closes[:-2], opens[2:]
    inner = np.stack((opens[1:-1], closes[1:-1]))
    nearest = np.minimum(np.abs(inner - before), np.abs(inner - after)).min(axis=0)
    lonely[1:-1] = (nearest > limit) & (np.abs(before - after) < limit / 2)
    return lonely


def _first(table: Table, mask: NDArray[np.bool_]) -> str:
    number = int(np.argmax(mask))
    return f"line {table.line[number]}: {table.text[number]}"


def _span(table: Table, mask: NDArray[np.bool_]) -> str:
    chosen = table.open_at[mask]
    first, last = (format_instant(from_millis(int(edge))) for edge in (chosen.min(), chosen.max()))
    return f"from {first} to {last}"
