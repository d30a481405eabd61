"""Bars in which unusually many articles tell of something, by hand."""

import datetime as dt

from service.correlation.crowded import find_crowded_bars
from service.instants import Interval, Window
from tests.correlation.builders import START

DAYS = Window(START, START + dt.timedelta(days=100))


def at(day: float) -> dt.datetime:
    return START + dt.timedelta(days=day)


def test_a_bar_with_more_articles_than_nearly_all_before_it_is_an_event():
    every_day = [at(day + 0.5) for day in range(100)]
    crowd = [at(70.1), at(70.2), at(85.9)]
    early = [at(10.1), at(10.2), at(10.3)]
    found = find_crowded_bars([*every_day, *crowd, *early, at(-1), at(100)], DAYS, Interval.D1)
    assert found == (at(70), at(85))


def test_one_article_is_never_a_crowd_and_the_first_sixty_bars_are_only_looked_at():
    assert find_crowded_bars([at(80)], DAYS, Interval.D1) == ()
    assert find_crowded_bars([at(59.1), at(59.2)], DAYS, Interval.D1) == ()
    assert find_crowded_bars([at(60.1), at(60.2)], DAYS, Interval.D1) == (at(60),)
    assert find_crowded_bars([], DAYS, Interval.D1) == ()


def test_what_comes_later_changes_no_bar():
    told = [at(70.1), at(70.2)]
    later = [at(90 + k / 10) for k in range(10)]
    assert find_crowded_bars([*told, *later], DAYS, Interval.D1)[0] == find_crowded_bars(told, DAYS, Interval.D1)[0]
