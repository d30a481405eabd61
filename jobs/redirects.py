"""Where a redirect leads, if it may lead there: http(s) only, never from https down, never in a circle."""

from urllib.parse import urljoin, urlsplit

from jobs.asking import shown
from service.errors import FetchFailed

MAX_REDIRECTS = 5
PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}


def next_address(url: str, location: str, seen: set[str]) -> str:
    """The address that `location` names, which joins those `seen`. Raises `FetchFailed` where it is not followed."""
    try:
        target = urljoin(url, _escape(location.strip()))
        parts = urlsplit(target)
        is_fit = bool(location) and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
    if not is_fit:
        raise FetchFailed(
            "redirect_scheme", f"{shown(url)}: redirects to {shown(location[:200])!r}, no http(s) address"
        )
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise FetchFailed("redirect_scheme", f"{shown(url)}: redirects from https down to http")
    if target in seen:
        raise FetchFailed("redirect_loop", f"{shown(url)}: redirects in a circle")
    if len(seen) > MAX_REDIRECTS:
        raise FetchFailed("redirect_limit", f"{shown(url)}: more than {MAX_REDIRECTS} redirects")
    seen.add(target)
    return target


def _escape(location: str) -> str:
    """Bytes that are no UTF-8, as a header's text holds them (surrogates), as escapes: `%E9`."""
    return "".join(f"%{ord(sign) - 0xDC00:02X}" if "\udc80" <= sign <= "\udcff" else sign for sign in location)
