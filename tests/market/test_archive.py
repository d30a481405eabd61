"""Small made archives, one per kind of defect: each is caught, counted and explained, and no row is lost."""

import datetime as dt
import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.instants import Interval, from_millis
from service.market.archive import ArchiveReading, read
from service.market.candle import Candle
from tests.market.bars import HOUR, LATER, START, bar, bars

HEADER = "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD"
NAME = "Coinbase_BTCUSD_1h.csv"


def line(candle: Candle, *, unix: str | None = None, date: str | None = None, symbol: str = "BTC/USD") -> str:
    unix = f"{candle.open_at.timestamp():.0f}" if unix is None else unix
    date = f"{candle.open_at:%Y-%m-%d %H:%M:%S}" if date is None else date
    quote = candle.volume * (candle.high + candle.low + candle.close) / 3
    figures = (candle.open, candle.high, candle.low, candle.close, candle.volume, quote)
    return ",".join([unix, date, symbol, *map(str, figures)])


def read_lines(lines: Sequence[str], name: str = NAME, **given: object) -> ArchiveReading:
    options: dict[str, object] = {"venue": None, "symbol": None, "interval": None, "is_last_bar_closed": True}
    return read("\n".join(lines).encode(), name=name, now=LATER, **(options | given))  # type: ignore[arg-type]


def counts(reading: ArchiveReading) -> dict[str, int]:
    return {defect.code: defect.count for defect in reading.defects}


def test_a_clean_file_has_no_defects() -> None:
    reading = read_lines([HEADER, *map(line, bars(30))])
    assert reading.candles == tuple(bars(30))
    assert (reading.venue, reading.symbol, reading.interval) == ("coinbase", "BTC/USD", Interval.H1)
    assert (reading.quarantined, reading.gaps, reading.defects) == ((), (), ())


def test_the_newest_bar_counts_only_if_it_is_known_to_have_closed() -> None:
    reading = read_lines([HEADER, *map(line, bars(5))], is_last_bar_closed=False)
    assert reading.candles == tuple(bars(4))
    assert counts(reading) == {"unfinished": 1}
    assert "--last-bar-closed" in reading.defects[0].detail
    assert reading.gaps == ()


def test_a_comment_and_a_url_above_the_header_are_skipped_and_told() -> None:
    reading = read_lines(["Timestamps are UTC,https://www.example.com", "", HEADER, *map(line, bars(5))])
    assert len(reading.candles) == 5
    assert counts(reading) == {"preamble": 1}
    assert "example.com" in reading.defects[0].example


def test_newest_first_is_sorted() -> None:
    reading = read_lines([HEADER, *map(line, reversed(bars(5)))])
    assert reading.candles == tuple(bars(5))
    assert counts(reading) == {"newest_first": 5}


def test_a_disordered_file_is_sorted_and_counted() -> None:
    rows = bars(6)
    rows[1], rows[4] = rows[4], rows[1]
    reading = read_lines([HEADER, *map(line, rows)])
    assert reading.candles == tuple(bars(6))
    assert counts(reading) == {"unordered": 2}


def test_seconds_milliseconds_microseconds_and_floats_are_told_apart() -> None:
    written = [
        lambda s: f"{s}",
        lambda s: f"{s}000",
        lambda s: f"{s}.0",
        lambda s: f"{s}000000",
        lambda s: f"{s}000000000",
    ]
    rows = [line(c, unix=written[n % 5](int(c.open_at.timestamp()))) for n, c in enumerate(bars(10))]
    reading = read_lines([HEADER, *rows])
    assert reading.candles == tuple(bars(10))
    assert counts(reading) == {"mixed_units": 2}
    assert "4 × s" in reading.defects[0].detail


def test_half_day_hours_are_read() -> None:
    rows = [line(c, unix="", date=f"{c.open_at:%Y-%m-%d %I-%p}") for c in bars(30)]
    without_unix = [row.split(",", 1)[1] for row in rows]
    reading = read_lines([HEADER.split(",", 1)[1], *without_unix])
    assert reading.candles == tuple(bars(30))


def test_a_date_column_in_another_zone_loses_against_the_unix_time() -> None:
    """As in two real exports: dates in New York time for some weeks."""
    rows = [line(c, date=f"{c.open_at - 4 * HOUR:%Y-%m-%d %I-%p}") if n < 3 else line(c) for n, c in enumerate(bars(9))]
    reading = read_lines([HEADER, *rows])
    assert reading.candles == tuple(bars(9))
    assert counts(reading) == {"date_disagrees": 3}
    assert "3 rows -4 h" in reading.defects[0].detail


