"""When a job is due: cron fields against another implementation, local zones against a simulated cron daemon."""

import datetime as dt
import itertools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadInput
from service.schedules import find_next, list_between, read_schedule

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
ZONES = (
    "Europe/Amsterdam", "America/New_York", "America/St_Johns", "America/Havana", "America/Sao_Paulo",
    "Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "Asia/Gaza", "Pacific/Apia",
)  # fmt: skip
"""Changes at night, at midnight and a minute past it, of half an hour, an hour, two and a day, twice and four times."""
FIXED = {
    "30 2 * * *": (2, 30),
    "0 0 * * *": (0, 0),
    "15 23 * * *": (23, 15),
    "1 1 * * *": (1, 1),
    "59 3 * * *": (3, 59),
}
PASSING = {"*/10 * * * *": range(0, 60, 10), "7 * * * *": (7,)}


def find_changes(zone: ZoneInfo) -> Iterator[dt.datetime]:
    """Every change of the clock from 2000 to 2037, to the second, by halving."""
    after = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    old = after.astimezone(zone).utcoffset()
    while after.year < 2038:
        before, after = after, after + 24 * HOUR
        if old != after.astimezone(zone).utcoffset():
            while after - before > dt.timedelta(seconds=1):
                middle = before + dt.timedelta(seconds=int((after - before).total_seconds()) // 2)
                before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
            yield after
            old = after.astimezone(zone).utcoffset()


def simulate(zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> dict[str, list[dt.datetime]]:
    """Vixie cron awake at every minute with start < t ≤ end: what it runs then, knowing only what the wall shows.

    Jobs by the passing time run when the wall shows their minute. The others run for every minute of the wall that is
    further than any seen before, those skipped since the last look included, once a look.
    """
    ran: dict[str, list[dt.datetime]] = {name: [] for name in (*FIXED, *PASSING)}
    furthest = start.astimezone(zone).replace(tzinfo=None)
    for now in (start + MINUTE * number for number in range(1, (end - start) // MINUTE + 1)):
        wall = now.astimezone(zone).replace(tzinfo=None)
        gone = {
            ((wall - MINUTE * back).hour, (wall - MINUTE * back).minute) for back in range((wall - furthest) // MINUTE)
        }
        furthest = max(furthest, wall)
        for name, minutes in PASSING.items():
            if wall.minute in minutes:
                ran[name].append(now)
        for name, time in FIXED.items():
            if time in gone:
                ran[name].append(now)
    return ran


@pytest.mark.parametrize("name", ZONES)
def test_local_schedules_over_every_change_of_the_clock(name: str) -> None:
    """2000 to 2037: what Vixie's rule says, minute by minute, five hours round every change."""
    zone = ZoneInfo(name)
    changes = 0
    for change in find_changes(zone):
        changes += 1
        start, end = (change.replace(second=0) + hours * HOUR for hours in (-2, 3))
        for expression, expected in simulate(zone, start, end).items():
            found = list(list_between(read_schedule("x", expression, zone), start, end))
            assert found == expected, (expression, change)
    assert changes >= 20


NAMED = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    """A cron field in any of its forms."""
    number = st.integers(low, high)
    pair = st.tuples(number, number).map(sorted)
    step = st.integers(1, 7)
    return st.one_of(
        st.just("*"),
        number.map(str),
        step.map("*/{}".format),
        pair.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(st.integers(low, high - 7), step).map(lambda told: f"{told[0]}-{high}/{told[1]}"),
        st.lists(number, min_size=2, max_size=3).map(lambda some: ",".join(map(str, some))),
    )


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12)),
    st.lists(st.sampled_from(NAMED), min_size=1, max_size=3, unique=True),
    st.booleans(),
    st.integers(0, 1_000_000),
)
def test_cron_fields_mean_what_apscheduler_reads_in_them(
    four: tuple[str, str, str, str], weekdays: list[str], is_by_weekday: bool, minutes: int
) -> None:
    """In UTC, with weekdays by name, and day or weekday `*`: there APScheduler goes another way than crontab(5)."""
    minute, hour, day, month = four
    parts = (minute, hour, "*", month, ",".join(weekdays)) if is_by_weekday else (minute, hour, day, month, "*")
    since = dt.datetime(2023, 1, 1, 0, 0, 30, tzinfo=dt.UTC) + minutes * MINUTE
    trigger, schedule = CronTrigger.from_crontab(" ".join(parts), "UTC"), read_schedule("x", " ".join(parts))
    expected, now = [], since
    for _ in range(4):
        now = trigger.get_next_fire_time(now, now + dt.timedelta(seconds=1))
        expected.append(now)
    assert list(itertools.islice(schedule.after(since), 4)) == expected


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 0 13 * 5", [2, 9, 13, 16, 23, 30]),  # the 13th, and Fridays
        ("0 0 13 * *", [13]),
        ("0 0 * * 5", [2, 9, 16, 23, 30]),
        ("0 0 * * 0", [4, 11, 18, 25]),
        ("0 0 * * 7", [4, 11, 18, 25]),
        ("0 0 * * Sun,mon", [4, 5, 11, 12, 18, 19, 25, 26]),
        (
            "0 0 */10 * 5",
            [],
        ),  # begins with a star: both are asked of the day, and the 1st, 11th and 21st are no Fridays
        ("0 0 */15 * 5", [16]),
        ("0 0 29 feb *", []),
    ],
)
def test_days_and_weekdays_are_those_of_crontab(expression: str, days: list[int]) -> None:
    """June 2023, whose 2nd is a Friday."""
    start = dt.datetime(2023, 5, 31, 23, 59, tzinfo=dt.UTC)
    found = [slot.day for slot in list_between(read_schedule("x", expression), start, start + 30 * 24 * HOUR)]
    assert found == days


def test_a_leap_day_is_waited_for() -> None:
    assert find_next(read_schedule("x", "0 0 29 2 *"), dt.datetime(2096, 3, 1, tzinfo=dt.UTC)).year == 2104


def test_periods_lie_on_one_grid() -> None:
    """Whoever asks when gets the same slots: an instant of the grid itself is not after itself."""
    at = dt.datetime(2024, 5, 10, 12, 0, tzinfo=dt.UTC)
    schedule = read_schedule("x", "every 90s")
    assert find_next(schedule, at) == at + dt.timedelta(seconds=90)
    assert find_next(schedule, at - dt.timedelta(microseconds=1)) == at
    assert find_next(schedule, at + dt.timedelta(seconds=89.9)) == at + dt.timedelta(seconds=90)


BAD = (
    "every minute", "every 0s", "61 * * * *", "* * * *", "", "* * 31 2 *", "5-1 * * * *", "*/0 * * * *", "a * * * *",
    "* * * foo *", "* * 0 * *", "* * * * 8", "1,,2 * * * *", "-1 * * * *", "² * * * *",
)  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_schedule_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match=r"^daemon\.score: "):
        read_schedule("daemon.score", text)
