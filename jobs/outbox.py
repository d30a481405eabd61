"""The messages that wait go out: each attempt is on record before it is made, and its end after."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable

from jobs.alert_settings import Hook
from jobs.asking import RetryLater
from jobs.egress import PASSING
from jobs.hooks import Body, send
from jobs.house import House
from jobs.mail import MailFailed
from service.alerts.delivery import find_next_try
from service.errors import WorkFailed
from service.health.findings import Finding, Severity
from storage import alerts, database
from storage.alerts import KeptMessage

BUDGET_SECONDS = 45.0
"""So long a run may send; the job keeps all others waiting."""

_FAILURES_TO_WARN = 3
_GIVEN_UP_LATELY = dt.timedelta(days=1)

Send = Callable[[House, Hook, Body], None]


def deliver(house: House, send_one: Send = send) -> tuple[Counter[str], list[str]]:
    """Send what is due; what was counted, and what failed.

    A hook whose receiver is down is left alone for the rest of the run: its other messages wait with the first.
    """
    counts: Counter[str] = Counter(sent=0, failed=0, given_up=0)
    failures: list[str] = []
    hooks = {one.name: one for one in house.settings.alerts.hook}
    began, down = time.monotonic(), set[str]()
    with database.read(house.engine) as connection:
        due = alerts.load_due(connection, house.clock())
    for message in due:
        if message.hook in down:
            continue
        if time.monotonic() - began > BUDGET_SECONDS:
            break
        failure = _attempt(house, message, hooks.get(message.hook), send_one, counts)
        if failure is not None:
            failures.append(f"{message.hook}: {failure.reason}: {failure}")
            if _is_down(failure):
                down.add(message.hook)
    return counts, failures


def _attempt(
    house: House, message: KeptMessage, hook: Hook | None, send_one: Send, counts: Counter[str]
) -> WorkFailed | None:
    """Send one message; None where it was taken."""
    attempts, most = message.attempts + 1, house.settings.alerts.attempts
    again = find_next_try(attempts, house.clock(), most=attempts + 1)
    assert again is not None
    with database.begin(house.engine) as connection:
        if not alerts.begin_attempt(connection, message, next_try=again):
            return None
    failure: WorkFailed | None = None
    if hook is None:
        failure = WorkFailed("no_such_hook", f"the settings have no hook {message.hook} (any more)")
    else:
        try:
            send_one(house, hook, message.body)
        except WorkFailed as refused:
            failure = refused
    now = house.clock()
    wish = failure.seconds if isinstance(failure, RetryLater) else 0.0
    next_try = find_next_try(attempts, now, most=most, wish_seconds=wish) if failure else None
    error = f"{failure.reason}: {failure}" if failure else ""
    with database.begin(house.engine) as connection:
        alerts.end_attempt(connection, message.id, now=now, error=error, next_try=next_try)
    counts["failed" if failure else "sent"] += 1
    counts["given_up"] += bool(failure) and next_try is None
    return failure


def _is_down(failure: WorkFailed) -> bool:
    """Whether the receiver would not take any other message now either."""
    if isinstance(failure, MailFailed):
        return failure.is_down
    return failure.reason in PASSING or failure.reason in ("unauthorized", "tls", "connect_failed", "no_such_hook")


def find_undelivered(house: House) -> list[Finding]:
    """A finding for each hook through which messages do not go out."""
    now = house.clock()
    with database.read(house.engine) as connection:
        waiting = alerts.load_undelivered(connection)
    stuck = [
        one
        for one in waiting
        if (one.given_up_at is None and one.attempts >= _FAILURES_TO_WARN)
        or (one.given_up_at is not None and now - one.given_up_at < _GIVEN_UP_LATELY)
    ]
    return [_describe(hook, [one for one in stuck if one.hook == hook]) for hook in sorted({one.hook for one in stuck})]


def _describe(hook: str, stuck: list[KeptMessage]) -> Finding:
    dead = sum(one.given_up_at is not None for one in stuck)
    text = f"{len(stuck)} messages did not go out through {hook}, {dead} were given up."
    text += f" The last error: {stuck[0].last_error}"
    return Finding("alert_undelivered", hook, Severity.WARNING, text, f"newscandle alerts test {hook}")
