"""When a message goes out: now, after the quiet hours, again after a failure, or never again."""

import datetime as dt
from dataclasses import dataclass

from service.errors import BadInput
from service.health.findings import Severity

FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=6)


def find_next_try(attempts: int, now: dt.datetime, *, most: int, wish_seconds: float = 0.0) -> dt.datetime | None:
    """When to try again after `attempts` failures: 1 min, 2, 4 … up to 6 h later; None after the last one (`most`).

    No sooner than the receiver asked for (`wish_seconds`), which is believed up to a day.
    """
    if attempts >= most:
        return None
    doubled: dt.timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    wished = dt.timedelta(seconds=min(max(wish_seconds, 0.0), 86_400.0))
    return now + max(min(doubled, LONGEST_PAUSE), wished)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until before `end`, by the clock of `zone`; over midnight where the end comes first."""

    start: dt.time
    end: dt.time
    zone: dt.tzinfo

    def find_release(self, now: dt.datetime, severity: Severity) -> dt.datetime:
        """When a message of `now` may go out: at once, or when the quiet hours end. What is critical does not wait."""
        local = now.astimezone(self.zone)
        clock = local.time()
        inside = self.start <= clock < self.end if self.start <= self.end else clock >= self.start or clock < self.end
        if not inside or severity is Severity.CRITICAL:
            return now
        day = local.date() if clock < self.end else local.date() + dt.timedelta(days=1)
        return dt.datetime.combine(day, self.end, self.zone).astimezone(dt.UTC)


def read_quiet_hours(text: str, zone: dt.tzinfo, field: str) -> QuietHours | None:
    """`22:00-07:00` as quiet hours, "" as none. Raises `BadInput`."""
    if not text:
        return None
    start, mark, end = text.partition("-")
    try:
        hours = QuietHours(dt.time.fromisoformat(start.strip()), dt.time.fromisoformat(end.strip()), zone)
    except ValueError:
        hours = None
    if not mark or hours is None or hours.start == hours.end or hours.start.tzinfo or hours.end.tzinfo:
        raise BadInput(field, text, 'write it as "22:00-07:00", or "" for none')
    return hours
