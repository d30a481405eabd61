"""Editions: reports that come out by the calendar, each once, over days that end at a midnight UTC."""

import datetime as dt
import enum
from dataclasses import dataclass

from service.instants import Interval, Window, ensure_utc


class Edition(enum.Enum):
    """How often an edition comes out: every day, or every Monday."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Slot:
    """One edition of one day; it comes out at `end`, the midnight at which the last bar it may use has closed."""

    edition: Edition
    end: dt.datetime

    @property
    def name(self) -> str:
        """What a file of it is called by: `daily-20240501`, the day on which it comes out."""
        return f"{self.edition.value}-{self.end:%Y%m%d}"

    def window(self, days: int) -> Window:
        """The `days` before it comes out."""
        return Window(self.end - dt.timedelta(days=days), self.end)


def find_newest_slot(edition: Edition, now: dt.datetime) -> Slot:
    """The last slot of an edition that has come by `now`; earlier ones that were missed stay missed."""
    midnight = Interval.D1.floor(ensure_utc(now, "now"))
    if edition is Edition.WEEKLY:
        midnight -= dt.timedelta(days=midnight.weekday())
    return Slot(edition, midnight)
