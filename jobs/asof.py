"""The instant a question is asked as of: read from the command line once, and never ahead of the clock."""

import datetime as dt

from jobs.house import House
from service.errors import BadInput
from service.instants import format_instant, parse_instant


def parse_as_of(house: House, text: str | None) -> dt.datetime | None:
    """The UTC instant of `--as-of`, None without one. Raises `BadInput` where it is no instant, or lies ahead."""
    if text is None:
        return None
    instant = parse_instant(text, "--as-of")
    if instant > house.clock():
        raise BadInput(
            "--as-of", text, f"lies ahead of {format_instant(house.clock())}: give an instant that has passed"
        )
    return instant


def spell_held(as_of: dt.datetime | None) -> str:
    """How a message ends that speaks of what is held: with the instant, where one was given."""
    return "" if as_of is None else f" as of {format_instant(as_of)}"
