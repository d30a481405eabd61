"""How a receiver knows that a message is ours, unchanged and fresh: HMAC-SHA256 over the instant and the body.

The header is `t=<seconds since 1970>,v1=<64 hex digits>`; what is signed are the bytes `<seconds>.<body>`. The form is
that of widely used payment webhooks, so that receivers have code for it.
"""

import datetime as dt
import hashlib
import hmac
import re

SIGNATURE_HEADER = "Newscandle-Signature"
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, at: dt.datetime) -> str:
    """The header's value for a message sent `at`."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def is_genuine(secret: str, body: bytes, header: str, now: dt.datetime, *, tolerance_seconds: int = 300) -> bool:
    """Whether `header` signs `body` with `secret`, no further from `now` than the tolerance."""
    told = _FORM.fullmatch(header)
    if told is None:
        return False
    seconds = int(told[1])
    is_fresh = abs(now.timestamp() - seconds) <= tolerance_seconds
    return hmac.compare_digest(told[2], _mac(secret, seconds, body)) and is_fresh


def _mac(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
