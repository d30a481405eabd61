"""One message through one hook, out of the house: posted, or mailed."""

import asyncio
import datetime as dt
import ipaddress
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from jobs.alert_settings import Hook
from jobs.egress import Egress, Limits, Posting
from jobs.house import House
from jobs.mail import MailServer, send_mail
from service.alerts.signing import SIGNATURE_HEADER, sign
from service.instants import parse_instant

Body = Mapping[str, Any]


def send(house: House, hook: Hook, body: Body) -> None:
    """Send it once. Raises `FetchFailed` or `MailFailed` unless the receiver took it."""
    if hook.kind == "webhook":
        asyncio.run(_post(house, write_posting(hook, body, house.clock()), limits_of(house, hook)))
    else:
        send_mail(server_of(house, hook), write_mail(hook, body))


async def _post(house: House, posting: Posting, limits: Limits) -> None:
    async with Egress(limits, house.clock) as egress:
        await egress.post(posting)


def write_posting(hook: Hook, body: Body, now: dt.datetime) -> Posting:
    """What is posted: the hook's form of JSON, its id as the key of idempotency, signed where there is a secret."""
    from dashboards.alerts.chat import write_payload  # with it come templates, which a daemon seldom needs

    payload = write_payload(body, hook.body)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": body["id"],
        "Newscandle-Event": body["event"],
    }
    secret = hook.secret.get_secret_value()
    if secret:
        headers[SIGNATURE_HEADER] = sign(secret, payload, now)
    return Posting(hook.url.get_secret_value(), payload, headers)


def limits_of(house: House, hook: Hook) -> Limits:
    """The bounds of a posting: public addresses, and the networks that the operator names for news or for alerts."""
    ingest, alerts = house.settings.ingest, house.settings.alerts
    return Limits(
        contact=ingest.contact,
        connect_timeout=hook.timeout_seconds,
        total_timeout=hook.timeout_seconds,
        attempts=1,
        host_gap=0.0,
        follow_robots=False,
        allow_private=ingest.allow_private_addresses,
        allow_networks=tuple(map(ipaddress.ip_network, (*ingest.allow_networks, *alerts.allow_networks))),
        allow_ports=frozenset(ingest.allow_ports),
    )


def server_of(house: House, hook: Hook) -> MailServer:
    """The mail server of a hook."""
    return MailServer(
        hook.host,
        hook.port,
        hook.security,
        hook.user.get_secret_value(),
        hook.password.get_secret_value(),
        house.path(hook.ca_file) if hook.ca_file else None,
        hook.timeout_seconds,
    )


def write_mail(hook: Hook, body: Body) -> EmailMessage:
    """The mail of a message, the same however often it is sent: its Message-ID is the message's own."""
    from dashboards.alerts.letter import write_letter
    from dashboards.alerts.plain import clean

    letter = write_letter(body)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = hook.sender
    mail["To"] = ", ".join(hook.to)
    mail["Subject"] = clean(letter.subject)
    mail["Date"] = format_datetime(parse_instant(body["queued_at"]))
    mail["Message-ID"] = f"<{body['id']}@{hook.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Newscandle-Event"] = clean(body["event"])
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return mail
