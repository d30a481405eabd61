"""By when the next datum must be there: what was to be expected, half of its interval more, and a little grace."""

import datetime as dt
import functools
from collections.abc import Hashable

from service.schedules import Schedule, find_next

GRACE = dt.timedelta(minutes=2)
"""So long a job may take to bring what it is due to bring."""


_find = functools.lru_cache(maxsize=4096)(find_next)


def find_slot(schedule: Schedule, instant: dt.datetime) -> dt.datetime:
    """As `service.schedules.find_next`, remembered: the same few instants are asked for until something new comes."""
    assert isinstance(schedule, Hashable)
    return _find(schedule, instant)


def find_deadline(
    ready_at: dt.datetime, interval: dt.timedelta, *schedules: Schedule, grace: dt.timedelta = GRACE
) -> dt.datetime:
    """When something that is there to be had at `ready_at` must be held at the latest.

    It passes jobs with these schedules one after the other, the first at its first slot after `ready_at`. A datum that
    comes every `interval` is then no older than one and a half of it (of the last job's period, where that is longer).
    The earlier `ready_at`, the earlier this is: a slot is never passed over by less than half the time to the next.
    """
    slot = ready_at
    for schedule in schedules:
        slot = find_slot(schedule, slot)
    period = find_slot(schedules[-1], slot) - slot if schedules else dt.timedelta()
    return slot + max(interval, period) / 2 + grace
