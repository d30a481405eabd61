"""The real exports: exact counts of what is wrong in each, and the clean part equals the other venues."""

import datetime as dt
import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from service.errors import BadInput
from service.instants import Interval
from service.market.archive import ArchiveReading, read
from service.market.candle import Candle
from service.market.gaps import count_by_reason

pytestmark = pytest.mark.data

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
BINANCE_HOURS = "binance_btcusdt/Binance_BTCUSDT_1h.csv"
BINANCE_DAYS = "binance_btcusdt/Binance_BTCUSDT_d.csv"
COINBASE_HOURS = "coinbase_btcusd/Coinbase_BTCUSD_1h_2017-2020.csv"
COINBASE_2024 = "coinbase_btcusd/Coinbase_BTCUSD_1h_2024.csv"
COINBASE_DAYS = "coinbase_btcusd/Coinbase_BTCUSD_d_2014-2020.csv"
BITSTAMP_DAYS = "bitstamp_btcusd/Bitstamp_BTCUSD_d.csv"
LONG_DAYS = "bitstamp_coinbase_daily_2011_2025/BTCUSD_1d_candles_full.csv"
LONG_WEEKS = "bitstamp_coinbase_daily_2011_2025/BTCUSD_1w_candles_full.csv"
FIVE_MINUTES = "bitstamp_coinbase_daily_2011_2025/BTCUSD_5m_candles_2011.csv"
PERPETUAL = "btc_perp_1m_2022-01/btc-perp-20211231-20220201_1m.csv"


@cache
def reading(root: Path, file: str) -> ArchiveReading:
    """The file as it would be imported, with the options its name does not tell."""
    path = root / "prices" / file
    venue = "ftx" if file == PERPETUAL else None if path.name[0] in "CBc" and "_BTC" in path.name else "bitstamp"
    symbol = "BTC/USD" if file == PERPETUAL else None
    return read(path.read_bytes(), name=path.name, venue=venue, symbol=symbol, interval=None, now=NOW)


CASES: list[tuple[str, str, int, int, dict[str, int], dict[str, int]]] = [
    (BINANCE_HOURS, "binance BTC/USDT 1h", 36_062, 33_411,
     {"mixed_units": 7_478, "date_disagrees": 91, "newest_first": 36_062, "no_trade": 117, "unfinished": 1,
      "duplicate": 2_648, "conflicting_duplicate": 1, "suspect": 1, "missing": 16},
     {"missing_in_archive": 16, "quarantined": 1}),
    (BINANCE_DAYS, "binance BTC/USDT 1d", 1_396, 1_394,
     {"mixed_units": 124, "newest_first": 1_396, "unfinished": 1, "conflicting_duplicate": 1}, {}),
    (COINBASE_HOURS, "coinbase BTC/USD 1h", 29_061, 29_055,
     {"preamble": 1, "date_disagrees": 1_208, "newest_first": 29_061, "no_trade": 34, "unfinished": 1, "duplicate": 5,
      "missing": 5},
     {"missing_in_archive": 5}),
    (COINBASE_2024, "coinbase BTC/USD 1h", 6_115, 6_114, {"unfinished": 1}, {}),
    (COINBASE_DAYS, "coinbase BTC/USD 1d", 2_035, 2_034,
     {"preamble": 1, "newest_first": 2_035, "no_trade": 37, "suspect_wick": 1, "unfinished": 1, "missing": 12},
     {"missing_in_archive": 12}),
    (BITSTAMP_DAYS, "bitstamp BTC/USD 1d", 2_823, 2_822,
     {"preamble": 1, "newest_first": 2_823, "volume_swapped": 1_180, "no_trade": 8, "unfinished": 1}, {}),
    (LONG_DAYS, "bitstamp BTC/USD 1d", 5_152, 5_151, {"no_trade": 33, "suspect_wick": 3, "unfinished": 1}, {}),
    (FIVE_MINUTES, "bitstamp BTC/USD 5m", 39_017, 39_015,
     {"no_trade": 38_585, "suspect_wick": 2, "unfinished": 1, "suspect": 1}, {"quarantined": 1}),
    (PERPETUAL, "ftx BTC/USD 1m", 45_031, 45_030, {"volume_in_quote": 45_030, "unfinished": 1}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "market", "rows", "kept", "defects", "gaps"), CASES, ids=[Path(case[0]).stem for case in CASES]
)
def test_every_defect_of_a_real_file_is_counted(
    shared_data: Path, file: str, market: str, rows: int, kept: int, defects: dict[str, int], gaps: dict[str, int]
) -> None:
    found = reading(shared_data, file)
    assert f"{found.venue} {found.symbol} {found.interval.value}" == market
    assert (found.rows, len(found.candles)) == (rows, kept)
    assert {defect.code: defect.count for defect in found.defects} == defects
    assert count_by_reason(found.gaps) == gaps
    assert found.rows == len(found.candles) + len(found.quarantined)


