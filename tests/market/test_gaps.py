"""Holes on the grid: found whole, named, and together with the held bars exactly the window."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from service.instants import Interval, Window
from service.market import gaps
from service.market.candle import Gap
from tests.market.bars import HOUR, START

WINDOW = Window(START, START + 10 * HOUR)


def find(held: list[int], quarantined: tuple[int, ...] = (), window: Window = WINDOW) -> list[tuple[int, int, str]]:
    found = gaps.find(
        [START + number * HOUR for number in held],
        window,
        Interval.H1,
        venue="coinbase",
        symbol="BTC/USD",
        reason="no_trade",
        quarantined={START + number * HOUR for number in quarantined},
    )
    return [((gap.start - START) // HOUR, (gap.end - START) // HOUR, gap.reason) for gap in found]


def test_no_bar_missing_is_no_gap() -> None:
    assert find(list(range(10))) == []


def test_holes_at_both_ends_and_inside() -> None:
    assert find([1, 2, 5, 6, 7]) == [(0, 1, "no_trade"), (3, 5, "no_trade"), (8, 10, "no_trade")]


def test_an_empty_series_is_one_gap() -> None:
    assert find([]) == [(0, 10, "no_trade")]


def test_a_quarantined_bar_is_a_gap_of_its_own() -> None:
    assert find([0, 1, 5, 6, 7, 8, 9], (3,)) == [(2, 3, "no_trade"), (3, 4, "quarantined"), (4, 5, "no_trade")]


def test_a_held_bar_outweighs_a_quarantined_namesake() -> None:
    assert find(list(range(10)), (3,)) == []


def test_bars_cut_by_the_window_do_not_count() -> None:
    """A window from 00:30 to 03:30 holds the bars of 01:00 and 02:00 whole; nothing else can be missing."""
    assert find([1], window=Window(START + HOUR / 2, START + 3.5 * HOUR)) == [(2, 3, "no_trade")]


def test_a_window_shorter_than_a_bar_misses_nothing() -> None:
    assert find([], window=Window(START + HOUR / 4, START + HOUR / 2)) == []


def test_count_by_reason() -> None:
    found = gaps.find([START], WINDOW, Interval.H1, venue="v", symbol="s", quarantined={START + HOUR})
    assert gaps.count_by_reason(found) == {"quarantined": 1, "unknown": 8}


@given(
    st.sets(st.integers(-5, 60)), st.sets(st.integers(-5, 60)), st.integers(-3, 40), st.integers(0, 20),
    st.sampled_from([Interval.M1, Interval.H1, Interval.D1]),
)  # fmt: skip
def test_held_bars_and_gaps_tile_the_window(
    held: set[int], bad: set[int], first: int, length: int, interval: Interval
) -> None:
    step = interval.duration
    window = Window(START + first * step, START + (first + length) * step)
    found = gaps.find(
        (START + n * step for n in held), window, interval, venue="v", symbol="s",
        quarantined=[START + n * step for n in bad],
    )  # fmt: skip
    missing: dict[int, str] = {}
    for gap in found:
        assert gap.bars > 0
        for number in range((gap.start - START) // step, (gap.end - START) // step):
            assert number not in missing
            missing[number] = gap.reason
    expected = {n: "quarantined" if n in bad else "unknown" for n in range(first, first + length) if n not in held}
    assert missing == expected


def test_ten_years_of_minutes_are_searched_within_memory() -> None:
    """5.3 million slots take bytes, not objects."""
    window = Window(START - dt.timedelta(days=3650), START)
    (gap,) = gaps.find([], window, Interval.M1, venue="v", symbol="s")
    assert gap.bars == 3650 * 1440


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=5), st.sets(st.integers(-3, 50)))
def test_what_is_held_is_left_out_of_holes(spans: list[tuple[int, int]], held: set[int]) -> None:
    step = Interval.H1.duration
    holes = [Gap("v", "s", Interval.H1, START + a * step, START + (a + n) * step, f"r{a}") for a, n in spans]
    left = gaps.leave_out(holes, (START + n * step for n in held))
    assert all(hole.bars > 0 for hole in left)
    told = sorted((hole.reason, (hole.start - START) // step + n) for hole in left for n in range(hole.bars))
    assert told == sorted((f"r{a}", a + n) for a, size in spans for n in range(size) if a + n not in held)


def test_a_quiet_bar_is_disputed_where_another_venue_traded_and_nowhere_else() -> None:
    """Every bar keeps one reason; only `no_trade` can be disputed."""
    holes = [
        Gap("coinbase", "BTC/USD", Interval.H1, START + first * HOUR, START + last * HOUR, reason)
        for first, last, reason in ((0, 6, "no_trade"), (8, 9, "no_trade"), (10, 12, "outage"))
    ]
    traded = [START + number * HOUR for number in (0, 1, 3, 5, 7, 8, 10)]
    told = gaps.dispute(holes, traded)
    assert [((one.start - START) // HOUR, (one.end - START) // HOUR, one.reason) for one in told] == [
        (0, 2, "disputed"), (2, 3, "no_trade"), (3, 4, "disputed"), (4, 5, "no_trade"), (5, 6, "disputed"),
        (8, 9, "disputed"), (10, 12, "outage"),
    ]  # fmt: skip
    assert gaps.dispute(holes, []) == holes
