"""`newscandle alerts`: what is open, what was told lately, what did not go out, and how the newest bars stand."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.alert_settings import Hook
from jobs.hooks import send
from jobs.house import House
from jobs.shocks import describe_newest, watch
from service.alerts.alert import TEST, Alert, Kind, compose
from service.errors import BadInput
from service.health.findings import Severity
from service.instants import format_instant
from storage import alerts, database
from storage.alerts import KeptAlert, KeptMessage


def describe(house: House, *, limit: int, as_json: bool) -> tuple[str, bool]:
    """The list as text or JSON, and whether a trouble is open that nobody acknowledged."""
    now = house.clock()
    with database.read(house.engine) as connection:
        kept = alerts.load_recent(connection, limit=limit)
        waiting = alerts.load_undelivered(connection)[:limit]
    watched = watch(house, now)
    told = {
        "hooks": [{"name": one.name, "kind": one.kind} for one in house.settings.alerts.hook],
        "alerts": [_tell(one) for one in kept],
        "undelivered": [_tell_message(one) for one in waiting],
        "series": watched.newest,
        "notes": watched.notes,
    }
    is_calling = any(one.is_open and one.acknowledged_at is None for one in kept)
    return (json.dumps(told, ensure_ascii=False) if as_json else _as_text(told)), is_calling


def _tell(one: KeptAlert) -> dict[str, Any]:
    told = one.alert
    instants = {"began_at": told.began_at, "recorded_at": one.recorded_at}
    instants |= {"resolved_at": one.resolved_at, "acknowledged_at": one.acknowledged_at}  # type: ignore[dict-item]
    return {
        "key": told.key,
        "kind": told.kind.value,
        "check": told.check,
        "subject": told.subject,
        "severity": told.severity.value,
        "is_open": one.is_open,
        "title": told.title,
        "text": told.text,
        "remedy": told.remedy,
        **{name: format_instant(at) if at else None for name, at in instants.items()},
        "details": dict(told.details),
    }


def _tell_message(one: KeptMessage) -> dict[str, Any]:
    return {
        "id": one.id,
        "hook": one.hook,
        "step": one.step,
        "alert": one.alert,
        "queued_at": format_instant(one.queued_at),
        "send_at": format_instant(one.send_at) if one.send_at else None,
        "attempts": one.attempts,
        "last_error": one.last_error,
    }


def _as_text(told: Mapping[str, Any]) -> str:
    names = ", ".join(f"{one['name']} ({one['kind']})" for one in told["hooks"])
    lines = [f"hooks: {names or 'none, so nothing is sent: add [[alerts.hook]] to the settings'}"]
    lines += _list("open", [one for one in told["alerts"] if one["is_open"]])
    lines += _list("told before, newest first", [one for one in told["alerts"] if not one["is_open"]])
    if told["undelivered"]:
        lines.append("not delivered, newest first:")
    lines += [
        f"  {one['queued_at']}  {one['hook']}: {one['step']} {one['alert']}: "
        f"{one['attempts']} tries, {_next_try(one)}{': ' + one['last_error'] if one['last_error'] else ''}"
        for one in told["undelivered"]
    ]
    if told["series"]:
        lines.append("newest bars judged (shock, usual, or why not judged):")
    lines += describe_newest(told["series"])
    return "\n".join([*lines, *(f"note: {note}" for note in told["notes"])])


def _list(heading: str, some: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"{heading}:" if some else f"{heading}: none"]
    for one in some:
        state = "acknowledged, " if one["acknowledged_at"] and one["is_open"] else ""
        over = f", over {one['resolved_at']}" if one["resolved_at"] else ""
        lines.append(f"  {state}{one['severity']}: {one['key']}{over}")
        lines.append(f"      {one['title'] + ': ' if one['kind'] != Kind.TROUBLE.value else ''}{one['text']}")
        if one["is_open"]:
            lines.append(f"      {one['remedy']}")
    return lines


def _next_try(one: Mapping[str, Any]) -> str:
    return f"next {one['send_at']}" if one["send_at"] else "given up"


def acknowledge(house: House, name: str) -> str:
    """Tell nothing more of the open trouble whose key is `name`, or begins so; raises `BadInput` unless it is one."""
    with database.begin(house.engine) as connection:
        found = alerts.find(connection, name)
        if len(found) != 1 or not found[0].is_open:
            raise BadInput("alert", name, _say_which(found))
        alerts.acknowledge(connection, found[0].alert, now=house.clock())
    return f"acknowledged: nothing more is told of {found[0].alert.key} until it is over"


def _say_which(found: Sequence[KeptAlert]) -> str:
    if not found:
        return "no open alert begins so; see `newscandle alerts`"
    if len(found) > 1:
        return f"several begin so: {', '.join(one.alert.key for one in found)}"
    return "it is over already, or a shock, which is told once"


def try_hook(house: House, name: str) -> str:
    """Send a message that says it is a test, now; raises `BadInput` for an unknown hook, `WorkFailed` if refused."""
    hook = _find_hook(house, name)
    now = house.clock()
    one = Alert(
        key=f"test/{name}@{format_instant(now)}",
        kind=Kind.TROUBLE,
        check="test",
        subject=name,
        severity=Severity.NOTE,
        title=f"a test of the hook {name}",
        text="Nothing is wrong: somebody ran newscandle alerts test.",
        remedy="",
        began_at=now,
    )
    send(house, hook, compose(one, TEST, name, now).body)
    return f"sent: {name} took a test message"


def _find_hook(house: House, name: str) -> Hook:
    hooks = {one.name: one for one in house.settings.alerts.hook}
    if name not in hooks:
        raise BadInput("hook", name, f"name one of the settings: {', '.join(hooks) or 'there are none'}")
    return hooks[name]
