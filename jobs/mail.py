"""The one way out for mail: the only file that opens a connection to a mail server.

The server is the operator's own choice, so it may be inside his network; what protects is that nothing is sent before
TLS is verified, and that no header can be made of anything that came from outside.
"""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from service.errors import WorkFailed

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_BOTH_WAYS = 2  # socket.SHUT_RDWR


class MailFailed(WorkFailed):
    """The server did not take a mail; `is_down`: it would take no other either."""

    def __init__(self, reason: str, message: str, *, is_down: bool) -> None:
        self.is_down = is_down
        super().__init__(reason, message)


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server and how to speak to it; `port` 0 is the usual one, `ca_file` None the system's certificates."""

    host: str
    port: int = 0
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    ca_file: Path | None = None
    timeout_seconds: float = 10.0  # for each answer, and three times as long for all of it


def send_mail(server: MailServer, letter: EmailMessage) -> None:
    """Give one mail to the server; raises `MailFailed` unless it took it for every address.

    A mail that some addresses were refused for counts as not taken: those that got it know it by its Message-ID.
    """
    where = f"{server.host}:{server.port or _PORTS[server.security]}"
    try:
        with _connect(server) as connection:
            refused = connection.send_message(letter)
    except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
        raise _translate(error, where, server) from None
    if refused:
        raise MailFailed("recipient_refused", f"{where}: refused {', '.join(sorted(refused))}", is_down=False)


@contextmanager
def _connect(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that is secure and logged in, ended after three times the time-out whatever it is doing."""
    context = None if server.security == "none" else ssl.create_default_context(cafile=server.ca_file)
    connection = (
        smtplib.SMTP_SSL(timeout=server.timeout_seconds, context=context)
        if server.security == "tls"
        else smtplib.SMTP(timeout=server.timeout_seconds)
    )
    connection._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 - whose certificate is asked for
    ending = threading.Timer(3 * server.timeout_seconds, _cut, (connection,))
    ending.daemon = True
    ending.start()
    try:
        connection.connect(server.host, server.port or _PORTS[server.security])
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        yield connection
        _leave(connection)
    finally:
        ending.cancel()
        connection.close()


def _leave(connection: smtplib.SMTP) -> None:
    """What was taken is taken, whatever the server does when told goodbye."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        return


def _cut(connection: smtplib.SMTP) -> None:
    """A server that sends a byte now and then never runs into the time-out of a single answer."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(_BOTH_WAYS)
        except OSError:
            return


def _translate(error: Exception, where: str, server: MailServer) -> MailFailed:
    reason, is_down = _name(error)
    told = " ".join(str(error).split())[:200]
    for secret in (server.password, server.user):
        told = told.replace(secret, "…") if secret else told
    return MailFailed(reason, f"{where}: {type(error).__name__}: {told}", is_down=is_down)


_NAMES: tuple[tuple[type[Exception], str, bool], ...] = (
    (smtplib.SMTPAuthenticationError, "unauthorized", True),
    (smtplib.SMTPNotSupportedError, "not_supported", True),
    (smtplib.SMTPRecipientsRefused, "recipient_refused", False),
    (smtplib.SMTPSenderRefused, "sender_refused", False),
    (smtplib.SMTPDataError, "refused", False),
    (ssl.SSLError, "tls", True),
    (TimeoutError, "read_timeout", True),
    (smtplib.SMTPServerDisconnected, "reset", True),
    (smtplib.SMTPException, "refused", True),
    (OSError, "connect_failed", True),
    (ValueError, "malformed", False),
)


def _name(error: Exception) -> tuple[str, bool]:
    return next((reason, is_down) for kind, reason, is_down in _NAMES if isinstance(error, kind))
