"""One spelling per story: canonical URLs are the identity of articles.

The rule: two addresses that differ only in *how* a story is reached are one (scheme, `www.`, mobile and AMP variants,
default port, credentials, fragment, tracking, order of the query, spelling of escapes, trailing slash). Whatever could
choose another story stays: path and its case, other parameters, other ports, other hosts.
"""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

from service.errors import BadInput
from service.news.tracking import is_tracking

LONGEST = 4_096
PLAIN = re.compile(
    r"https?://(?=[^/]{1,253}/)[a-z0-9]+(?:[.-][a-z0-9]+)*/[\w/.~%&=+,:@!$'()*-]*"
    r"(?:\?[\w/.~%&=+,:@!$'()*?-]+)?(?:#[\w/.~%&=+,:@!$'()*?-]+)?",
    re.ASCII,
)
"""Addresses that stand as they are: absolute, without port, odd characters or anything to resolve."""
_LATEST_PLAIN = 256
_REMEDY = "give an absolute http or https address"
_PATH_SIGNS = "/!$&'()*+,;=:@"
_HEX = re.compile(r"%([0-9A-Fa-f]{2})|(%)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_VARIANT = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|cfm|pl|do|dll)$", re.IGNORECASE)
_AMP_FILE = re.compile(r"(?<=[^/])\.amp(\.html)?$")
_GENERIC_WORDS = "article articles story stories news item page post read reader detail details show view display id"
_GENERIC = frozenset(_GENERIC_WORDS.split())
_CACHE = re.compile(r"google\.[a-z.]{2,6}/amp/(?:s/)?(.+)|[a-z0-9-]+\.cdn\.ampproject\.org/[cv]/(?:s/)?(.+)")


def is_plain(address: str) -> bool:
    """Whether an address is `PLAIN`; one item of a feed tells the same address several times."""
    return _is_plain(address) if len(address) <= LONGEST else PLAIN.fullmatch(address) is not None


@lru_cache(_LATEST_PLAIN)
def _is_plain(address: str) -> bool:
    return PLAIN.fullmatch(address) is not None


def canonical(url: str, base: str = "") -> str:
    """The spelling under which a story is known; `base` resolves a relative `url`. Idempotent.

    `https` stands for both schemes unless a port is named, so the result is an identity first and nearly always a
    working link. Raises `BadInput` for anything but http(s), hosts that cannot be, and more than 4,096 characters.
    """
    parts = _split(url, base)
    while (cached := _CACHE.match(_straight(parts, url))) is not None:  # ends: each round is shorter
        parts = _split(f"https://{cached.group(1) or cached.group(2)}", "")
    host, port = _host(parts, url)
    path = _path(parts.path)
    query = _query(parts.query, names_story=_names_story(path))
    fragment = f"#{_escape(parts.fragment, '/!$&()*+,;=:@?')}" if parts.fragment.startswith(("!", "/")) else ""
    return f"{'http' if port and parts.scheme == 'http' else 'https'}://{host}{port}{path}{query}{fragment}"


def resolve(url: str, base: str = "") -> str:
    """The absolute http(s) address as it stands (tracking and all), fit for fetching. Raises `BadInput`."""
    parts = _split(url, base)
    _host(parts, url)
    return parts.geturl()


def host_of(url: str) -> str:
    """The host of a canonical form: `www.`, `m.` and `amp.` left out. Raises `BadInput`."""
    return _host(_split(url, ""), url)[0]


def _split(url: str, base: str) -> SplitResult:
    cleaned = "".join(url.split("\n")).strip(" \t\r\f\v\0")
    try:
        parts = urlsplit(urljoin(base.strip(), cleaned) if base else cleaned)
        too_long = len(parts.geturl()) > LONGEST
    except ValueError as error:
        raise BadInput("url", url, _REMEDY) from error
    # A backslash ends the host in browsers, not in Python: such an address has two readings.
    if parts.scheme not in ("http", "https") or not parts.netloc or "\\" in parts.netloc:
        raise BadInput("url", url, _REMEDY)
    if too_long:
        raise BadInput("url", url, f"shorten it to {LONGEST} characters")
    return parts


