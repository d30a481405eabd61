"""When a job's time comes: five cron fields in UTC or in a local zone, or every so long. Pure: nothing reads a clock.

Fields are crontab(5)'s: minute hour day month weekday, with `*`, lists, ranges, steps and English names; weekdays count
from Sunday (0 and 7); where day *and* weekday are restricted, either will do.

In a local zone the clock is set forward and back, and what becomes of a job then follows Vixie cron. A job with a fixed
time (neither minute nor hour begins with `*`) whose time is skipped has it once, right after the change; one whose time
comes twice has it the first time only. Any other goes by the time that passes: it has no slot in what is skipped and
slots in both of what is repeated.
"""

import bisect
import datetime as dt
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from service.errors import BadInput
from service.instants import EPOCH, ensure_utc, parse_duration

_DAY: Final = dt.timedelta(days=1)
_FARTHEST_DAYS: Final = 366 * 9  # 29 February comes after eight years at most
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_OF_A_DAY: Final = (dt.timedelta(), dt.timedelta(hours=12), _DAY)
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", re.ASCII)
_REMEDY = "write five cron fields, as */10 * * * *, or a period, as every 90s"


class Schedule(Protocol):
    """Instants at which a job is due, its slots: UTC, whole seconds, each once, without end."""

    def after(self, instant: dt.datetime) -> Iterator[dt.datetime]:
        """The slots later than `instant`, in order, without end."""
        ...


def find_next(schedule: Schedule, instant: dt.datetime) -> dt.datetime:
    """The first slot later than `instant`."""
    return next(schedule.after(instant))