def test_repeats_and_a_half_finished_bar() -> None:
    half = bar(2, close=bar(2).open + 1, volume=3.0)
    reading = read_lines([HEADER, *map(line, bars(5)), line(bar(1)), line(half)])
    assert reading.candles == tuple(bars(5))
    assert counts(reading) == {"unordered": 1, "duplicate": 1, "conflicting_duplicate": 1}


def test_missing_hours_are_gaps_and_never_filled() -> None:
    rows = [candle for n, candle in enumerate(bars(12)) if n not in {3, 4, 9}]
    reading = read_lines([HEADER, *map(line, rows)])
    assert [(gap.start, gap.bars, gap.reason) for gap in reading.gaps] == [
        (START + 3 * HOUR, 2, "missing_in_archive"),
        (START + 9 * HOUR, 1, "missing_in_archive"),
    ]
    assert counts(reading) == {"missing": 3}
    assert reading.candles == tuple(rows)


@pytest.mark.parametrize("number", [0, 5, 11])
@pytest.mark.parametrize(("field", "factor"), [("open", 4.0), ("close", 0.2)])
def test_a_price_no_neighbour_bears_out_is_suspect(number: int, field: str, factor: float) -> None:
    """First bar, inner bar, last bar; a wrong open as in the real Binance file, a wrong close."""
    wrong = getattr(bar(number), field) * factor
    spoiled = bar(number, **{field: wrong, "high" if factor > 1 else "low": wrong})
    rows = [spoiled if n == number else c for n, c in enumerate(bars(12))]
    reading = read_lines([HEADER, *map(line, rows)])
    assert [(row.reason, row.open_at) for row in reading.quarantined] == [("suspect", spoiled.open_at)]
    assert field in reading.quarantined[0].detail
    assert [gap.reason for gap in reading.gaps] == ["quarantined"]


def test_a_bar_with_a_slipped_decimal_point_is_suspect() -> None:
    spoiled = bar(5, **{name: getattr(bar(5), name) * 10 for name in ("open", "high", "low", "close")})
    rows = [spoiled if n == 5 else c for n, c in enumerate(bars(12))]
    assert counts(read_lines([HEADER, *map(line, rows)])) == {"suspect": 1}


def test_a_crash_that_stays_is_a_market_and_a_wick_is_only_named() -> None:
    """A fall to a third within one bar is kept where prices go on from there; a wick to 60 is kept and counted."""
    rows = bars(6)
    low = [
        bar(n, **{name: getattr(bar(n), name) / 3 for name in ("open", "high", "low", "close")}) for n in range(7, 12)
    ]
    fall = bar(6, close=low[0].open, low=low[0].low)
    reading = read_lines([HEADER, *map(line, [*rows, fall, *low])])
    assert (len(reading.candles), reading.quarantined) == (12, ())
    rows[3] = bar(3, low=60.0)
    reading = read_lines([HEADER, *map(line, rows)])
    assert (len(reading.candles), counts(reading)) == (6, {"suspect_wick": 1})


def test_volume_columns_swapped_in_half_a_file_are_swapped_back() -> None:
    def swapped(text: str) -> str:
        *rest, base, quote = text.split(",")
        return ",".join([*rest, quote, base])

    rows = [swapped(line(c)) if n < 7 else line(c) for n, c in enumerate(bars(15))]
    reading = read_lines([HEADER, *rows])
    assert counts(reading) == {"volume_swapped": 7}
    assert [candle.volume for candle in reading.candles] == pytest.approx([candle.volume for candle in bars(15)])
    assert "from 2024-01-01T00:00:00Z to 2024-01-01T06:00:00Z" in reading.defects[0].detail


def test_volumes_that_fit_neither_way_are_kept_and_counted() -> None:
    rows = [line(c) for c in bars(5)]
    rows[2] = ",".join([*rows[2].split(",")[:-1], "12345.6"])
    assert counts(read_lines([HEADER, *rows])) == {"volume_inconsistent": 1}


def test_more_coins_than_exist_are_dollars() -> None:
    header = "timestamp,open,high,low,close,volume"
    rows = [
        f"{c.open_at:%Y-%m-%d %H:%M:%S},{c.open},{c.high},{c.low},{c.close},{c.volume * 1e5 * c.close}" for c in bars(9)
    ]
    reading = read_lines([header, *rows], symbol="BTC/USD")
    assert counts(reading) == {"volume_in_quote": 9}
    assert reading.candles[0].volume == pytest.approx(bar(0).volume * 1e5, rel=0.01)


