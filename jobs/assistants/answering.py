"""What every answer of a tool rests on: the store, opened to read, and where the answer comes from."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

import sqlalchemy as sa

from jobs.house import House
from service.errors import BadInput
from service.instants import format_instant, parse_instant
from service.sentiment.scorer import State
from storage import database, health
from storage.schema import RELEASE

STATES: Final[Mapping[str, str]] = {
    State.SCORED.value: "the article speaks of the target and has a score, −1…1",
    State.NO_SIGNAL.value: "read, it speaks of the target, and nothing was found: not a score of zero",
    State.NO_MENTION.value: "read, and the target is absent",
    State.UNSUPPORTED_LANGUAGE.value: "not read: in a language that no scorer knows; `unsupported` in a series",
}


@contextlib.contextmanager
def reading(house: House) -> Iterator[sa.Connection]:
    """One state of the store. Raises `StoreFailed` where it is gone, or is of another release."""
    health.require_there(house.engine)
    database.check(house.engine)
    with database.read(house.engine) as connection:
        yield connection


def read_as_of(house: House, text: str | None) -> dt.datetime | None:
    """The instant asked as of. Raises `BadInput` where it is none, or lies ahead."""
    if text is None:
        return None
    instant = parse_instant(text, "as_of")
    if instant > house.clock():
        raise BadInput("as_of", text, "lies ahead: give an instant that has passed")
    return instant


def tell(
    house: House,
    origin: str,
    data: Any,
    *,
    as_of: dt.datetime | None = None,
    units: Mapping[str, str] | None = None,
    following: str | int | None = None,
) -> dict[str, Any]:
    """An answer: `data`, `next` (what leads on, null at the end), and what it rests on. `origin`: view or table."""
    about = {
        "from": origin,
        "made_by": f"newscandle {version('newscandle')}, schema {RELEASE}",
        "answered_at": format_instant(house.clock()),
        "as_of": None if as_of is None else format_instant(as_of),
        "states": dict(STATES),
        "units": dict(units or {}),
    }
    return {"about": about, "next": following, "data": data}