def test_the_binance_faults_are_the_known_ones(shared_data: Path) -> None:
    """16 hours in 8 gaps; the half-finished hour of 2020-11-20; the open that was never traded on the first day."""
    found = reading(shared_data, BINANCE_HOURS)
    assert len([gap for gap in found.gaps if gap.reason == "missing_in_archive"]) == 8
    refused = {row.reason: row for row in found.quarantined}
    assert refused["conflicting_duplicate"].open_at == dt.datetime(2020, 11, 20, 7, tzinfo=dt.UTC)
    assert refused["suspect"].open_at == dt.datetime(2017, 8, 17, 4, tzinfo=dt.UTC)
    assert refused["suspect"].row.startswith("16199.91")
    fuller = next(c for c in found.candles if c.open_at == refused["conflicting_duplicate"].open_at)
    assert fuller.close == 18212.0


def test_the_last_bar_comes_back_when_it_is_said_to_have_closed(shared_data: Path) -> None:
    """All 6,115 hours of the complete file."""
    body = (shared_data / "prices" / COINBASE_2024).read_bytes()
    found = read(
        body,
        name="Coinbase_BTCUSD_1h_2024.csv",
        venue=None,
        symbol=None,
        interval=None,
        now=NOW,
        is_last_bar_closed=True,
    )
    assert (len(found.candles), found.defects, found.gaps) == (6_115, (), ())


def test_weeks_and_an_unnamed_venue_are_refused_with_a_remedy(shared_data: Path) -> None:
    prices = shared_data / "prices"
    with pytest.raises(BadInput, match="604800 seconds"):
        read(
            (prices / LONG_WEEKS).read_bytes(), name="w.csv", venue="bitstamp", symbol="BTC/USD", interval=None, now=NOW
        )
    for file in (PERPETUAL, LONG_DAYS):
        with pytest.raises(BadInput, match="--venue"):
            read((prices / file).read_bytes(), name=Path(file).name, venue=None, symbol=None, interval=None, now=NOW)


def closes(candles: tuple[Candle, ...], start: str = "2009", end: str = "2030") -> pd.Series:
    index = pd.DatetimeIndex([candle.open_at for candle in candles])
    return pd.Series([candle.close for candle in candles], index=index).loc[start:end]


def correlation(one: pd.Series, other: pd.Series, step: str, lag: int = 0) -> float:
    """Of log returns between bars that both venues hold, next to each other on the grid."""
    both = pd.concat([one, other], axis=1, join="outer", sort=True).asfreq(step)
    returns = np.log(both).diff()
    return float(returns.iloc[:, 0].corr(returns.iloc[:, 1].shift(lag)))


def test_binance_and_coinbase_hours_agree(shared_data: Path) -> None:
    one, other = (closes(reading(shared_data, file).candles) for file in (BINANCE_HOURS, COINBASE_HOURS))
    assert correlation(one, other, "h") > 0.93
    assert all(abs(correlation(one, other, "h", lag)) < 0.06 for lag in (-1, 1))


