"""Rows of a candle archive as columns of numbers; what cannot be read is set aside with its line."""

import csv
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.instants import EPOCH
from service.market.archive_layouts import Layout

_HOUR_OF_HALF_DAY = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d)-([AP]M)")
_MILLIS_PER_UNIT = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
_HALF_DAY_HOURS = 12
_FIRST_BLOCK = 1_230_940_800_000  # 2009-01-03 UTC, the day of bitcoin's first block
_MILLISECOND = dt.timedelta(milliseconds=1)

_Record = tuple[int, int, str, int, float, float, float, float, float, float, str]
"""line, open_at, unit, date_at, open, high, low, close, base volume, quote volume, symbol"""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One entry per readable row, in file order. Instants are UTC milliseconds; a figure that is not given is NaN.

    `unit` tells how the time was written (s, ms, us, ns, date); `date_at` is what the second time column says, or
    −1 where there is none or it cannot be read.
    """

    line: NDArray[np.int64]  # from 1, as an editor counts
    open_at: NDArray[np.int64]
    unit: NDArray[np.str_]
    date_at: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    base_volume: NDArray[np.float64]
    quote_volume: NDArray[np.float64]
    symbol: NDArray[np.str_]
    text: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that gave no instant and prices, and why."""

    line: int
    text: str
    why: str


def parse(lines: Sequence[str], layout: Layout) -> tuple[Table, list[Unreadable]]:
    """Read every non-empty line below the header. Never raises: a row that cannot be read is returned as such."""
    records: list[_Record] = []
    texts: list[str] = []
    unreadable: list[Unreadable] = []
    body = lines[layout.header + 1 :]
    for number, (line, cells) in enumerate(zip(body, _cells(body, layout), strict=True), start=layout.header + 2):
        if not line.strip():
            continue
        try:
            records.append(_record(number, cells, layout))
            texts.append(line)
        except (ValueError, IndexError, OverflowError) as error:
            unreadable.append(Unreadable(number, line, str(error)))
    return _table(records, texts), unreadable


def _table(records: Sequence[_Record], texts: Sequence[str]) -> Table:
    line, open_at, unit, date_at, *figures, symbol = list(zip(*records, strict=True)) or [()] * 11
    prices = [np.array(column, dtype=np.float64) for column in figures]
    return Table(
        line=np.array(line, dtype=np.int64),
        open_at=np.array(open_at, dtype=np.int64),
        unit=np.array(unit, dtype=np.str_),
        date_at=np.array(date_at, dtype=np.int64),
        open=prices[0],
        high=prices[1],
        low=prices[2],
        close=prices[3],
        base_volume=prices[4],
        quote_volume=prices[5],
        symbol=np.array(symbol, dtype=np.str_),
        text=np.array(texts, dtype=np.object_),
    )


def _cells(body: Sequence[str], layout: Layout) -> list[list[str]]:
    """The cells of every line; a line is a row (quoted line breaks do not occur in candles)."""
    if not any('"' in line for line in body):
        return [line.split(layout.delimiter) for line in body]
    cells = []
    for line in body:
        try:
            cells.append(next(csv.reader([line], delimiter=layout.delimiter), []))
        except csv.Error:
            cells.append([])
    return cells


def _record(number: int, cells: list[str], layout: Layout) -> _Record:
    if len(cells) < layout.width:
        raise ValueError(f"{len(cells)} cells, the header names {layout.width}")
    open_at, unit = read_time(cells[layout.time])
    if open_at < _FIRST_BLOCK:
        raise ValueError(f"{cells[layout.time]!r} is before there was bitcoin")
    return (
        number,
        open_at,
        unit,
        _second_time(cells, layout.date),
        _number(cells[layout.open]),
        _number(cells[layout.high]),
        _number(cells[layout.low]),
        _number(cells[layout.close]),
        _volume(cells, layout.base_volume),
        _volume(cells, layout.quote_volume),
        "" if layout.symbol is None else cells[layout.symbol].strip(),
    )


def read_time(text: str) -> tuple[int, str]:
    """A written instant as (UTC milliseconds, how it was written). Raises `ValueError`.

    A bare number counts seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by its size (each
    reads as a year between 1973 and 5138 in one unit only). Otherwise an ISO date or date-time, or `2017-07-01
    11-AM`; without a zone UTC is taken, as these exports say.
    """
    text = text.strip()
    try:
        count = float(text)
    except ValueError:
        return _read_date(text), "date"
    if not 1e8 <= count < 1e20 or "_" in text:
        raise ValueError(f"{text!r} is not an instant")
    unit = "s" if count < 1e11 else "ms" if count < 1e14 else "us" if count < 1e17 else "ns"
    millis = round(count * _MILLIS_PER_UNIT[unit])
    return millis, unit


def _read_date(text: str) -> int:
    if match := _HOUR_OF_HALF_DAY.fullmatch(text):
        day, hour, half = match.groups()
        if not 1 <= int(hour) <= _HALF_DAY_HOURS:
            raise ValueError(f"{text!r}: no such hour")
        shift = int(hour) % _HALF_DAY_HOURS + (_HALF_DAY_HOURS if half == "PM" else 0)
        parsed = dt.datetime.fromisoformat(day) + dt.timedelta(hours=shift)
    else:
        parsed = dt.datetime.fromisoformat(text)
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
    return (aware - EPOCH) // _MILLISECOND


def _second_time(cells: list[str], column: int | None) -> int:
    if column is None:
        return -1
    try:
        return read_time(cells[column])[0]
    except (ValueError, OverflowError):
        return -1


def _number(text: str) -> float:
    if "_" in text:  # Python reads 1_000 as a number; no exporter writes one so
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def _volume(cells: list[str], column: int | None) -> float:
    """NaN where the column is not there; a cell that is no number makes the row unreadable."""
    return float("nan") if column is None else _number(cells[column])
