"""The clock, handed to whoever needs it. `NEWSCANDLE_CLOCK` fixes it, for replays and drills."""

import datetime as dt
import os
from collections.abc import Callable

from service.instants import parse_instant

Clock = Callable[[], dt.datetime]


def choose_clock() -> Clock:
    """The system's clock, or the fixed instant that `NEWSCANDLE_CLOCK` names (RFC 3339; `BadInput` if unreadable)."""
    fixed = os.environ.get("NEWSCANDLE_CLOCK")
    if fixed:
        instant = parse_instant(fixed, "NEWSCANDLE_CLOCK")
        return lambda: instant
    return lambda: dt.datetime.now(dt.UTC)
