"""Why a venue did not give what was asked: one short list of reasons for many dialects, and whether to try again."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """`reason` is stable; `is_retriable`: trying in a later run can help; `is_passing`: trying in seconds can."""

    reason: str
    is_retriable: bool
    is_passing: bool


RATE_LIMITED = Failure("rate_limited", is_retriable=True, is_passing=True)
BANNED = Failure("banned", is_retriable=True, is_passing=False)  # asking a venue that bans only lengthens the ban
GEO_BLOCKED = Failure("geo_blocked", is_retriable=False, is_passing=False)
UNAVAILABLE = Failure("unavailable", is_retriable=True, is_passing=True)
UNKNOWN_ERROR = Failure("unavailable", is_retriable=True, is_passing=False)
MAINTENANCE = Failure("maintenance", is_retriable=True, is_passing=False)
TIMEOUT = Failure("timeout", is_retriable=True, is_passing=True)
MALFORMED = Failure("malformed", is_retriable=True, is_passing=True)
TOO_LARGE = Failure("too_large", is_retriable=False, is_passing=False)
REDIRECTED = Failure("redirected", is_retriable=False, is_passing=False)
BAD_SYMBOL = Failure("bad_symbol", is_retriable=False, is_passing=False)
NOT_SUPPORTED = Failure("not_supported", is_retriable=False, is_passing=False)

_BY_STATUS = {
    408: TIMEOUT, 418: BANNED, 429: RATE_LIMITED, 451: GEO_BLOCKED, 504: TIMEOUT,
}  # fmt: skip
# Kinds are class names of ccxt's error tree, most telling first.
_BY_KIND = (
    ("BadSymbol", BAD_SYMBOL),
    ("OnMaintenance", MAINTENANCE),
    ("RequestTimeout", TIMEOUT),
    ("RateLimitExceeded", RATE_LIMITED),
    ("DDoSProtection", RATE_LIMITED),
    ("NotSupported", NOT_SUPPORTED),
    ("PermissionDenied", BANNED),
    ("AuthenticationError", NOT_SUPPORTED),
    ("BadRequest", NOT_SUPPORTED),
    ("ArgumentsRequired", NOT_SUPPORTED),
    ("ConnectionError", UNAVAILABLE),  # of `requests`: what went wrong below ccxt
)
# Gemini's and Kraken's words, which ccxt files under bad requests and unknown errors.
_UNKNOWN_PAIR = ("invalidsymbol", "unknown asset pair")
_ABROAD = ("restricted location", "country", "region", "jurisdiction")


def classify(kinds: Collection[str], status: int | None, text: str) -> Failure:
    """The reason behind an error of `kinds` (class names), HTTP `status` (None: no answer came) and body `text`.

    Words of the venue itself outrank the status only where the status is used for many things (403, 5xx).
    """
    lowered = text[:2000].lower()
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 403:
        return GEO_BLOCKED if any(word in lowered for word in _ABROAD) else BANNED
    if "lockout" in lowered:
        return BANNED
    if any(words in lowered for words in _UNKNOWN_PAIR):
        return BAD_SYMBOL
    for kind, failure in _BY_KIND:
        if kind in kinds:
            return failure
    if status is not None and status >= 500:
        return _classify_server_error(lowered)
    if status is not None and 400 <= status < 500:
        return NOT_SUPPORTED
    return UNAVAILABLE if "NetworkError" in kinds else UNKNOWN_ERROR


def _classify_server_error(lowered: str) -> Failure:
    if "maintenance" in lowered:
        return MAINTENANCE
    # Bitfinex sends its refusals with status 500: ["error", code, text].
    return NOT_SUPPORTED if lowered.lstrip().startswith('["error"') else UNAVAILABLE


def read_retry_after(value: str | None, *, date: dt.datetime | None) -> float | None:
    """Seconds to wait by a Retry-After header (seconds, or an HTTP date against the answer's own `date`), ≥ 0.

    None where it is absent or cannot be read; a wait in the past is 0.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = read_http_date(text)
    return None if until is None or date is None else max(0.0, (until - date).total_seconds())


def read_http_date(value: str | None) -> dt.datetime | None:
    """An HTTP date (RFC 9110 §5.6.7) in UTC, or None where it is absent or cannot be read."""
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return parsed.astimezone(dt.UTC) if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
