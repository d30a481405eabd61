"""When a source is asked again, at which address and with which validators: decided here, purely; jobs apply it.

    SourceState ─ is_due? ─▶ address_of, validators ─▶ (the request) ─▶ Answered | Failed ─ decide ─▶ SourceState

**The next check** is the latest of: the source's least interval; what the answer says of its freshness (Cache-Control,
Expires) and the feed of itself (`ttl`), up to `Rules.longest`; what Retry-After asks for on 429 and 503, up to a week.
After the n-th failure in a row the interval is doubled n - 1 times, up to `Rules.longest`. Jitter only ever adds: up to
a tenth, to the interval after failures up to a quarter, to what Retry-After asks for nothing. What an answer says of
its freshness holds whether or not its body could be read.

**Validators** belong to the address they came from and are sent there only. A 304 keeps them and takes new ones. Those
of a body that could not be read are kept too, with the reason: a 304 to them is that failure again, not a success.

**410** at the address of the settings stops a source until `revive`, or until the settings name another address. At an
adopted address it ends the move. Permanent redirects: `moves.py`.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from service.news.manners import moves
from service.news.manners.moves import Moves

PASSING: Final = frozenset(
    {
        "rate_limited", "unavailable", "connect_timeout", "read_timeout", "total_timeout", "connect_failed", "reset",
        "truncated", "dns", "resting", "robots_failed",
    }
)  # fmt: skip
"""Reasons of failures that trying again may cure."""
ASKED_TO_REST: Final = frozenset({"rate_limited", "unavailable", "resting"})
"""Reasons by which a host says that it is there and wants to be left alone."""
NOT_REACHED: Final = frozenset({"dns", "connect_timeout", "connect_failed"})
"""Reasons by which nobody answered at all; the fault may be ours."""
JITTER: Final = 0.1
JITTER_AFTER_FAILURE: Final = 0.25
MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of one source; instants in UTC.

    `url` is the address in the settings. `etag` and `last_modified` are as the server of `validated_url` wrote them
    ("": of `url`). `unread_reason` says why the body they came with could not be read, "" where it was. `wish_seconds`
    is the feed's own word on how often to ask. `owed` is the feed last read, packed, as long as pages of its entries
    failed for now: a 304 brings no other chance to ask for them.
    """

    source: str
    url: str
    etag: str = ""
    last_modified: str = ""
    last_checked_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    last_failure_reason: str = ""
    last_failure_detail: str = ""
    last_failure_at: dt.datetime | None = None
    failures_in_row: int = 0
    next_allowed_at: dt.datetime | None = None
    validated_url: str = ""
    unread_reason: str = ""
    stopped_at: dt.datetime | None = None
    moves: Moves = ()
    wish_seconds: int = 0
    owed: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """`minimum` is the least time between checks of this source; `longest` bounds what headers and back-off add."""

    minimum: dt.timedelta = dt.timedelta(minutes=15)
    longest: dt.timedelta = dt.timedelta(hours=6)
    longest_rest: dt.timedelta = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answered:
    """A 200 or 304 that came from `url`, `moved_to` the address that permanent redirects led to ("": none).

    `fresh_for` is what its headers say, `wish_seconds` what the feed says of how long not to ask again; a 304 has no
    feed with it, and the wish of the one held stays.
    """

    at: dt.datetime
    url: str
    etag: str = ""
    last_modified: str = ""
    is_unchanged: bool = False
    fresh_for: dt.timedelta | None = None
    moved_to: str = ""
    wish_seconds: int = 0
    owed: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that brought nothing; `answered` where there was an answer whose body could not be read."""

    at: dt.datetime
    reason: str
    detail: str = ""
    retry_after: dt.timedelta | None = None
    answered: Answered | None = None


def begin(source: str, url: str, held: SourceState | None) -> SourceState:
    """The state to go by: what is held, or a new one where nothing is or where the settings name another address."""
    return held if held is not None and held.url == url else SourceState(source, url)


def address_of(state: SourceState) -> str:
    """The address to ask: that of an adopted move, else that of the settings."""
    move = moves.adopted(state.moves)
    return state.url if move is None else move.to


def is_due(state: SourceState, now: dt.datetime) -> bool:
    """Whether the source may be asked at `now`."""
    return state.stopped_at is None and (state.next_allowed_at is None or state.next_allowed_at <= now)


def decide(state: SourceState, outcome: Answered | Failed, rules: Rules, jitter: float) -> SourceState:
    """The state after a check; `jitter` from [0, 1) spreads the next."""
    if isinstance(outcome, Answered) and outcome.is_unchanged and state.unread_reason:
        detail = f"{outcome.url}: unchanged since its body could not be read"
        outcome = Failed(outcome.at, state.unread_reason, detail, answered=outcome)
    if isinstance(outcome, Answered):
        return _after_success(state, outcome, rules, jitter)
    return _after_failure(state, outcome, rules, jitter)


def _after_success(state: SourceState, answer: Answered, rules: Rules, jitter: float) -> SourceState:
    wish = state.wish_seconds if answer.is_unchanged else answer.wish_seconds
    hint = max(_hint_of(answer, rules), min(dt.timedelta(seconds=wish), rules.longest))
    etag, last_modified = _validators_after(state, answer)
    return replace(
        state,
        etag=etag,
        last_modified=last_modified,
        validated_url=answer.url,
        last_checked_at=answer.at,
        last_success_at=answer.at,
        failures_in_row=0,
        next_allowed_at=answer.at + max(rules.minimum, hint) * (1 + JITTER * jitter),
        unread_reason="",
        stopped_at=None,
        moves=_after_answer(state, answer),
        wish_seconds=wish,
        owed=answer.owed,
    )


def _hint_of(answer: Answered, rules: Rules) -> dt.timedelta:
    """How long the headers ask not to be asked again."""
    return min(answer.fresh_for or dt.timedelta(0), rules.longest)


def _after_answer(state: SourceState, answer: Answered) -> Moves:
    if moves.adopted(state.moves):
        return state.moves
    return moves.meet(state.moves, state.url, answer.moved_to, answer.at)


def _validators_after(state: SourceState, answer: Answered) -> tuple[str, str]:
    """A 304 keeps what it does not name anew; the validators of another body or address do not outlive it."""
    etag, last_modified = (state.etag, state.last_modified) if answer.is_unchanged else ("", "")
    return answer.etag or etag, answer.last_modified or last_modified


def _after_failure(state: SourceState, failure: Failed, rules: Rules, jitter: float) -> SourceState:
    """Where a body was read by nobody, its validators stand for it from now on; else those held stay."""
    in_row = state.failures_in_row + 1
    pause = min(rules.minimum * 2 ** min(in_row - 1, MOST_DOUBLINGS), max(rules.longest, rules.minimum))
    rest = min(failure.retry_after or dt.timedelta(0), rules.longest_rest)
    move = moves.adopted(state.moves)
    is_over = move is not None and _ends_move(failure.reason, in_row)
    kept = state
    if failure.answered is not None:
        etag, last_modified = _validators_after(state, failure.answered)
        where = failure.answered.url
        pause = max(pause, _hint_of(failure.answered, rules))
        kept = replace(
            state, etag=etag, last_modified=last_modified, validated_url=where, unread_reason=failure.reason, owed=""
        )
    return replace(
        kept,
        last_checked_at=failure.at,
        last_failure_at=failure.at,
        last_failure_reason=failure.reason,
        last_failure_detail=failure.detail,
        failures_in_row=in_row,
        next_allowed_at=failure.at + max(pause * (1 + JITTER_AFTER_FAILURE * jitter), rest),
        stopped_at=failure.at if failure.reason == "gone" and move is None else None,
        moves=moves.end(state.moves, failure.at, failure.reason) if is_over else state.moves,
    )


def _ends_move(reason: str, failures_in_row: int) -> bool:
    if reason in ASKED_TO_REST:
        return False
    return reason not in PASSING or failures_in_row >= moves.FAILURES_TO_END


def is_network_lost(unheard: Collection[SourceState], *, heard: int) -> bool:
    """Whether it is our own network that is gone, and not the sources.

    So it is where of those asked in a run none answered (`heard`), several were not reached (`unheard`, as they stood
    before), and half of these or more were well.
    """
    well = sum(not state.failures_in_row for state in unheard)
    return not heard and len(unheard) > 1 and 2 * well >= len(unheard)


def excuse(state: SourceState, failure: Failed) -> SourceState:
    """The state after a check that our own network kept from its source: told, but not held against it."""
    return replace(
        state, last_failure_at=failure.at, last_failure_reason=failure.reason, last_failure_detail=failure.detail
    )


def postpone(state: SourceState, until: dt.datetime) -> SourceState:
    """Not asked, since its host is left alone until then: neither a success nor a failure."""
    return state if state.next_allowed_at and state.next_allowed_at >= until else replace(state, next_allowed_at=until)


def revive(state: SourceState) -> SourceState:
    """As the operator wants a stopped or resting source: asked at the next run, whole, as if for the first time."""
    return replace(
        state,
        etag="",
        last_modified="",
        validated_url="",
        unread_reason="",
        failures_in_row=0,
        next_allowed_at=None,
        stopped_at=None,
        owed="",
    )


def forget_move(state: SourceState, at: dt.datetime) -> SourceState:
    """As the operator wants a wrong move: the address of the settings is asked, and the move is never adopted again."""
    return replace(state, moves=moves.end(state.moves, at, moves.FORGOTTEN))
