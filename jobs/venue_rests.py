"""Venues that asked to be left alone (Retry-After), and until when: kept beside the hosts' rests between runs."""

import datetime as dt
from collections.abc import Iterable, Sequence

from jobs.exchange_guard import Refused
from jobs.house import House
from service.errors import VenueFailed
from storage import database, hosts

_LONGEST = dt.timedelta(days=7)
"""What is asked for beyond this is taken for a mistake, and for a week."""


def find_resting(house: House, venues: Sequence[str]) -> list[tuple[str, VenueFailed]]:
    """Those of the venues that are not to be asked now, each with why."""
    now = house.clock()
    with database.read(house.engine) as connection:
        rests = hosts.load_rests(connection, now)
    found = []
    for venue in venues:
        until, _ = rests.get(_key(venue), (now, 0))
        if now < until <= now + _LONGEST:  # what reaches further was written under another clock
            told = f"{venue}: asked to be left alone until {until:%Y-%m-%d %H:%M} UTC"
            found.append((venue, VenueFailed("resting", told, retriable=True)))
    return found


def note_rests(house: House, failures: Iterable[tuple[str, VenueFailed]]) -> None:
    """Remember what the venues among these failures asked for."""
    now = house.clock()
    asked = {
        _key(venue): (now + min(dt.timedelta(seconds=error.wait), _LONGEST), 1)
        for venue, error in failures
        if isinstance(error, Refused) and error.wait is not None and error.wait > 0
    }
    if asked:
        with database.begin(house.engine) as connection:
            hosts.save_rests(connection, asked, now)


def _key(venue: str) -> str:
    return f"venue {venue}"  # no host is called so