def test_the_weeks_with_local_dates_fit_the_other_file_only_by_their_unix_time(shared_data: Path) -> None:
    """Autumn 2017, where both files print New York time in the date column: the unix column joins without a step."""
    coinbase = closes(reading(shared_data, COINBASE_HOURS).candles)
    steps = np.log(coinbase).diff().abs()
    seams = steps.loc[["2017-09-26 18:00+00:00", "2017-11-12 09:00+00:00"]]
    assert (seams < 0.03).all()
    daily = closes(reading(shared_data, BITSTAMP_DAYS).candles, "2017-09-22", "2017-11-13")
    at_midnight = coinbase.loc["2017-09-22":"2017-11-13"].resample("D").last()
    assert correlation(at_midnight, daily, "D") > 0.9


def test_bitstamp_and_coinbase_days_agree_in_price_and_in_volume(shared_data: Path) -> None:
    """Volume too: before the columns were swapped back the older half was off by the square of the price."""
    coinbase, bitstamp = reading(shared_data, COINBASE_DAYS), reading(shared_data, BITSTAMP_DAYS)
    one, other = closes(coinbase.candles, "2016"), closes(bitstamp.candles, "2016")
    assert correlation(one, other, "D") > 0.95
    assert all(abs(correlation(one, other, "D", lag)) < 0.1 for lag in (-1, 1))
    long = reading(shared_data, LONG_DAYS)
    assert correlation(closes(long.candles, "2016"), other, "D") > 0.95
    assert max(candle.volume for candle in bitstamp.candles) < 200_000


def test_less_than_one_in_a_thousand_real_bars_is_called_suspect(shared_data: Path) -> None:
    found = [reading(shared_data, file) for file, *_ in CASES]
    bars = sum(len(each.candles) for each in found)
    suspects = [row for each in found for row in each.quarantined if row.reason == "suspect"]
    assert bars > 164_000
    assert len(suspects) == 2
    for each in found:
        flagged = sum(row.reason == "suspect" for row in each.quarantined)
        assert flagged <= 0.001 * each.rows


def test_injected_faults_are_found_in_real_bars(shared_data: Path) -> None:
    """An open or close halved, or off by a slipped digit: at least 95 % of 200 are found, and nothing else."""
    rows = (shared_data / "prices" / COINBASE_2024).read_text().splitlines()
    chance = np.random.default_rng(11)
    chosen = chance.choice(np.arange(2, len(rows) - 2, 5), 200, replace=False)
    for number in chosen:
        cells = rows[number].split(",")
        column = int(chance.choice([4, 5]))  # date,unix,low,high,open,close,…
        cells[column] = str(float(cells[column]) * float(chance.choice([0.5, 1.8, 10, 0.01])))
        prices = [float(cells[n]) for n in (2, 3, 4, 5)]
        cells[2], cells[3] = str(min(prices)), str(max(prices))
        rows[number] = ",".join(cells)
    found = read(
        "\n".join(rows).encode(), name="Coinbase_BTCUSD_1h_2024.csv", venue=None, symbol=None, interval=None, now=NOW
    )
    hit = {row.open_at for row in found.quarantined if row.reason == "suspect"}
    spoiled = {dt.datetime.fromisoformat(rows[number].split(",")[0]) for number in chosen}
    assert len(hit & spoiled) >= 190
    assert hit <= spoiled


def test_a_large_file_is_read_in_about_a_second(shared_data: Path) -> None:
    """CPU time of the better of two, against twice the goal of one second for 36,062 rows: machines differ."""
    body = (shared_data / "prices" / BINANCE_HOURS).read_bytes()
    taken = []
    for _ in range(2):
        started = time.process_time()
        read(body, name="Binance_BTCUSDT_1h.csv", venue=None, symbol=None, interval=Interval.H1, now=NOW)
        taken.append(time.process_time() - started)
    assert min(taken) < 2.0
