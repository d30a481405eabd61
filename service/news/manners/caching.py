"""How long an answer may be kept and how long a host wants to be left alone, as headers tell it.

Whatever cannot be read says nothing: None. Expires is held against the server's own Date: its clock may be wrong.
"""

import datetime as dt
import email.utils
import re
from typing import Final

LONGEST_RETRY_AFTER_SECONDS: Final = 7 * 24 * 3600.0
LONGEST_LIFETIME: Final = dt.timedelta(days=366)
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,12})\"?\s*(?=,|$)", re.IGNORECASE)
_NOT_KEPT: Final = re.compile(r"(?:^|,)\s*(?:no-store|no-cache)\s*(?=,|=|$)", re.IGNORECASE)
_TTL: Final = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD: Final = re.compile(rb"<\w+:updatePeriod[^>]*>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY: Final = re.compile(rb"<\w+:updateFrequency[^>]*>\s*(\d{1,4})\s*<", re.IGNORECASE)
_FIRST_ITEM: Final = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)
_HOURS: Final = {b"hourly": 1, b"daily": 24, b"weekly": 168, b"monthly": 720, b"yearly": 8760}
_HEAD: Final = 20_000  # bytes before the first item in which a feed tells of itself


def read_retry_after(header: str, now: dt.datetime) -> float | None:
    """Seconds to wait that a Retry-After header asks for (seconds or HTTP date), 0 to a week; None if unreadable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_SECONDS)
    until = _read_date(text)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


def read_lifetime(*, cache_control: str, expires: str, age: str, date: str, now: dt.datetime) -> dt.timedelta | None:
    """For how long from `now` an answer with these headers stays fresh (RFC 9111, 4.2); None where nothing is said.

    `no-store`, `no-cache`, `max-age=0` and an Expires that is past or no date (`0`, `-1`) say nothing of when to ask
    again, and do not undo what else does.
    """
    if _NOT_KEPT.search(cache_control):
        return None
    found = _MAX_AGE.search(cache_control)
    if found is not None:
        spent = int(age[:12]) if age.isascii() and age.strip().isdigit() else 0
        return _positive(int(found.group(1)) - spent)
    until = _read_date(expires)
    return None if until is None else _positive((until - (_read_date(date) or now)).total_seconds())


def read_feed_wish(body: bytes) -> int:
    """After how many seconds a feed says it is worth asking again, 0 where it does not.

    RSS `ttl` is in minutes, `sy:updatePeriod` is divided by `sy:updateFrequency`; the longer counts. Only its head is
    looked at, up to the first item.
    """
    if not body:
        return 0
    head = body[:_HEAD]
    first = _FIRST_ITEM.search(head)
    head = head[: first.start()] if first else head
    minutes = [int(found.group(1)) for found in (_TTL.search(head),) if found]
    if (period := _PERIOD.search(head)) is not None:
        frequency = _FREQUENCY.search(head)
        times = max(1, int(frequency.group(1))) if frequency else 1
        minutes.append(_HOURS[period.group(1).lower()] * 60 // times)
    return min(60 * max(minutes, default=0), int(LONGEST_LIFETIME.total_seconds()))


def _positive(seconds: float) -> dt.timedelta | None:
    return dt.timedelta(seconds=min(seconds, LONGEST_LIFETIME.total_seconds())) if seconds > 0 else None


def _read_date(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        found = email.utils.parsedate_to_datetime(text)
        return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
