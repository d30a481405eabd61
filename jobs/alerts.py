"""Alerts: what is wrong and what is unlike before, told once each, and sent until somebody took it.

findings of health, of the hooks ─▶ trouble.decide ─┐
newest bars ─▶ shocks ──────────────────────────────┴▶ alerts and messages, one commit ─▶ outbox ─▶ hooks
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import sqlalchemy as sa

from jobs.alert_settings import Hook
from jobs.console import Advance
from jobs.house import House
from jobs.outbox import deliver, find_undelivered
from jobs.record import Outcome
from jobs.shocks import watch
from jobs.zones import read_zone
from service.alerts.alert import Alert, Message, compose, describe_trouble
from service.alerts.delivery import read_quiet_hours
from service.alerts.trouble import RANK, Patience, Step, decide
from service.health.findings import Finding
from service.instants import parse_duration
from storage import alerts, database

Look = Callable[[House], Sequence[Finding]]

_APART = dt.timedelta(days=1)
"""Shocks of one series nearer to each other than this are one."""


def look_at_health(house: House) -> Sequence[Finding]:
    """What readiness finds wrong now."""
    from jobs.lookout import look  # it asks for the plan of all jobs, of which this is one

    return look(house).readiness.findings


def tell_alerts(house: House, advance: Advance, look: Look = look_at_health) -> Outcome:
    """Look, put on record what there is to tell, and send what waits."""
    now = house.clock()
    findings = [*look(house), *find_undelivered(house)]
    watched = watch(house, now)
    counts = Counter(record(house, findings, watched.alerts, now))
    advance(1)
    sent, failures = deliver(house)
    counts.update(sent)
    counts.update({f"bars_{standing}": number for standing, number in watched.counts.items()})
    return Outcome(counts, tuple(failures), tuple(watched.notes))


def record(house: House, findings: Iterable[Finding], shocks: Iterable[Alert], now: dt.datetime) -> dict[str, int]:
    """Everything that this look found, in one transaction: alerts, what becomes of those before, and the messages."""
    messages: list[Message] = []
    counts = dict.fromkeys((*(step.value for step in Step), "shocks"), 0)
    with database.begin(house.engine) as connection:
        decision = decide(alerts.load_troubles(connection), findings, now, patience_of(house))
        alerts.save_troubles(connection, decision)
        for told in decision.told:
            one = describe_trouble(told.trouble)
            _note(connection, one, told.step, now)
            counts[told.step.value] += 1
            messages += address(house, one, told.step, now)
        for shock in shocks:
            if not alerts.is_near(connection, shock, _APART) and alerts.record(connection, shock, recorded_at=now):
                counts["shocks"] += 1
                messages += address(house, shock, Step.OPENED, now)
        alerts.enqueue(connection, messages)
    return counts


def _note(connection: sa.Connection, one: Alert, step: Step, now: dt.datetime) -> None:
    if step is Step.OPENED:
        alerts.record(connection, one, recorded_at=now)
    else:
        alerts.restate(connection, one, resolved_at=now if step is Step.RESOLVED else None)


def address(house: House, one: Alert, step: Step, now: dt.datetime) -> list[Message]:
    """The messages that tell of this step: one for each hook that wants it, after the quiet hours where they hold."""
    settings = house.settings
    quiet = read_quiet_hours(settings.alerts.quiet_hours, read_zone(settings.daemon.zone), "alerts.quiet_hours")
    send_at = quiet.find_release(now, one.severity) if quiet else now
    return [compose(one, step, hook.name, now, send_at) for hook in settings.alerts.hook if wants(hook, one)]


def wants(hook: Hook, one: Alert) -> bool:
    """Whether this hook is told of such alerts."""
    return one.kind.value in hook.tells and RANK[one.severity] >= RANK[hook.severity]


def patience_of(house: House) -> Patience:
    """When a trouble is told, by the settings."""
    chosen = house.settings.alerts
    return Patience(
        parse_duration(chosen.hold),
        parse_duration(chosen.clear),
        parse_duration(chosen.remind) if chosen.remind else None,
        chosen.severity,
    )
