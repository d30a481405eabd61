"""When a rule is due by the clock on the wall, found the slow way: looking at that clock every minute.

It shares nothing with `service.schedules`, which it judges. Fields are crontab(5)'s. When the clock changes: a job with
a fixed time whose time is skipped has it once, right after the change; one whose time comes twice has it the first time
only; any other (a minute or hour that begins with `*`) goes by the time that passes.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

_MINUTE = dt.timedelta(minutes=1)
_NAMES = {
    name: number
    for names, first in (("sun mon tue wed thu fri sat", 0), ("jan feb mar apr may jun jul aug sep oct nov dec", 1))
    for number, name in enumerate(names.split(), first)
}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def list_due(rule: str, zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """The instants t with start < t ≤ end, both on whole minutes UTC, at which `rule` is due."""
    if rule.startswith("every "):
        return _list_periods(rule.split()[1], start, end)
    words = rule.split()
    fields = [_read(word, *limits) for word, limits in zip(words, _RANGES, strict=True)]
    is_either = not (words[2].startswith("*") or words[4].startswith("*"))
    is_fixed = not (words[0].startswith("*") or words[1].startswith("*"))
    due = []
    shown = start.astimezone(zone).replace(tzinfo=None)
    for instant, wall, fold in _look(zone, start, end):
        passed = _list_walls(shown + _MINUTE, wall) if is_fixed else [wall]
        is_again = is_fixed and fold
        if not is_again and any(_does(one, fields, is_either=is_either) for one in passed):
            due.append(instant)
        shown = wall
    return due


@lru_cache(maxsize=4)
def _look(zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, dt.datetime, int]]:
    """Each minute in (start, end], what the wall clock shows then, and 1 where it shows that for the second time."""
    minutes = int((end - start) / _MINUTE)
    walls = [(start + _MINUTE * number).astimezone(zone) for number in range(1, minutes + 1)]
    return [
        (start + _MINUTE * (place + 1), wall.replace(tzinfo=None, fold=0), wall.fold)
        for place, wall in enumerate(walls)
    ]


def find_changes(zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """The instants between two at which the clock of a zone is set forward or back."""
    found = []
    step = dt.timedelta(hours=6)
    while start < end:
        low, high = start, start + step
        old = low.astimezone(zone).utcoffset()
        if high.astimezone(zone).utcoffset() != old:
            while high - low > dt.timedelta(seconds=1):
                middle = low + dt.timedelta(seconds=(high - low) // dt.timedelta(seconds=2))
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
            found.append(high.replace(microsecond=0))
        start += step
    return found


def _list_walls(first: dt.datetime, shown: dt.datetime) -> Iterator[dt.datetime]:
    """What the wall clock shows at this minute, after all that it skipped from `first` on."""
    while first < shown:
        yield first
        first += _MINUTE
    yield shown


def _does(wall: dt.datetime, fields: list[set[int]], *, is_either: bool) -> bool:
    minutes, hours, days, months, weekdays = fields
    on_day = (wall.day in days, wall.isoweekday() % 7 in {day % 7 for day in weekdays})
    return (
        wall.minute in minutes
        and wall.hour in hours
        and wall.month in months
        and (any(on_day) if is_either else all(on_day))
    )


def _read(word: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if first == "*" else _number(first)
        end = high if first == "*" or (step and not last) else _number(last or first)
        found |= set(range(begin, end + 1, int(step or 1)))
    return found


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NAMES[word.lower()[:3]]


def _list_periods(word: str, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    seconds = int(word[:-1]) * _UNITS[word[-1]]
    first, last = (int(instant.timestamp()) // seconds for instant in (start, end))
    return [dt.datetime.fromtimestamp(number * seconds, dt.UTC) for number in range(first + 1, last + 1)]
