"""Which column of a candle archive is what: told from its header line, wherever that stands and however it is ordered.

Known exports: CryptoDataDownload in its three generations (a URL or a comment above the header; `unix,date,symbol,
open,high,low,close,Volume BTC,Volume USD`), `date,unix,low,high,open,close,volume,vol_fiat`, `timestamp,open,close,
volume,unix_timestamp,high,low`, `timestamp,open,high,low,close,volume`; any other file that names its columns so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.errors import BadInput

HEADER_WITHIN = 20
"""How many lines are looked at for the header; what stands above it is a preamble."""

_DELIMITERS = (",", ";", "\t", "|")
_PRICES = {
    "open": {"open", "o", "open price", "price open"},
    "high": {"high", "h", "high price", "price high"},
    "low": {"low", "l", "low price", "price low"},
    "close": {"close", "c", "close price", "price close"},
}
_UNIX = {"unix", "unix timestamp", "unix time", "unixtime", "epoch", "unix ms", "unix seconds"}
_TIME = {"timestamp", "date", "datetime", "date time", "time", "open time", "opentime", "start", "period start"}
_SYMBOL = {"symbol", "pair", "market", "ticker", "product"}
_VOLUME = re.compile(r"^(?:base |quote )?(?:asset )?(?:volume|vol)\b[ _]*(.*)$")
_QUOTES = {"usd", "usdt", "usdc", "eur", "gbp", "busd", "fiat", "quote", "currency", "dollar", "notional"}
REMEDY = "the first lines must name the columns: a time (unix, date or timestamp), open, high, low, close and volume"


@dataclass(frozen=True, slots=True)
class Layout:
    """Column numbers from 0. `time` is the column believed; `date` a second one to compare it with, if there is one.

    `base_volume` and `quote_volume` are what the header claims; at least one is given. `header` is the header's line
    number from 0, `preamble` the non-empty lines above it.
    """

    delimiter: str
    header: int
    preamble: tuple[str, ...]
    width: int
    time: int
    date: int | None
    open: int
    high: int
    low: int
    close: int
    base_volume: int | None
    quote_volume: int | None
    symbol: int | None


def detect(lines: Sequence[str], name: str) -> Layout:
    """The layout of the file `name`. Raises `BadInput` where no header is found or a needed column is not named."""
    if not any(line.strip() for line in lines):
        raise BadInput("file", name, "it is empty: give a CSV file of candles with a header")
    for number, line in enumerate(lines[:HEADER_WITHIN]):
        delimiter = max(_DELIMITERS, key=line.count)
        columns = [_normalise(cell) for cell in line.split(delimiter)]
        prices = {price: _only(columns, names) for price, names in _PRICES.items()}
        if all(column is not None for column in prices.values()):
            preamble = tuple(above for above in lines[:number] if above.strip())
            return _layout(name, delimiter, number, preamble, columns)
    first = next(line for line in lines if line.strip())
    raise BadInput("header", first, f"{name} has no header line; {REMEDY}")


def _layout(name: str, delimiter: str, number: int, preamble: tuple[str, ...], columns: list[str]) -> Layout:
    unix, time = _only(columns, _UNIX), _only(columns, _TIME)
    base, quote = _volumes(columns)
    if unix is None and time is None:
        raise BadInput("header", ",".join(columns), f"{name} names no time column; {REMEDY}")
    if base is None and quote is None:
        raise BadInput("header", ",".join(columns), f"{name} names no volume column; {REMEDY}")
    return Layout(
        delimiter=delimiter,
        header=number,
        preamble=preamble,
        width=len(columns),
        # A count since 1970 has one meaning; a written date has no zone. Where both are given the count is believed.
        time=unix if unix is not None else _given(time),
        date=time if unix is not None else None,
        open=_given(_only(columns, _PRICES["open"])),
        high=_given(_only(columns, _PRICES["high"])),
        low=_given(_only(columns, _PRICES["low"])),
        close=_given(_only(columns, _PRICES["close"])),
        base_volume=base,
        quote_volume=quote,
        symbol=_only(columns, _SYMBOL),
    )


def _normalise(cell: str) -> str:
    return re.sub(r"[\s_\-()]+", " ", cell.strip().strip('"').lower()).strip()


def _only(columns: list[str], names: set[str]) -> int | None:
    """Number of the first column with one of these names."""
    return next((number for number, column in enumerate(columns) if column in names), None)


def _volumes(columns: list[str]) -> tuple[int | None, int | None]:
    """(base, quote) volume columns by name: `volume`, `Volume BTC` are base; `Volume USD`, `vol_fiat` are quote."""
    base = quote = None
    for number, column in enumerate(columns):
        match = _VOLUME.match(column)
        if match is None:
            continue
        if column.startswith("quote ") or match.group(1) in _QUOTES:
            quote = number if quote is None else quote
        else:
            base = number if base is None else base
    return base, quote


def _given(column: int | None) -> int:
    assert column is not None
    return column
