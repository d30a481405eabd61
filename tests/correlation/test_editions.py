"""When editions come out: at every midnight UTC, and at those of Mondays."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.correlation.editions import Edition, Slot, find_newest_slot
from service.errors import BadInput
from service.instants import Window


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        (utc(2026, 11, 24, 0, 10), "daily-20261124", "weekly-20261123"),
        (utc(2026, 11, 23), "daily-20261123", "weekly-20261123"),
        (utc(2026, 11, 22, 23, 59), "daily-20261122", "weekly-20261116"),
        (utc(2025, 1, 1, 12), "daily-20250101", "weekly-20241230"),
    ],
)
def test_the_newest_of_each(now: dt.datetime, daily: str, weekly: str) -> None:
    assert [find_newest_slot(edition, now).name for edition in Edition] == [daily, weekly]


@given(now=st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_the_newest_slot_has_come_and_the_next_has_not(now: dt.datetime) -> None:
    for edition, step in ((Edition.DAILY, 1), (Edition.WEEKLY, 7)):
        end = find_newest_slot(edition, now).end
        assert end <= now < end + dt.timedelta(days=step)
        assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
        assert edition is Edition.DAILY or end.isoweekday() == 1


def test_its_window_ends_when_it_comes_out() -> None:
    assert Slot(Edition.DAILY, utc(2024, 3, 1)).window(30) == Window(utc(2024, 1, 31), utc(2024, 3, 1))


def test_a_time_without_zone_is_no_instant() -> None:
    with pytest.raises(BadInput):
        find_newest_slot(Edition.DAILY, dt.datetime(2024, 1, 1))  # noqa: DTZ001
