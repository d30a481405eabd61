"""Alerts, each once by its key, and the messages that tell of them, written in the same transaction: none is lost.

A message is sent at least once. `begin_attempt` is committed before it goes out and `end_attempt` after, so that one
whose sender was killed in between is tried again after a pause, and not for ever.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.alerts.alert import Alert, Kind, Message
from service.alerts.trouble import Decision, Trouble
from service.health.findings import Finding, Severity
from storage.schema import alert, alert_message, alert_trouble
from storage.upsert import insert_into, storable

_KEYS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it is on record. `resolved_at` stays None of a shock, which is over when it is told."""

    alert: Alert
    recorded_at: dt.datetime
    resolved_at: dt.datetime | None
    acknowledged_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """A trouble that is not over."""
        return self.alert.kind is Kind.TROUBLE and self.resolved_at is None


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message as it is on record; `send_at` is None once it was delivered or given up."""

    id: str
    alert: str
    step: str
    hook: str
    severity: str
    body: Mapping[str, Any]
    queued_at: dt.datetime
    send_at: dt.datetime | None
    attempts: int
    last_error: str
    delivered_at: dt.datetime | None
    given_up_at: dt.datetime | None


def load_troubles(connection: sa.Connection) -> dict[tuple[str, str], Trouble]:
    """The troubles held, by check and subject."""
    found = {}
    for row in connection.execute(sa.select(alert_trouble)):
        finding = Finding(row.check, row.subject, Severity(row.severity), row.text, row.remedy)
        found[row.check, row.subject] = Trouble(
            finding, row.since, row.seen_at, row.absent_since, row.told_at, row.is_acknowledged
        )
    return found


def save_troubles(connection: sa.Connection, decision: Decision) -> None:
    """Hold what is to be held, and forget what is to be forgotten."""
    for check, subject in decision.forgotten:
        connection.execute(sa.delete(alert_trouble).where(*_is_trouble(check, subject)))
    if not decision.held:
        return
    rows = [
        {"check": storable(one.finding.check), "subject": storable(one.finding.subject)}
        | {"severity": one.finding.severity.value, "text": storable(one.finding.text)}
        | {"remedy": storable(one.finding.remedy), "since": one.since, "seen_at": one.seen_at}
        | {"absent_since": one.absent_since, "told_at": one.told_at, "is_acknowledged": one.is_acknowledged}
        for one in decision.held
    ]
    insert = insert_into(connection, alert_trouble)
    changed = {column.name: insert.excluded[column.name] for column in alert_trouble.c if not column.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=["check", "subject"], set_=changed), rows)


def _is_trouble(check: str, subject: str) -> tuple[sa.ColumnElement[bool], ...]:
    return alert_trouble.c.check == storable(check), alert_trouble.c.subject == storable(subject)


def record(connection: sa.Connection, one: Alert, *, recorded_at: dt.datetime) -> bool:
    """Put an alert on record; False where it is there already, and stays as it is."""
    key = storable(one.key)
    if connection.scalar(sa.select(alert.c.key).where(alert.c.key == key)) is not None:
        return False
    row = {
        **{name: storable(getattr(one, name)) for name in ("key", "check", "subject", "title", "text", "remedy")},
        "kind": one.kind.value,
        "severity": one.severity.value,
        "began_at": one.began_at,
        "details": _storable(dict(one.details)),
        "recorded_at": recorded_at,
    }
    connection.execute(sa.insert(alert).values(row))
    return True


def restate(connection: sa.Connection, one: Alert, *, resolved_at: dt.datetime | None = None) -> None:
    """Note how grave a trouble has become and how it is told now, or that it is over."""
    now = {"severity": one.severity.value, "text": storable(one.text), "remedy": storable(one.remedy)}
    values = now if resolved_at is None else {"resolved_at": resolved_at}
    connection.execute(sa.update(alert).where(alert.c.key == storable(one.key)).values(values))


def is_near(connection: sa.Connection, one: Alert, apart: dt.timedelta) -> bool:
    """Whether another alert of the same check and subject began less than `apart` before or after this one."""
    chosen = sa.select(alert.c.key).where(
        alert.c.check == one.check,
        alert.c.subject == one.subject,
        alert.c.began_at > one.began_at - apart,
        alert.c.began_at < one.began_at + apart,
    )
    return connection.execute(chosen.limit(1)).first() is not None


def enqueue(connection: sa.Connection, messages: Iterable[Message]) -> None:
    """Let these go out; one that is there already stays as it is."""
    rows = [
        {"id": one.id, "alert": storable(one.alert), "step": one.step, "hook": one.hook}
        | {"severity": one.severity.value, "body": _storable(dict(one.body)), "queued_at": one.queued_at}
        | {"send_at": one.send_at, "attempts": 0, "last_error": ""}
        for one in messages
    ]
    if rows:
        connection.execute(insert_into(connection, alert_message).on_conflict_do_nothing(), rows)


def load_due(connection: sa.Connection, now: dt.datetime, *, limit: int = 100) -> list[KeptMessage]:
    """The messages whose time has come, in the order they were put here.

    One waits for those before it of the same alert and hook: that it is over is not told before that it began.
    """
    earlier = alert_message.alias("earlier")
    is_waiting = (
        sa.exists()
        .where(earlier.c.alert == alert_message.c.alert, earlier.c.hook == alert_message.c.hook)
        .where(earlier.c.send_at.is_not(None), earlier.c.queued_at < alert_message.c.queued_at)
    )
    due = sa.select(alert_message).where(alert_message.c.send_at <= now, ~is_waiting)
    return _load_messages(connection, due.order_by(alert_message.c.queued_at, alert_message.c.id).limit(limit))


def load_undelivered(connection: sa.Connection) -> list[KeptMessage]:
    """The messages that nobody took yet: those that wait, and those given up, the newest first."""
    chosen = sa.select(alert_message).where(alert_message.c.delivered_at.is_(None))
    return _load_messages(connection, chosen.order_by(alert_message.c.queued_at.desc(), alert_message.c.id))


def load_messages(connection: sa.Connection, key: str) -> list[KeptMessage]:
    """The messages that tell of one alert, in the order they were put here."""
    chosen = sa.select(alert_message).where(alert_message.c.alert == key)
    return _load_messages(connection, chosen.order_by(alert_message.c.queued_at, alert_message.c.id))


def _load_messages(connection: sa.Connection, chosen: sa.Select[Any]) -> list[KeptMessage]:
    return [KeptMessage(**row._mapping) for row in connection.execute(chosen)]  # noqa: SLF001 - the public way


def begin_attempt(connection: sa.Connection, one: KeptMessage, *, next_try: dt.datetime) -> bool:
    """Note that a message, as it was read, is about to go out, to be tried again at `next_try` unless its end is noted.

    False where it is not to go out any more, or somebody else has begun to send it since it was read.
    """
    is_as_read = (alert_message.c.id == one.id, alert_message.c.attempts == one.attempts)
    begun = sa.update(alert_message).where(*is_as_read, alert_message.c.send_at.is_not(None))
    return connection.execute(begun.values(attempts=one.attempts + 1, send_at=next_try)).rowcount == 1


def end_attempt(
    connection: sa.Connection,
    message_id: str,
    *,
    now: dt.datetime,
    error: str = "",
    next_try: dt.datetime | None = None,
) -> None:
    """Note what became of it: delivered where there is no `error`, else tried again at `next_try` (None: given up)."""
    ended: dict[str, Any] = {"send_at": next_try, "last_error": storable(error)}
    if not error:
        ended |= {"delivered_at": now}
    elif next_try is None:
        ended |= {"given_up_at": now}
    connection.execute(sa.update(alert_message).where(alert_message.c.id == message_id).values(ended))


def load_recent(connection: sa.Connection, *, limit: int = 50) -> list[KeptAlert]:
    """The troubles that are not over, then the other alerts, each newest first."""
    is_over = sa.or_(alert.c.kind != Kind.TROUBLE.value, alert.c.resolved_at.is_not(None))
    order = (sa.case((is_over, 1), else_=0), alert.c.recorded_at.desc(), alert.c.key)
    return [_read(row) for row in connection.execute(sa.select(alert).order_by(*order).limit(limit))]


def find(connection: sa.Connection, name: str) -> Sequence[KeptAlert]:
    """The alert with this key; else those not over whose key begins with it, as `check/subject` does."""
    exact = connection.execute(sa.select(alert).where(alert.c.key == name)).first()
    if exact is not None:
        return [_read(exact)]
    begins = sa.func.substr(alert.c.key, 1, len(name)) == name
    chosen = sa.select(alert).where(begins, alert.c.kind == Kind.TROUBLE.value, alert.c.resolved_at.is_(None))
    return [_read(row) for row in connection.execute(chosen.order_by(alert.c.key).limit(_KEYS_SHOWN))]


def acknowledge(connection: sa.Connection, one: Alert, *, now: dt.datetime) -> None:
    """Let nothing more be told of this trouble until it is over."""
    connection.execute(sa.update(alert).where(alert.c.key == one.key).values(acknowledged_at=now))
    silenced = sa.update(alert_trouble).where(*_is_trouble(one.check, one.subject))
    connection.execute(silenced.values(is_acknowledged=True))


def _read(row: Any) -> KeptAlert:
    told = Alert(
        row.key, Kind(row.kind), row.check, row.subject, Severity(row.severity), row.title, row.text, row.remedy,
        row.began_at, row.details,
    )  # fmt: skip
    return KeptAlert(told, row.recorded_at, row.resolved_at, row.acknowledged_at)


def _storable(value: Any) -> Any:
    """The same JSON value with every text as both databases hold it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(name)): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value
