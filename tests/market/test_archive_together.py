"""One generated file with every kind of defect at once: none hides another, and the clean part is the truth."""

import random

import pytest

from service.instants import Interval
from service.market.archive import ArchiveReading, read
from service.market.archive_defects import EXPLAINED
from service.market.candle import Candle
from tests.market.bars import HOUR, LATER, bar, bars

BARS = 200
MISSING = range(60, 63)
REPEATED = range(80, 100)
IN_MILLIS = range(100, BARS)
SWAPPED = range(BARS // 2)
LOCAL_DATES = range(20, 30)
HALF_FINISHED = 150
BROKEN = 120
ORDERS = (
    ("unix", "date", "symbol", "open", "high", "low", "close", "Volume BTC", "Volume USD"),
    ("date", "unix", "symbol", "low", "high", "open", "close", "volume", "vol_fiat"),
    ("date", "symbol", "open", "close", "Volume BTC", "Volume USD", "unix timestamp", "high", "low"),
)
NAME = "Coinbase_BTCUSD_1h.csv"


def cells(candle: Candle, number: int) -> dict[str, str]:
    """The row as a careless exporter writes it."""
    base, quote = candle.volume, candle.volume * (candle.high + candle.low + candle.close) / 3
    if number in SWAPPED:
        base, quote = quote, base
    unix = int(candle.open_at.timestamp()) * (1000 if number in IN_MILLIS else 1)
    date = candle.open_at - 4 * HOUR if number in LOCAL_DATES else candle.open_at
    figures = {name: str(getattr(candle, name)) for name in ("open", "high", "low", "close")}
    return figures | {
        "unix": str(unix),
        "date": f"{date:%Y-%m-%d %H:%M:%S}",
        "symbol": "BTCUSD",
        "base": str(base),
        "quote": str(quote),
    }


def column_of(named: str) -> str:
    """The cell that stands under a header."""
    told = {"volume": "base", "volume btc": "base", "vol_fiat": "quote", "volume usd": "quote"}
    lowered = named.lower().replace(" timestamp", "")
    return told.get(lowered, lowered)


def spoil(order: tuple[str, ...]) -> bytes:
    """The file: newest first, a URL in line 1, and the defects named above."""
    rows: list[tuple[int, Candle]] = []
    for number, candle in enumerate(bars(BARS)):
        if number in MISSING:
            continue
        if number == 0:
            candle = bar(0, open=4 * candle.open, high=4 * candle.open)  # an open nobody traded at
        if number == BROKEN:
            candle = bar(number, high=1.0)
        rows += [(number, candle)] * (2 if number in REPEATED else 1)
        if number == HALF_FINISHED:
            rows.append((number, bar(number, close=candle.open + 1, volume=candle.volume / 3)))
    lines = ["https://www.example.com", ",".join(order)]
    for number, candle in reversed(rows):
        written = cells(candle, number)
        lines.append(",".join(written[column_of(name)] for name in order))
    return "\n".join(lines).encode()


def read_spoilt(order: tuple[str, ...]) -> ArchiveReading:
    return read(spoil(order), name=NAME, venue=None, symbol=None, interval=None, now=LATER)


@pytest.mark.parametrize("order", ORDERS, ids=["date second", "low before high", "close before high"])
def test_every_defect_is_counted_and_the_rest_is_the_truth(order: tuple[str, ...]) -> None:
    reading = read_spoilt(order)
    rows = BARS - len(MISSING) + len(REPEATED) + 1
    assert {defect.code: defect.count for defect in reading.defects} == {
        "preamble": 1,
        "mixed_units": len(IN_MILLIS) + 1,  # rows of the rarer unit; the half-finished bar is one
        "date_disagrees": len(LOCAL_DATES),
        "newest_first": rows,
        "volume_swapped": len(SWAPPED) - len(MISSING) + len(REPEATED),
        "unfinished": 1,
        "invalid_bar": 1,
        "duplicate": len(REPEATED),
        "conflicting_duplicate": 1,
        "suspect": 1,
        "missing": len(MISSING),
    }
    refused = {0, BROKEN, BARS - 1, *MISSING}
    truth = [candle for number, candle in enumerate(bars(BARS)) if number not in refused]
    assert [candle.open_at for candle in reading.candles] == [candle.open_at for candle in truth]
    for found, true in zip(reading.candles, truth, strict=True):
        assert (found.open, found.high, found.low, found.close) == (true.open, true.high, true.low, true.close)
        assert found.volume == pytest.approx(true.volume)
    assert reading.rows == len(reading.candles) + len(reading.quarantined) == rows
    assert (reading.venue, reading.symbol, reading.interval) == ("coinbase", "BTC/USD", Interval.H1)


def test_every_defect_is_explained_and_shows_a_row_of_the_file() -> None:
    reading = read_spoilt(ORDERS[0])
    lines = spoil(ORDERS[0]).decode().splitlines()
    holes = {f"{gap.start:%Y-%m-%d %H:%M} UTC" for gap in reading.gaps}
    for defect in reading.defects:
        assert defect.detail.startswith(EXPLAINED[defect.code])
        printed = defect.example.partition(": ")[2] or defect.example
        assert printed in holes or any(printed in line for line in lines) or _is_bar(printed), defect


def _is_bar(printed: str) -> bool:
    """A refused bar shows its figures rather than its line."""
    return any(str(bar(number).close) in printed for number in range(BARS))


def test_gaps_tell_what_is_absent_from_what_was_refused() -> None:
    reading = read_spoilt(ORDERS[0])
    assert [(gap.start, gap.bars, gap.reason) for gap in reading.gaps] == [
        (bar(0).open_at, 1, "quarantined"),
        (bar(MISSING.start).open_at, len(MISSING), "missing_in_archive"),
        (bar(BROKEN).open_at, 1, "quarantined"),
    ]


def test_a_shuffled_file_gives_the_same_candles() -> None:
    """Only the defect of its order differs."""
    lines = spoil(ORDERS[0]).decode().splitlines()
    body = lines[2:]
    random.Random(4).shuffle(body)
    mixed = read("\n".join([*lines[:2], *body]).encode(), name=NAME, venue=None, symbol=None, interval=None, now=LATER)
    sorted_one = read_spoilt(ORDERS[0])
    assert mixed.candles == sorted_one.candles
    differing = {defect.code for defect in mixed.defects} ^ {defect.code for defect in sorted_one.defects}
    assert differing == {"newest_first", "unordered"}
