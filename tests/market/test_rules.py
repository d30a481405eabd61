"""The door: which bars pass, what becomes of namesakes, and that no row is ever lost."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.market import rules
from service.market.candle import Candle
from tests.market.bars import HOUR, LATER, START, bar, bars


def test_a_closed_sound_bar_passes() -> None:
    assert rules.check(bar(), now=START + HOUR) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"open": math.nan}, {"close": math.inf}, {"low": 0.0}, {"low": -1.0}, {"high": -5.0},
        {"high": 39_000.0}, {"low": 41_000.0}, {"close": 99_999.0}, {"open": 1.0},
        {"volume": -0.1}, {"volume": math.nan}, {"volume": math.inf},
    ],
)  # fmt: skip
def test_impossible_figures_are_invalid(changes: dict[str, float]) -> None:
    """Close above high and open below low are checked too: the two ccxt's own tests leave out."""
    assert rules.check(bar(**changes), now=LATER) == "invalid_bar"


def test_a_bar_without_trades_is_a_bar() -> None:
    assert rules.check(bar(open=5.0, high=5.0, low=5.0, close=5.0, volume=0.0), now=LATER) is None


@pytest.mark.parametrize("shift", [HOUR / 2, HOUR / 3_600_000, HOUR / 3_600_000_000])
def test_a_bar_beside_the_grid_is_refused(shift: object) -> None:
    assert rules.check(bar(open_at=START + shift), now=LATER) == "off_grid"  # type: ignore[operator]


def test_a_bar_is_open_until_its_last_instant() -> None:
    """At its close it is closed; a microsecond earlier it is not; before it opens it lies in the future."""
    tick = HOUR / 3_600_000_000
    assert rules.check(bar(), now=START + HOUR) is None
    assert rules.check(bar(), now=START + HOUR - tick) == "unfinished"
    assert rules.check(bar(), now=START) == "unfinished"
    assert rules.check(bar(), now=START - tick) == "future"


def test_a_naive_clock_is_refused() -> None:
    with pytest.raises(BadInput):
        rules.admit([bar()], now=LATER.replace(tzinfo=None))


def test_rows_come_out_sorted() -> None:
    shuffled = [bar(3), bar(0), bar(2), bar(1)]
    assert rules.admit(shuffled, now=LATER) == (bars(4), [])


def test_an_exact_repeat_is_counted_and_kept_once() -> None:
    kept, refused = rules.admit([bar(0), bar(0), bar(0)], now=LATER)
    assert kept == [bar(0)]
    assert [(row.reason, row.detail) for row in refused] == [("duplicate", "identical")] * 2


@pytest.mark.parametrize("fine_first", [True, False])
def test_of_two_prints_the_finer_stays(fine_first: bool) -> None:
    """The coarser one differs by rounding, and its open was replaced with the close before: both in real exports."""
    fine = bar(0, volume=2194.598589)
    coarse = replace(fine, open=fine.open + 4.5, volume=2194.6)
    kept, refused = rules.admit([fine, coarse] if fine_first else [coarse, fine], now=LATER)
    assert kept == [fine]
    assert refused[0].reason == "duplicate"
    assert "2194.6 dropped" in refused[0].detail


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_half_finished_bar_loses_to_the_whole(whole_first: bool) -> None:
    """Figures of the one such pair in the real Binance export, 2020-11-20 07:00."""
    whole = bar(0, open=18164.79, high=18404.68, low=18089.71, close=18212.0, volume=6097.86638)
    half = replace(whole, open=18164.80, close=18143.03, volume=4940.76)
    kept, refused = rules.admit([whole, half] if whole_first else [half, whole], now=LATER)
    assert kept == [whole]
    assert [row.reason for row in refused] == ["conflicting_duplicate"]
    assert "half-finished" in refused[0].detail


def test_contradicting_bars_both_go() -> None:
    """Neither range holds the other: nobody can tell which is true, and averaging would invent a third."""
    kept, refused = rules.admit([bar(0), bar(0, high=41_000.0, low=39_995.0, volume=1.0), bar(1)], now=LATER)
    assert kept == [bar(1)]
    assert [row.reason for row in refused] == ["conflicting_duplicate"] * 2


def test_a_broken_namesake_does_not_harm_the_sound_one() -> None:
    kept, refused = rules.admit([bar(0, close=math.nan), bar(0)], now=LATER)
    assert kept == [bar(0)]
    assert [row.reason for row in refused] == ["invalid_bar"]


def test_other_markets_are_not_namesakes() -> None:
    rows = [bar(0), bar(0, venue="kraken"), bar(0, symbol="BTC/EUR")]
    assert len(rules.admit(rows, now=LATER)[0]) == 3


_figures = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([100.0, 101.0, 99.0])
_rows = st.lists(
    st.builds(
        lambda number, shift, figures, volume: bar(
            number, open_at=bar(number).open_at + shift * HOUR / 4,
            open=figures[0], high=figures[1], low=figures[2], close=figures[3], volume=volume,
        ),
        st.integers(-2, 6), st.integers(0, 1), st.tuples(_figures, _figures, _figures, _figures), _figures,
    ),
    max_size=25,
)  # fmt: skip


@given(_rows, st.randoms())
def test_every_row_ends_in_one_place_whatever_the_order(rows: list[Candle], chance: object) -> None:
    """Nothing is lost or made up, what is kept is sound and strictly rising, and order does not decide."""
    now = START + 5 * HOUR
    kept, refused = rules.admit(rows, now=now)
    assert len(kept) + len(refused) == len(rows)
    assert all(rules.check(candle, now=now) is None for candle in kept)
    assert all(before.open_at < after.open_at for before, after in pairwise(kept))
    assert all(candle in rows for candle in kept)
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rules.admit(shuffled, now=now)[0] == kept
