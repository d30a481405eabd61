"""Walking a window against made venues: each bar ends as a candle or as a gap, whatever the venue does."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.instants import Interval, Window
from service.market import paging
from service.market.candle import Candle, Gap
from service.market.paging import Page, Question
from service.market.venues import CATALOGUE, Answers, Venue
from tests.market.bars import HOUR, START, bar, bars

Answering = Callable[[Question], Sequence[Candle]]

SPAN = replace(CATALOGUE["coinbase"], page_limit=4)
ONWARD = replace(CATALOGUE["bitfinex"], page_limit=4)
SHORT = replace(CATALOGUE["kraken"], page_limit=6, history_bars=6)
NEWEST = replace(CATALOGUE["gemini"], page_limit=100, history_bars=6)


def answers(venue: Venue, held: Sequence[Candle], now: dt.datetime) -> Answering:
    """An honest venue: the running bar included, its own limit and direction kept."""

    def answer(question: Question) -> Sequence[Candle]:
        shown = [candle for candle in held if candle.open_at <= now]
        if venue.answers is Answers.SPAN:
            return [candle for candle in shown if question.since <= candle.open_at <= question.until]
        if venue.history_bars is not None:
            newest = shown[-venue.history_bars :]
            return (
                newest if venue.answers is Answers.NEWEST else [c for c in newest if c.open_at >= question.since - HOUR]
            )
        return [candle for candle in shown if candle.open_at >= question.since][: question.limit]

    return answer


def walk(venue: Venue, answer: Answering, window: Window, now: dt.datetime) -> tuple[list[Page], int]:
    """All pages and the number of questions; fails if questions do not end."""
    state = paging.begin(venue, "BTC/USD", Interval.H1, window, now=now)
    pages, asked = [], 0
    while (question := paging.ask(state)) is not None:
        asked += 1
        assert asked <= 200, "the walk does not end"
        assert question.limit <= venue.page_limit
        page, state = paging.turn(state, question, answer(question), now=now)
        pages.append(page)
    return [*pages, paging.finish(state)], asked


def candles(pages: Sequence[Page]) -> list[Candle]:
    return [candle for page in pages for candle in page.candles]


def gaps(pages: Sequence[Page]) -> list[tuple[int, int, str]]:
    found: list[Gap] = [gap for page in pages for gap in page.gaps]
    return [((gap.start - START) // HOUR, (gap.end - START) // HOUR, gap.reason) for gap in found]


def span(first: int, last: int) -> Window:
    return Window(START + first * HOUR, START + last * HOUR)


NOW = START + 20.5 * HOUR


@pytest.mark.parametrize("venue", [SPAN, ONWARD], ids=["span", "onward"])
def test_a_full_window_comes_whole_in_pages(venue: Venue) -> None:
    pages, asked = walk(venue, answers(venue, bars(30), NOW), span(0, 10), NOW)
    assert candles(pages) == bars(10)
    assert gaps(pages) == []
    assert asked == 3
    assert pages[-1].resume_at == START + 10 * HOUR


def test_the_running_bar_is_never_taken_and_no_fault() -> None:
    pages, _ = walk(ONWARD, answers(ONWARD, bars(30), NOW), span(15, 30), NOW)
    assert [candle.open_at for candle in candles(pages)] == [bar(n).open_at for n in range(15, 20)]
    assert not any(page.quarantined for page in pages)


def test_a_venue_whose_clock_is_behind_decides() -> None:
    """By its clock the newest bar is still open: it is left for the next run, which resumes there."""
    question = Question(START, START + 4 * HOUR, 4)
    state = paging.begin(SPAN, "BTC/USD", Interval.H1, span(0, 4), now=START + 4 * HOUR)
    page, state = paging.turn(state, question, bars(4), now=START + 3.9 * HOUR)
    assert candles([page]) == bars(3)
    assert page.resume_at == START + 3 * HOUR


def test_quiet_hours_are_gaps_where_the_venue_leaves_them_out() -> None:
    held = [candle for n, candle in enumerate(bars(30)) if n not in {0, 5, 6, 7, 8, 9, 10, 11, 12}]
    for venue in (SPAN, ONWARD):
        pages, _ = walk(venue, answers(venue, held, NOW), span(0, 16), NOW)
        assert gaps(pages) == [(0, 1, "no_trade"), (5, 13, "no_trade")]


def test_a_hole_of_a_venue_that_prints_quiet_bars_is_an_outage() -> None:
    venue = replace(SPAN, omits_quiet_bars=False)
    held = [candle for n, candle in enumerate(bars(30)) if n != 2]
    assert gaps(walk(venue, answers(venue, held, NOW), span(0, 6), NOW)[0]) == [(2, 3, "outage")]


@pytest.mark.parametrize("venue", [SHORT, NEWEST], ids=["kraken", "gemini"])
def test_what_a_short_history_does_not_reach_is_told_and_not_passed_for_an_answer(venue: Venue) -> None:
    """Asked from hour 0 it gives its six newest (one of them running): what came before is a gap with that reason."""
    pages, _ = walk(venue, answers(venue, bars(30), NOW), span(0, 20), NOW)
    assert candles(pages) == bars(20)[15:]
    assert gaps(pages) == [(0, 15, "out_of_reach")]


@pytest.mark.parametrize("venue", [SHORT, NEWEST], ids=["kraken", "gemini"])
def test_a_window_older_than_the_history_is_out_of_reach_whole(venue: Venue) -> None:
    pages, _ = walk(venue, answers(venue, bars(30), NOW), span(0, 5), NOW)
    assert (candles(pages), gaps(pages)) == ([], [(0, 5, "out_of_reach")])


@pytest.mark.parametrize(
    ("venue", "elsewhere"), [(SPAN, 0), (SPAN, 18), (SPAN, 20), (ONWARD, 0)], ids=["old", "new", "running", "oldest"]
)
def test_an_answer_to_another_question_is_not_taken(venue: Venue, elsewhere: int) -> None:
    """`since` ignored: rows from elsewhere. No candle is taken, the hole is named, and the questions end."""
    pages, _ = walk(venue, lambda question: [bar(elsewhere)], span(10, 16), NOW)
    assert (candles(pages), gaps(pages)) == ([], [(10, 16, "truncated")])


def test_the_newest_bars_a_venue_is_late_with_are_left_for_the_next_run() -> None:
    pages, _ = walk(SPAN, answers(SPAN, bars(18), NOW), span(10, 30), NOW)
    assert gaps(pages) == [(18, 20, "unfetched")]
    assert pages[-1].resume_at == START + 18 * HOUR


def test_a_venue_that_stops_long_before_now_is_not_silently_cut() -> None:
    pages, _ = walk(ONWARD, answers(ONWARD, bars(8), NOW), span(0, 16), NOW)
    assert gaps(pages) == [(8, 16, "no_trade")]


def test_a_bar_that_cannot_be_true_leaves_a_named_hole() -> None:
    rows = bars(4)
    rows[1] = replace(rows[1], high=1.0)
    rows[2] = replace(rows[2], open_at=rows[2].open_at + HOUR / 3)
    pages, _ = walk(SPAN, lambda question: rows, span(0, 4), NOW)
    assert [row.reason for page in pages for row in page.quarantined] == ["invalid_bar", "off_grid"]
    assert gaps(pages) == [(1, 3, "quarantined")]


def test_nothing_is_asked_where_no_bar_can_have_closed() -> None:
    for window in (span(0, 0), Window(START + HOUR / 4, START + HOUR / 2), span(25, 30), span(20, 30)):
        state = paging.begin(SPAN, "BTC/USD", Interval.H1, window, now=NOW)
        assert paging.ask(state) is None
        assert paging.finish(state).gaps == ()


_venues = st.sampled_from([SPAN, ONWARD, SHORT, NEWEST, replace(SPAN, omits_quiet_bars=False)])


@given(_venues, st.sets(st.integers(0, 29)), st.integers(0, 15), st.integers(0, 25))
def test_an_honest_venue_is_read_whole(venue: Venue, missing: set[int], first: int, length: int) -> None:
    """Candles = every closed bar it can show in the window; candles and gaps together tile the window."""
    held = [candle for n, candle in enumerate(bars(30)) if n not in missing]
    window = span(first, first + length)
    pages, _ = walk(venue, answers(venue, held, NOW), window, NOW)
    reachable = [candle for candle in held if candle.open_at <= NOW]
    if venue.history_bars is not None:
        reachable = reachable[-venue.history_bars :]
    expected = [c for c in reachable if window.start <= c.open_at and c.close_at <= min(window.end, NOW)]
    assert candles(pages) == expected
    _assert_tiled(pages, first, max(first, min(first + length, 20)))


def _spoil(rows: list[Candle], seed: int) -> list[Candle]:
    """Drop, repeat, shuffle and mix in rows that cannot be true, are not closed, or lie elsewhere."""
    chance = random.Random(seed)
    rows = [row for row in rows if chance.random() > 0.1]
    rows += [row for row in rows if chance.random() < 0.2]
    rows += [replace(bar(chance.randint(-5, 40)), high=0.5) for _ in range(chance.randint(0, 2))]
    rows += [
        bar(chance.randint(0, 20), open_at=START + chance.random() * 20 * HOUR) for _ in range(chance.randint(0, 1))
    ]
    rows += [bar(chance.randint(20, 60)) for _ in range(chance.randint(0, 2))]
    chance.shuffle(rows)
    return rows


@given(_venues, st.sets(st.integers(0, 29)), st.integers(0, 15), st.integers(0, 25), st.integers(0, 10**9))
def test_a_misbehaving_venue_can_hide_bars_but_not_invent_or_lose_them(
    venue: Venue, missing: set[int], first: int, length: int, seed: int
) -> None:
    """0 invented bars, 0 unfinished bars, 0 silent gaps, strictly rising, and the walk ends."""
    held = [candle for n, candle in enumerate(bars(30)) if n not in missing]
    honest = answers(venue, held, NOW)
    pages, _ = walk(
        venue, lambda q: _spoil(list(honest(q)), seed + (q.since - START) // HOUR), span(first, first + length), NOW
    )
    taken = candles(pages)
    assert all(candle in held and candle.close_at <= NOW for candle in taken)
    assert all(before.open_at < after.open_at for before, after in pairwise(taken))
    _assert_tiled(pages, first, max(first, min(first + length, 20)))


def _assert_tiled(pages: Sequence[Page], first: int, last: int) -> None:
    slots = [(candle.open_at - START) // HOUR for candle in candles(pages)]
    slots += [slot for start, end, _ in gaps(pages) for slot in range(start, end)]
    assert sorted(slots) == list(range(first, last))