def _straight(parts: SplitResult, url: str) -> str:
    """Host, path and query, as far as an AMP cache can be told by them."""
    path = re.sub(r"^/{2,}", "/", _without_dots(_escape(parts.path, _PATH_SIGNS)))
    return _host(parts, url)[0] + path + (f"?{parts.query}" if parts.query else "")


def _host(parts: SplitResult, url: str) -> tuple[str, str]:
    """Host in lower case and ASCII without variant labels, and `:port` unless it is a default one."""
    try:
        name, port = (parts.hostname or "").rstrip("."), parts.port
        host = f"[{ipaddress.IPv6Address(name).compressed}]" if ":" in name else _ascii(name)
    except (ValueError, UnicodeError) as error:
        raise BadInput("url", url, _REMEDY) from error
    if not host.startswith("[") and (not _HOST.fullmatch(host) or len(host) > 253):
        raise BadInput("url", url, _REMEDY)
    while label := _VARIANT.match(host):
        host = host[label.end() :]
    return host, "" if port in (None, 80, 443) else f":{port}"


def _ascii(name: str) -> str:
    return name.lower() if name.isascii() else name.encode("idna").decode("ascii").lower()


def _path(path: str) -> str:
    """The path without what is no part of a story's name. Each cut may bare another, hence the loop."""
    path = _SESSION.sub("", _escape(path, _PATH_SIGNS))
    previous = None
    while path != previous:
        previous = path
        path = re.sub(r"^/{2,}", "/", _without_dots(path))
        path = _INDEX.sub("/", path).rstrip("/")
        if path.lower().endswith("/amp") and path.count("/") > 1:
            path = path[:-4]
        if path.lower().startswith("/amp/") and path.strip("/").count("/") > 0:
            path = path[4:]
        path = _AMP_FILE.sub(r"\1", path)
    return path or "/"


def _without_dots(path: str) -> str:
    """`/a/./b/../c` → `/a/c` (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept) or "/"


def _query(query: str, *, names_story: bool) -> str:
    """The parameters that may choose a story, sorted; "" or with its `?`."""
    kept = set()
    for pair in query.split("&"):
        name, mark, value = pair.partition("=")
        name = _escape(name.replace("+", "%20"), "!$'()*,;:@/?[]")
        value = _escape(value.replace("+", "%20"), "!$'()*,;:@/?=[]")
        if (name or value) and not is_tracking(name, names_story=names_story):
            kept.add((name, mark, value))
    return "?" + "&".join("".join(pair) for pair in sorted(kept)) if kept else ""


def _names_story(path: str) -> bool:
    """Whether the last part of the path is a number or slug, so that no parameter is needed to choose the story."""
    last = path.rsplit("/", 1)[-1].lower()
    if _SCRIPT.search(last):
        return False
    words = [word for word in re.split(r"[-_]", last.removesuffix(".html").removesuffix(".htm")) if word]
    return bool(re.search(r"\d{3}", last)) or len(words) > 2 or (len(words) == 2 and not _GENERIC.intersection(words))


def _escape(text: str, safe: str) -> str:
    """Normal escapes: unreserved characters plain, `%XX` in upper case, the rest escaped as UTF-8. Idempotent."""
    allowed = _UNRESERVED | frozenset(safe.encode())

    def normal(found: re.Match[str]) -> str:
        if found.group(2):
            return "%25"
        byte = int(found.group(1), 16)
        return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"

    spelled = _HEX.sub(normal, text).encode("utf-8", "replace")
    return "".join(chr(byte) if byte in allowed or byte == 0x25 else f"%{byte:02X}" for byte in spelled)
