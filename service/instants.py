"""Instants are UTC and aware; intervals are enumerated; windows are half-open. Nothing here reads a clock."""

import datetime as dt
import enum
from dataclasses import dataclass

from service.errors import BadInput

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def ensure_utc(instant: dt.datetime, field: str = "instant") -> dt.datetime:
    """The same instant in UTC; a naive one is refused (`BadInput`), never guessed."""
    if instant.tzinfo is None:
        raise BadInput(field, instant.isoformat(), "give a zone: a naive time is not an instant")
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError as error:
        raise BadInput(field, instant.isoformat(), "lies outside the years 1 to 9999 in UTC") from error


def to_millis(instant: dt.datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00Z (exact; rounds down below a millisecond)."""
    return (ensure_utc(instant) - EPOCH) // dt.timedelta(milliseconds=1)


def from_millis(millis: int) -> dt.datetime:
    """The UTC instant `millis` milliseconds after 1970-01-01T00:00Z."""
    return EPOCH + dt.timedelta(milliseconds=millis)


def format_instant(instant: dt.datetime) -> str:
    """RFC 3339 in UTC with a `Z`, to the second where the instant is whole: `2024-01-10T21:00:00Z`."""
    return ensure_utc(instant).isoformat().replace("+00:00", "Z")


def parse_instant(text: str, field: str = "instant") -> dt.datetime:
    """RFC 3339 or ISO 8601 with a zone → UTC; a bare date is its midnight UTC. Raises `BadInput`."""
    try:
        parsed = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(field, text, "write it as 2024-01-10T21:00:00Z or 2024-01-10") from error
    if parsed.tzinfo is None and len(text.strip()) == len("2024-01-10"):
        parsed = parsed.replace(tzinfo=dt.UTC)
    return ensure_utc(parsed, field)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_duration(text: str, field: str = "duration") -> dt.timedelta:
    """`90s`, `15m`, `2h` or `1d` as a duration of at least zero. Raises `BadInput`."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()) or len(number) > 6:
        raise BadInput(field, text, "write a whole number and a unit: 90s, 15m, 2h, 1d")
    return dt.timedelta(seconds=int(number) * _UNITS[unit])


class Interval(enum.Enum):
    """The lengths a bar can have. The value is the code used in settings, storage and exchanges."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def duration(self) -> dt.timedelta:
        """How long one bar lasts."""
        return _DURATIONS[self]

    @property
    def millis(self) -> int:
        """The duration in milliseconds."""
        return self.duration // dt.timedelta(milliseconds=1)

    def floor(self, instant: dt.datetime) -> dt.datetime:
        """Opening instant of the bar that contains `instant` (grid anchored at 1970-01-01T00:00Z)."""
        millis = to_millis(instant)
        return from_millis(millis - millis % self.millis)

    def ceil(self, instant: dt.datetime) -> dt.datetime:
        """First grid instant at or after `instant`."""
        floored = self.floor(instant)
        return floored if floored == instant else floored + self.duration

    @classmethod
    def parse(cls, code: str, field: str = "interval") -> "Interval":
        """The interval with this code; raises `BadInput` naming the codes there are."""
        try:
            return cls(code)
        except ValueError as error:
            raise BadInput(field, code, f"choose one of {', '.join(i.value for i in cls)}") from error


_DURATIONS = {
    Interval.M1: dt.timedelta(minutes=1),
    Interval.M5: dt.timedelta(minutes=5),
    Interval.M15: dt.timedelta(minutes=15),
    Interval.H1: dt.timedelta(hours=1),
    Interval.H4: dt.timedelta(hours=4),
    Interval.D1: dt.timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Window:
    """All instants t with start ≤ t < end; both UTC."""

    start: dt.datetime
    end: dt.datetime

    def __post_init__(self) -> None:
        ensure_utc(self.start, "window.start")
        ensure_utc(self.end, "window.end")
        if self.end < self.start:
            raise BadInput("window", f"{self.start} … {self.end}", "the end may not come before the start")

    def __contains__(self, instant: dt.datetime) -> bool:
        return self.start <= instant < self.end
