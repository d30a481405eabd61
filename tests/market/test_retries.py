"""When a hole is asked for again: growing distances, an end, what the run asks anyway, and questions a page long."""

from dataclasses import replace

import pytest

from service.instants import Interval, Window
from service.market.candle import Gap
from service.market.retries import (
    DISTANCES,
    FIRST_BLOCK,
    OpenHole,
    choose,
    find_days_before,
    find_due,
    name_unlisted,
    reach,
    widen,
)
from service.market.venues import CATALOGUE
from tests.market.bars import HOUR, START

DAY = 24 * HOUR


def hole(first: int, last: int, reason: str = "outage", *, venue: str = "coinbase", noticed: float = 0) -> OpenHole:
    gap = Gap(venue, "BTC/USD", Interval.H1, START + first * HOUR, START + last * HOUR, reason)
    return OpenHole(gap, START + noticed * HOUR)


def test_a_hole_is_asked_for_again_at_growing_distances_and_then_no_more() -> None:
    """A daemon that runs every ten minutes for half a year asks six times, at the stated distances."""
    open_hole, asked_at, now = hole(0, 5), [], START
    while now < START + 180 * DAY:
        if find_due([open_hole], began=now, asked={}):
            open_hole = replace(open_hole, retried=open_hole.retried + 1, last_retried_at=now)
            asked_at.append(now)
        now += HOUR / 6
    assert len(asked_at) == len(DISTANCES)
    apart = [later - earlier for earlier, later in zip([START, *asked_at], asked_at, strict=False)]
    assert [round(one / HOUR) for one in apart] == [0, 1, 6, 24, 7 * 24, 30 * 24]
    assert open_hole.due_at is None


def test_the_run_that_noticed_a_hole_does_not_ask_again() -> None:
    assert find_due([hole(0, 5, noticed=7)], began=START + 7 * HOUR, asked={}) == []
    assert len(find_due([hole(0, 5, noticed=7)], began=START + 7.1 * HOUR, asked={})) == 1


@pytest.mark.parametrize("reason", ["not_listed_yet", "out_of_reach"])
def test_what_no_question_can_change_is_never_asked_for(reason: str) -> None:
    assert find_due([hole(0, 5, reason)], began=START + 99 * DAY, asked={}) == []


def test_what_the_run_asks_for_anyway_is_left_out() -> None:
    """Its newest bars, of that venue and length of bar only; a hole that reaches into them is cut."""
    holes = [hole(0, 5), hole(8, 12), hole(20, 22)]
    due = find_due(holes, began=START + DAY, asked={("coinbase", Interval.H1): START + 10 * HOUR})
    assert [one.gap.end for one in due] == [START + 5 * HOUR, START + 10 * HOUR]
    assert len(find_due(holes, began=START + DAY, asked={("kraken", Interval.H1): START})) == 3


def test_near_holes_share_a_question_and_a_long_one_takes_several() -> None:
    """Coinbase gives 300 bars a page; two are for the bars beside the hole."""
    due = [hole(0, 5), hole(290, 310), hole(2000, 2700)]
    windows = [((ask.window.start - START) // HOUR, (ask.window.end - START) // HOUR) for ask in choose(due)]
    assert windows == [(0, 298), (298, 310), (2000, 2298), (2298, 2596), (2596, 2700)]


def test_every_due_bar_is_asked_for_once_and_no_question_is_longer_than_a_page() -> None:
    due = [hole(first, first + 1 + first % 7) for first in range(0, 4000, 11)]
    asks = choose(due)
    limit = CATALOGUE["coinbase"].page_limit
    assert all(widen(ask).end - widen(ask).start <= limit * HOUR for ask in asks)
    bars = [one.gap.start + n * HOUR for one in due for n in range(one.gap.bars)]
    assert all(sum(bar in ask.window for ask in asks) == 1 for bar in bars)
    assert len(asks) <= 4000 / (limit - 2) + 1


def test_the_longest_due_comes_first_over_all_markets() -> None:
    due = [hole(0, 5, noticed=9), hole(0, 5, venue="kraken", noticed=3), hole(900, 901, noticed=1)]
    assert [(ask.venue, ask.due_at) for ask in choose(due)] == [
        ("coinbase", START + 1 * HOUR), ("kraken", START + 3 * HOUR), ("coinbase", START + 9 * HOUR),
    ]  # fmt: skip


def test_days_before_a_hole_are_one_answer_of_the_venue() -> None:
    """All days for a venue whose answer begins with its first bar; else a page of them; none where it forgets."""
    start = START + 15 * HOUR
    assert find_days_before(CATALOGUE["binance"], start) == Window(FIRST_BLOCK, START)
    assert find_days_before(CATALOGUE["coinbase"], start) == Window(START - 300 * DAY, START)
    assert find_days_before(CATALOGUE["kraken"], start) is None
    early = FIRST_BLOCK - DAY
    assert find_days_before(CATALOGUE["binance"], early) == Window(early, early)


def test_only_what_lies_before_the_first_bar_was_not_listed() -> None:
    holes = [hole(0, 5).gap, hole(7, 9).gap, hole(12, 14).gap]
    named = name_unlisted(holes, START + 8 * HOUR)
    assert [((one.start - START) // HOUR, (one.end - START) // HOUR, one.reason) for one in named] == [
        (0, 5, "not_listed_yet"), (7, 8, "not_listed_yet"), (8, 9, "outage"), (12, 14, "outage"),
    ]  # fmt: skip


def test_a_bar_that_came_beside_the_window_is_settled_with_it() -> None:
    """The question reaches one bar further each way; what it brings there may fill a hole of another reason."""
    [ask] = choose([hole(10, 13)])
    assert reach(ask, [START + 10 * HOUR, START + 12 * HOUR]) == ask.window
    assert reach(ask, [START + 9 * HOUR, START + 13 * HOUR]) == Window(START + 9 * HOUR, START + 14 * HOUR)
    assert reach(ask, []) == ask.window
