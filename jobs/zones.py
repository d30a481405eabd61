"""Whose clock the settings' times are read by."""

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.errors import BadInput


def read_zone(name: str) -> dt.tzinfo:
    """The zone that `daemon.zone` names; raises `BadInput` where there is none."""
    if name == "UTC":
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("daemon.zone", name, "name a zone of the tz database, as Europe/Amsterdam") from None
