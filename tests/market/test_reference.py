"""The reference price: a lie or an absence changes flags and what the rest of the venues allow, nothing else."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks import venues as real
from service.errors import BadInput
from service.instants import Interval
from service.market.median import weighted_median
from service.market.reference import Flag, Reference, VenueBars, convert, measure

HOUR = Interval.H1.millis
START = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
NAMES = ("binance", "bitstamp", "coinbase", "gemini", "kraken", "okx")
PRICES = ("open", "high", "low", "close")


def venue(name: str, rng: np.random.Generator, market: np.ndarray, noise: float = 2.0) -> VenueBars:
    """A venue that prints `market` (closes) up to `noise` basis points either way, with bars of some 80 bp."""
    count = len(market)
    close = market * np.exp(rng.uniform(-noise, noise, count) / 1e4)
    first = market * np.exp(rng.uniform(-noise, noise, count) / 1e4)
    open_at = START + np.arange(count, dtype=np.int64) * HOUR
    return VenueBars(
        name, "BTC/USD", Interval.H1, open_at, first, np.maximum(first, close) * 1.004,
        np.minimum(first, close) * 0.996, close, rng.uniform(1, 100, count), open_at + HOUR,
    )  # fmt: skip


def market(seed: int, count: int, bars: int = 30) -> list[VenueBars]:
    """`count` honest venues."""
    rng = np.random.default_rng(seed)
    path = 40_000 * np.exp(np.cumsum(rng.normal(0, 0.01, bars)))
    return [venue(name, rng, path) for name in NAMES[:count]]


def scale(bars: VenueBars, factor: float) -> VenueBars:
    return replace(bars, **{name: getattr(bars, name) * factor for name in PRICES})


def same_figures(one: Reference, other: Reference) -> None:
    for name in ("open_at", *PRICES, "volume", "dispersion", "used", "available_at"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


seeds = st.integers(0, 10**6)


@given(seeds, st.integers(3, 6), st.floats(0.02, 10), st.booleans(), st.floats(0, 1e9))
@settings(max_examples=60, deadline=None)
def test_a_lying_venue_changes_what_its_absence_changes_and_is_flagged(
    seed: int, count: int, lie: float, upwards: bool, volume: float
) -> None:
    honest = market(seed, count)
    factor = 1 + lie if upwards else 1 / (1 + lie)
    liar = replace(scale(honest[1], factor), volume=np.full(30, volume))
    told = measure([liar if one is honest[1] else one for one in honest])
    same_figures(told, measure([one for one in honest if one is not honest[1]]))
    assert np.all(told.venue_flags[1] & Flag.OUTLIER)
    assert not np.any(np.delete(told.venue_flags, 1, axis=0))


@given(seeds, st.integers(3, 6), st.data())
@settings(max_examples=60, deadline=None)
def test_a_missing_venue_moves_the_reference_by_no_more_than_the_venues_differ(
    seed: int, count: int, data: st.DataObject
) -> None:
    honest = market(seed, count)
    gone = data.draw(st.integers(0, count - 1))
    bar = data.draw(st.integers(1, 28))
    rest = np.arange(30) != bar
    columns = ("open_at", *PRICES, "volume", "available_at")
    holed = replace(honest[gone], **{name: getattr(honest[gone], name)[rest] for name in columns})
    whole, told = measure(honest), measure([holed if one is honest[gone] else one for one in honest])
    assert np.all(told.is_priced)
    for name in PRICES:
        np.testing.assert_array_equal(getattr(told, name)[rest], getattr(whole, name)[rest], err_msg=name)
    assert abs(told.close[bar] / whole.close[bar] - 1) * 1e4 <= whole.dispersion[bar] + 1e-9
    assert told.flags[bar] == Flag.VENUE_MISSING == told.venue_flags[gone, bar]
    assert not np.any(told.flags[rest])


@given(seeds, st.integers(1, 6), st.lists(st.floats(0.5, 2.0), min_size=6, max_size=6), st.randoms())
@settings(max_examples=60, deadline=None)
def test_any_mixture_is_independent_of_order_bounded_and_sound(
    seed: int, count: int, factors: list[float], order: Random
) -> None:
    given_venues = [scale(one, factor) for one, factor in zip(market(seed, count), factors, strict=False)]
    shuffled = list(given_venues)
    order.shuffle(shuffled)
    told = measure(given_venues)
    again = measure(shuffled)
    same_figures(told, again)
    np.testing.assert_array_equal(told.venue_flags, again.venue_flags)
    held = np.isfinite(told.close)
    np.testing.assert_array_equal(held, told.is_priced)
    for name in PRICES:
        printed = np.stack([getattr(one, name) for one in given_venues])
        figure = getattr(told, name)[held]
        assert np.all((printed.min(axis=0)[held] <= figure) & (figure <= printed.max(axis=0)[held]))
    assert np.all(told.low[held] <= np.minimum(told.open, told.close)[held])
    assert np.all(told.high[held] >= np.maximum(told.open, told.close)[held])
    unpriced = np.where(told.present == 1, Flag.ONE_VENUE, Flag.DISAGREEMENT)
    assert np.all(held | (told.flags & unpriced > 0))


@given(
    arrays.arrays(np.float64, (5, 4), elements=st.integers(1, 9).map(float)),
    arrays.arrays(np.float64, (5, 4), elements=st.integers(0, 4).map(float)),
)
def test_the_weighted_median_is_the_median_of_repeated_values(values: np.ndarray, weight: np.ndarray) -> None:
    told = weighted_median(values, weight)
    for column in range(4):
        repeated = np.repeat(values[:, column], weight[:, column].astype(int))
        expected = np.median(repeated) if len(repeated) else np.nan
        np.testing.assert_equal(told[column], expected)


def test_a_claimed_volume_cannot_take_over_the_median() -> None:
    three = market(1, 3)
    three[0] = replace(three[0], volume=np.full(30, 1e12))
    told = measure(three)
    closes = np.stack([one.close for one in three])
    volumes = np.stack([one.volume for one in three[1:]]).max(axis=0)
    np.testing.assert_array_equal(told.close, measure([replace(three[0], volume=volumes), *three[1:]]).close)
    is_own = closes[0] != np.median(closes, axis=0)
    assert np.all(told.close[is_own] != closes[0][is_own])


@pytest.mark.parametrize("side", ["high", "low"])
def test_a_wick_is_flagged_left_out_of_its_side_and_of_nothing_else(side: str) -> None:
    three = market(2, 3)
    spiked = getattr(three[0], side).copy()
    spiked[7] *= 1.3 if side == "high" else 0.7
    told, before = measure([replace(three[0], **{side: spiked}), *three[1:]]), measure(three)
    assert told.venue_flags[0, 7] == Flag.WICK
    assert np.count_nonzero(told.flags) == 1
    rest = set(PRICES) - {side}
    for name in rest:
        np.testing.assert_array_equal(getattr(told, name), getattr(before, name), err_msg=name)
    others = np.stack([getattr(one, side)[7] for one in three[1:]])
    assert others.min() <= getattr(told, side)[7] <= others.max()


def test_injected_wicks_are_found_and_honest_bars_are_not_accused() -> None:
    honest = market(3, 3, bars=2000)
    rng = np.random.default_rng(4)
    struck = rng.random(2000) < 0.05
    spiked = np.where(struck, honest[0].high * rng.uniform(1.03, 1.5, 2000), honest[0].high)
    told = measure([replace(honest[0], high=spiked), *honest[1:]])
    found = (told.venue_flags[0] & Flag.WICK) > 0
    assert found[struck].mean() >= 0.95
    assert found[~struck].mean() <= 0.001
    assert not np.any(told.venue_flags[1:])


def test_two_venues_that_disagree_and_one_alone_give_no_price() -> None:
    first, second = market(5, 2)
    apart = measure([first, scale(second, 1.1)])
    assert np.all(np.isnan(apart.close))
    assert np.all(apart.flags == Flag.DISAGREEMENT)
    assert apart.dispersion == pytest.approx(np.full(30, 1e4 * 0.1 / 1.05), abs=10)
    alone = measure([first])
    assert np.all(np.isnan(alone.close) & np.isnan(alone.volume) & np.isnan(alone.dispersion))
    assert np.all(alone.flags == Flag.ONE_VENUE)


def test_available_is_the_latest_of_the_venues_used() -> None:
    three = market(6, 3)
    late = replace(three[0], available_at=three[0].available_at + 5000)
    np.testing.assert_array_equal(measure([late, *three[1:]]).available_at, late.available_at)
    liar = scale(late, 2.0)
    np.testing.assert_array_equal(measure([liar, *three[1:]]).available_at, three[1].available_at)


def test_currencies_are_kept_apart_until_converted_at_a_stated_rate() -> None:
    dollar, other = market(7, 2)
    euro = replace(other, symbol="BTC/EUR")
    with pytest.raises(BadInput, match="BTC/EUR 1h, BTC/USD 1h"):
        measure([dollar, euro])
    halved = scale(euro, 0.5)
    same_figures(measure([dollar, convert(halved, "USD", 2.0)]), measure([dollar, other]))
    for rate in (0.0, -1.0, float("nan"), np.ones(3)):
        with pytest.raises(BadInput):
            convert(euro, "USD", rate)


def test_a_venue_given_twice_or_out_of_order_is_refused() -> None:
    one, other = market(8, 2)
    with pytest.raises(BadInput, match="once"):
        measure([one, one])
    with pytest.raises(BadInput, match="sort"):
        measure([one, replace(other, open_at=other.open_at[::-1])])


@pytest.mark.data
@pytest.mark.parametrize("pair", real.PAIRS, ids=["daily", "hourly"])
def test_real_venues_move_together_in_the_same_bar_and_bound_their_reference(
    shared_data: Path, pair: tuple[str, str]
) -> None:
    told = real.compare(*(real.read_bars(shared_data / "prices" / file) for file in pair))
    before, same, after = told.lags
    assert same > 0.9
    assert max(abs(before), abs(after)) < 0.1
    assert told.common > 2000
    assert told.outside == 0
    assert told.reference.is_priced.sum() > 0.85 * told.common  # a tether is not quite a dollar
