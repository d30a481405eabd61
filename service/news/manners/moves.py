"""Permanent redirects of a source: when one is believed, and when it is not believed any more.

A 301 or 308 is first a claim. The claim is adopted (the new address is asked instead of the old) when it was met three
times, the last at least 24 hours after the first, always to the same address and never from https down to http. Any
other answer in between withdraws it, and counting begins anew.

An adopted move ends, and the address of the settings is asked again, when the new address fails for good (not found,
gone, forbidden, no such host, not a feed …) or for the third time in a row; when it asks to be left alone it does not
end. It may be adopted again by the same rule, unless the operator said to forget it. Ended moves stay as history.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from service.instants import format_instant, parse_instant

CONFIRMATIONS: Final = 3
CONFIRMED_OVER: Final = dt.timedelta(hours=24)
FAILURES_TO_END: Final = 3
MOST_KEPT: Final = 20
FORGOTTEN: Final = "forgotten"


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect that was met. `ended` says why it holds no more: withdrawn, forgotten, or a reason code."""

    to: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    confirmations: int = 1
    adopted_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    ended: str = ""

    @property
    def is_adopted(self) -> bool:
        """Whether its address is the one to ask."""
        return self.adopted_at is not None and self.ended_at is None


Moves = tuple[Move, ...]


def adopted(moves: Moves) -> Move | None:
    """The move that holds, if one does."""
    return moves[-1] if moves and moves[-1].is_adopted else None


def meet(moves: Moves, url: str, to: str, at: dt.datetime) -> Moves:
    """After `url`, asked for at `at`, answered well and by a permanent redirect to `to` ("" for none).

    Not for answers of an adopted address: a redirect from there is followed and not counted.
    """
    open_claim = moves[-1] if moves and moves[-1].ended_at is None else None
    if open_claim is not None and open_claim.to != to:
        moves, open_claim = end(moves, at, "withdrawn"), None
    if not to or not _may_be_believed(moves, url, to):
        return moves
    if open_claim is None:
        return (*_trim(moves), Move(to, at, at))
    again = replace(open_claim, last_seen_at=at, confirmations=open_claim.confirmations + 1)
    if again.confirmations >= CONFIRMATIONS and at - again.first_seen_at >= CONFIRMED_OVER:
        again = replace(again, adopted_at=at)
    return (*moves[:-1], again)


def end(moves: Moves, at: dt.datetime, why: str) -> Moves:
    """The moves with the open one, if there is one, ended."""
    if not moves or moves[-1].ended_at is not None:
        return moves
    return (*moves[:-1], replace(moves[-1], ended_at=at, ended=why))


def _trim(moves: Moves) -> Moves:
    """The newest of them, and those the operator had forgotten, which are not to be believed again."""
    return tuple(one for one in moves[: 1 - MOST_KEPT] if one.ended == FORGOTTEN) + moves[1 - MOST_KEPT :]


def _may_be_believed(moves: Moves, url: str, to: str) -> bool:
    is_downgrade = urlsplit(url).scheme.lower() == "https" and urlsplit(to).scheme.lower() != "https"
    return to != url and not is_downgrade and not any(one.to == to and one.ended == FORGOTTEN for one in moves)


def as_json(moves: Moves) -> list[dict[str, Any]]:
    """The moves as plain values, for the store."""
    return [
        {
            "to": one.to,
            "first_seen_at": format_instant(one.first_seen_at),
            "last_seen_at": format_instant(one.last_seen_at),
            "confirmations": one.confirmations,
            "adopted_at": one.adopted_at and format_instant(one.adopted_at),
            "ended_at": one.ended_at and format_instant(one.ended_at),
            "ended": one.ended,
        }
        for one in moves
    ]


def from_json(told: Sequence[Mapping[str, Any]]) -> Moves:
    """The inverse of `as_json`."""

    def read(text: str | None) -> dt.datetime | None:
        return None if text is None else parse_instant(text, "moves")

    return tuple(
        Move(
            one["to"],
            parse_instant(one["first_seen_at"], "moves"),
            parse_instant(one["last_seen_at"], "moves"),
            one["confirmations"],
            read(one["adopted_at"]),
            read(one["ended_at"]),
            one["ended"],
        )
        for one in told
    )