def test_flat_bars_without_volume_are_kept_and_counted() -> None:
    flat = bar(3, open=bar(3).open, high=bar(3).open, low=bar(3).open, close=bar(3).open, volume=0.0)
    rows = [flat if n == 3 else c for n, c in enumerate(bars(6))]
    reading = read_lines([HEADER, *map(line, rows)])
    assert (len(reading.candles), counts(reading)) == (6, {"no_trade": 1})


def test_rows_that_are_not_figures_are_kept_aside_with_their_line() -> None:
    rows = list(map(line, bars(9)))
    rows[1] = line(bar(1)).replace(str(bar(1).open), "forty")
    rows[3] = "<html>"
    rows[4] = line(bar(4)).replace(str(bar(4).open), "1_000")
    reading = read_lines([HEADER, *rows])
    assert counts(reading)["unreadable"] == 3
    assert [row.detail[:7] for row in reading.quarantined] == ["line 3:", "line 5:", "line 6:"]
    assert reading.quarantined[1].row == "<html>"


@pytest.mark.parametrize("unix", ["0", "-1", "1e400", "nan", "inf", "99999999999999999999999", "12", "0x10", "٣"])
def test_a_count_that_is_no_instant_makes_a_row_unreadable(unix: str) -> None:
    reading = read_lines([HEADER, *map(line, bars(4)), line(bar(4), unix=unix)])
    assert counts(reading) == {"unreadable": 1}


def test_bars_from_the_future_are_refused_and_cost_no_memory() -> None:
    """A stray row of the year 9999 neither counts as the newest bar nor opens a gap of eight thousand years."""
    header = HEADER.removeprefix("unix,")
    rows = [line(c).split(",", 1)[1] for c in bars(5)] + ["9999-12-31 23:00:00,BTC/USD,1,1,1,1,1,1"]
    reading = read_lines([header, *rows], is_last_bar_closed=False)
    assert counts(reading) == {"future": 1, "unfinished": 1}
    assert (reading.candles, reading.gaps) == (tuple(bars(4)), ())


def test_broken_bars_and_bars_beside_the_grid_are_refused() -> None:
    rows = bars(8)
    rows[2] = bar(2, high=1.0)
    rows[5] = bar(5, open_at=bar(5).open_at + HOUR / 2)
    reading = read_lines([HEADER, *map(line, rows)])
    assert counts(reading) == {"invalid_bar": 1, "off_grid": 1, "missing": 1}
    assert [gap.reason for gap in reading.gaps] == ["quarantined", "missing_in_archive"]


def test_another_pair_in_the_file_must_be_chosen_from() -> None:
    rows = [*map(line, bars(4)), *(line(c, symbol="ETH/USD") for c in bars(4))]
    with pytest.raises(BadInput, match="BTC/USD, ETH/USD: choose one with --symbol"):
        read_lines([HEADER, *rows])
    reading = read_lines([HEADER, *rows], symbol="BTCUSD")
    assert reading.candles == tuple(bars(4))
    assert counts(reading)["other_symbol"] == 4
    with pytest.raises(BadInput, match="holds BTC/USD, ETH/USD"):
        read_lines([HEADER, *rows], symbol="BTC/EUR")


@pytest.mark.parametrize(
    "header",
    [
        "date,unix,low,high,open,close,volume,vol_fiat",
        "timestamp,open,close,volume,unix_timestamp,high,low",
        '"Unix Timestamp";"Date";"Symbol";"Open";"High";"Low";"Close";"Volume BTC";"Volume USD"',
        "Open Time\tOpen\tHigh\tLow\tClose\tVolume",
    ],
)
def test_columns_are_found_by_name_in_any_order(header: str) -> None:
    delimiter = next(mark for mark in ";\t," if mark in header)

    def row(c: Candle) -> str:
        cells = {
            "open": c.open, "high": c.high, "low": c.low, "close": c.close, "volume": c.volume, "volume btc": c.volume,
            "volume usd": c.volume * c.close, "vol_fiat": c.volume * c.close, "symbol": "BTCUSD",
        }  # fmt: skip
        names = [name.strip('"').lower() for name in header.split(delimiter)]
        moment = f"{c.open_at:%Y-%m-%d %H:%M:%S}"
        unix = f"{c.open_at.timestamp():.1f}"
        return delimiter.join(str(cells.get(n, unix if "unix" in n else moment)) for n in names)

    assert read_lines([header, *map(row, bars(6))]).candles == tuple(bars(6))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"\x00\xff\xfe\x00", "has no header line"),
        (b"1704067200,1,2,0.5,1,3\n1704070800,1,2,0.5,1,3\n", "has no header line"),
        (b"open,high,low,close,volume\n1,2,0.5,1,3\n", "names no time column"),
        (b"unix,open,high,low,close\n1704067200,1,2,0.5,1\n", "names no volume column"),
        (HEADER.encode(), "no row below its header"),
        (HEADER.encode() + b"\nrubbish\n", "no row below its header"),
    ],
)
def test_what_is_no_archive_is_refused_in_one_line(body: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told) as caught:
        read(body, name=NAME, venue=None, symbol=None, interval=None, now=LATER)
    assert "\n" not in str(caught.value)