def list_between(schedule: Schedule, start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """The slots t with start < t ≤ end, in order."""
    return itertools.takewhile(lambda slot: slot <= end, schedule.after(start))


def read_schedule(field: str, text: str, zone: dt.tzinfo = dt.UTC) -> Schedule:
    """`every 90s`, or five cron fields in `zone`. Raises `BadInput` naming `field`, also where no day would ever do."""
    words = text.split()
    if words[:1] == ["every"] and len(words) == 2:
        return Every(_read_period(field, text, words[1]))
    if len(words) != len(_FIELDS):
        raise BadInput(field, text, _REMEDY)
    try:
        minutes, hours, days, months, weekdays = (read(word) for read, word in zip(_FIELDS, words, strict=True))
    except ValueError as error:
        raise BadInput(field, text, f"{error}: {_REMEDY}") from None
    cron = Cron(
        tuple(dt.time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        days,
        months,
        frozenset((day - 1) % 7 for day in weekdays),  # from Sunday to Python's Monday
        is_either=not (words[2].startswith("*") or words[4].startswith("*")),
        is_fixed=not (words[0].startswith("*") or words[1].startswith("*")),
        zone=zone,
    )
    try:
        next(cron.after(EPOCH))
    except StopIteration:
        raise BadInput(field, text, "no day is like that: it would never run") from None
    return cron


def _read_period(field: str, text: str, word: str) -> dt.timedelta:
    try:
        period = parse_duration(word, field)
    except BadInput:
        period = dt.timedelta()
    if not period:
        raise BadInput(field, text, "give a period of at least a second, as every 90s, every 15m, every 2h")
    return period


@dataclass(frozen=True, slots=True)
class Every:
    """Every `period`, on the grid that is anchored at 1970-01-01T00:00Z."""

    period: dt.timedelta

    def after(self, instant: dt.datetime) -> Iterator[dt.datetime]:
        """The slots later than `instant`."""
        first = (ensure_utc(instant) - EPOCH) // self.period + 1
        return (EPOCH + number * self.period for number in itertools.count(first))


@dataclass(frozen=True, slots=True)
class Cron:
    """`times` of day on days that do; `weekdays` from Monday = 0. See the top of the file for `is_fixed`."""

    times: tuple[dt.time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_either: bool  # of day and weekday one is enough
    is_fixed: bool
    zone: dt.tzinfo = dt.UTC

    def after(self, instant: dt.datetime) -> Iterator[dt.datetime]:
        """The slots later than `instant`; ends only where none comes for nine years."""
        last = ensure_utc(instant)
        # A change at midnight puts slots of one local day among those of the next: what a day gave is held back until
        # the day after has given what is earlier.
        held: Sequence[dt.datetime] = ()
        day = last.astimezone(self.zone).date() - _DAY
        barren = 0
        while barren < _FARTHEST_DAYS:
            found = self._list_of(day)
            barren = 0 if found else barren + 1
            is_later = not found or not held or held[-1] < found[0]
            ready, held = (held, found) if is_later else ((), sorted([*held, *found]))
            for slot in ready[bisect.bisect_right(ready, last) :]:
                if slot > last:  # two times of the wall may be one instant
                    yield slot
                    last = slot
            day += _DAY

    def _list_of(self, day: dt.date) -> Sequence[dt.datetime]:
        """The slots of one local day, in UTC and in order."""
        if day.month not in self.months:
            return []
        does = (day.day in self.days, day.weekday() in self.weekdays)
        if not (any(does) if self.is_either else all(does)):
            return []
        midnight, noon, end = (dt.datetime.combine(day, dt.time(), self.zone) + hours for hours in _OF_A_DAY)
        offset = midnight.utcoffset()
        if offset == noon.utcoffset() == end.replace(fold=1).utcoffset():  # on most days by far
            assert offset is not None
            return _list_plain(day, self.times, offset)
        find = self._find_fixed if self.is_fixed else self._find_passing
        return sorted(slot for time in self.times for slot in find(dt.datetime.combine(day, time, self.zone)))

    def _find_fixed(self, wall: dt.datetime) -> Iterator[dt.datetime]:
        slot = wall.astimezone(dt.UTC)
        yield slot if _shows(slot, wall) else _find_change(wall)

    def _find_passing(self, wall: dt.datetime) -> Iterator[dt.datetime]:
        slots = {wall.astimezone(dt.UTC), wall.replace(fold=1).astimezone(dt.UTC)}
        return (slot for slot in sorted(slots) if _shows(slot, wall))


@functools.lru_cache(maxsize=128)  # whoever asks for the next slot asks about the same day again and again
def _list_plain(day: dt.date, times: tuple[dt.time, ...], offset: dt.timedelta) -> tuple[dt.datetime, ...]:
    """The instants of these times of a day on which the clock is not changed."""
    return tuple(dt.datetime.combine(day, time, dt.UTC) - offset for time in times)


def _shows(instant: dt.datetime, wall: dt.datetime) -> bool:
    """Whether the clock on the wall shows that at this instant; no instant does for a time that is skipped."""
    return instant.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None)


def _find_change(wall: dt.datetime) -> dt.datetime:
    """The instant of the change that skips this time of the wall clock."""
    zone = wall.tzinfo
    before, after = (wall.replace(fold=fold).astimezone(dt.UTC) for fold in (1, 0))
    old = before.astimezone(zone).utcoffset()
    while after - before > dt.timedelta(seconds=1):
        middle = before + dt.timedelta(seconds=(after - before) // dt.timedelta(seconds=2))
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after


def _field(low: int, high: int, names: list[str]) -> Callable[[str], frozenset[int]]:
    """What reads a cron field of values `low` to `high`, of which the first may be named; it raises `ValueError`."""

    def value(word: str) -> int:
        known = {name: low + place for place, name in enumerate(names)}
        number = int(word) if word.isdigit() else known.get(word.lower()[:3], -1)
        if not low <= number <= high:
            raise ValueError(f"{word} is not in {low}-{high}")
        return number

    def read(word: str) -> frozenset[int]:
        found: set[int] = set()
        for part in word.split(","):
            matched = _PART.fullmatch(part)
            if matched is None or matched[3] == "0":
                raise ValueError(f"{part!r} is no cron field")
            first, last, step = matched.groups()
            start = low if first is None else value(first)
            end = high if first is None or (last is None and step) else value(last or first)
            if end < start:
                raise ValueError(f"{part!r} ends before it begins")
            found.update(range(start, end + 1, int(step or 1)))
        return frozenset(found)

    return read


_FIELDS = (_field(0, 59, []), _field(0, 23, []), _field(1, 31, []), _field(1, 12, _MONTHS), _field(0, 7, _WEEKDAYS))
