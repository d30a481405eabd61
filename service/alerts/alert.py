"""An alert, and the messages that tell of it: what is kept, and what goes out through a hook."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.alerts.trouble import Step, Trouble
from service.health.findings import Severity
from service.instants import format_instant

SCHEMA = "newscandle.alert/1"
"""The form of a message. Within 1 fields are only added."""

TEST = "test"
"""The step of a message that tells nothing but that the hook works."""


class Kind(StrEnum):
    """What an alert is about: something that does not work, or a bar of news unlike those before."""

    TROUBLE = "trouble"
    SENTIMENT = "sentiment"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell, once. `key` is natural: the same thing has the same one whoever finds it, and when.

    `began_at`: when a trouble was first found, when the bar of a shock closed. `details`: JSON values, as
    docs/alerts.md describes them.
    """

    key: str
    kind: Kind
    check: str
    subject: str
    severity: Severity
    title: str
    text: str
    remedy: str
    began_at: dt.datetime
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one hook. `id` (32 hex digits) is the same however often it is sent: receivers know it again."""

    id: str
    alert: str  # key
    step: str
    hook: str
    severity: Severity
    body: Mapping[str, Any]
    queued_at: dt.datetime
    send_at: dt.datetime  # not before


def name_trouble(trouble: Trouble) -> str:
    """The key of the alert that this trouble is or will be."""
    return f"{trouble.finding.check}/{trouble.finding.subject}@{format_instant(trouble.since)}"


def describe_trouble(trouble: Trouble) -> Alert:
    """The trouble as an alert, as it stands now."""
    one = trouble.finding
    return Alert(
        name_trouble(trouble),
        Kind.TROUBLE,
        one.check,
        one.subject,
        one.severity,
        f"{one.check} {one.subject}",
        one.text,
        one.remedy,
        trouble.since,
        {"since": format_instant(trouble.since)},
    )


def compose(alert: Alert, step: Step | str, hook: str, now: dt.datetime, send_at: dt.datetime | None = None) -> Message:
    """The message that tells `hook` of this step of the alert, not before `send_at` (None: at once)."""
    told = "\x00".join((alert.key, str(step), hook, format_instant(now)))
    number = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    body = {
        "schema": SCHEMA,
        "id": number,
        "event": str(step),
        "queued_at": format_instant(now),
        "alert": {
            "key": alert.key,
            "kind": alert.kind.value,
            "check": alert.check,
            "subject": alert.subject,
            "severity": alert.severity.value,
            "title": alert.title,
            "text": alert.text,
            "remedy": alert.remedy,
            "began_at": format_instant(alert.began_at),
            "details": dict(alert.details),
        },
    }
    return Message(number, alert.key, str(step), hook, alert.severity, body, now, send_at or now)