def test_whose_bars_they_are_must_be_known() -> None:
    """From the options, else the columns, else the name; each remedy names the option."""
    header, rows = "unix,open,high,low,close,volume", [
        f"{c.open_at.timestamp():.0f},{c.open},{c.high},{c.low},{c.close},{c.volume}" for c in bars(4)
    ]  # fmt: skip
    with pytest.raises(BadInput, match="--venue"):
        read_lines([header, *rows], name="BTCUSD_1h.csv")
    with pytest.raises(BadInput, match="--symbol"):
        read_lines([header, *rows], name="kraken-candles.csv")
    with pytest.raises(BadInput, match="--interval"):
        read_lines([header, rows[0]], name="kraken-xbtusd.csv")
    with pytest.raises(BadInput, match="are 1h apart"):
        read_lines([header, *rows], interval=Interval.M5)
    with pytest.raises(BadInput, match="short name"):
        read_lines([header, *rows], venue="ftx; drop table")
    reading = read_lines([header, rows[0]], name="exports/KRAKEN_XBT-EUR_60.csv")
    assert (reading.venue, reading.symbol, reading.interval) == ("kraken", "BTC/EUR", Interval.H1)
    assert read_lines([header, *rows], name="a.csv", venue="MtGox", symbol="btc-usd").venue == "mtgox"


def test_a_sparse_file_is_what_it_is_said_to_be_if_its_rows_bear_that_out() -> None:
    """Mostly two hours apart, yet once one hour: hours, as its name says."""
    rows = [line(bar(n)) for n in (0, 2, 4, 5, 7, 9)]
    assert read_lines([HEADER, *rows]).interval is Interval.H1
    with pytest.raises(BadInput, match="7200 seconds apart"):
        read_lines([HEADER, *rows], name="Coinbase_BTCUSD.csv")


def test_weeks_are_not_stored_as_something_else() -> None:
    rows = [line(bar(n, open_at=START + n * 168 * HOUR)) for n in range(4)]
    with pytest.raises(BadInput, match="604800 seconds apart"):
        read_lines([HEADER, *rows])


def test_a_byte_order_mark_and_bad_bytes_do_no_harm() -> None:
    body = b"\xef\xbb\xbf" + "\r\n".join([HEADER, *map(line, bars(4))]).encode() + b"\r\n\xff\xfe,,\r\n"
    reading = read(body, name=NAME, venue=None, symbol=None, interval=None, now=LATER, is_last_bar_closed=True)
    assert reading.candles == tuple(bars(4))
    assert counts(reading) == {"encoding": 2, "unreadable": 1}


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 10**6))
def test_a_damaged_file_is_read_or_refused_and_no_row_is_lost(noise: bytes, at: int, seed: int) -> None:
    """Noise written into a sound file: a reading accounts for every line, or one BadInput says what is wrong."""
    chance = random.Random(seed)
    rows = list(map(line, bars(20)))
    chance.shuffle(rows)
    body = "\n".join([HEADER, *rows]).encode()
    damaged = body[:at] + noise + body[at + chance.randint(0, 50) :]
    try:
        reading = read(damaged, name=NAME, venue=None, symbol=None, interval=None, now=LATER)
    except BadInput:
        return
    assert reading.rows == len(reading.candles) + len(reading.quarantined)
    assert all(math.isfinite(candle.close) and candle.close_at <= LATER for candle in reading.candles)
    instants = [candle.open_at for candle in reading.candles]
    assert instants == sorted(set(instants))


def test_instants_are_exact_over_the_whole_range() -> None:
    """Milliseconds survive the way through floats."""
    for millis in (1_230_940_800_000, 1_704_067_199_999, 4_102_444_800_001):
        assert from_millis(millis) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC) == dt.timedelta(milliseconds=millis)
