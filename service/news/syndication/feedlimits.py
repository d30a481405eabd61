"""The sizes a feed may have, and how its texts become plain ones within them."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from service.errors import BadInput
from service.news.text.characters import clean, fold
from service.news.text.markup import to_line
from service.news.urls import LONGEST, is_plain, resolve

LARGEST_BODY = 10_000_000
MOST_ENTRIES = 5_000
MOST_TAGS = 40_000  # of a feed that only feedparser can read
LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 20_000
LONGEST_CONTENT = 1_000_000
LONGEST_NAME = 200
MOST_NAMES = 50
_MARKUP_SHARE = 5  # markup around a text may be this many times longer than the text


class Faults:
    """Stable codes of what was wrong with a feed, each once, in the order they were met."""

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def add(self, code: str) -> None:
        """Note a fault."""
        self._codes.setdefault(code)

    def codes(self) -> tuple[str, ...]:
        """All faults noted."""
        return tuple(self._codes)


def title_of(markup: str, faults: Faults) -> str:
    """A title as one plain line of at most 1,000 characters."""
    return line_of(markup, LONGEST_TITLE, faults)


def line_of(markup: str, longest: int, faults: Faults) -> str:
    """A plain line of at most `longest` characters; what is cut off is noted as `field_too_large`."""
    if len(markup) <= longest and "<" not in markup and "&" not in markup:
        return fold(markup)
    whole = cut(markup, longest * _MARKUP_SHARE + 1_000, faults)
    if len(whole) < len(markup) and whole.rfind(">") < (last := whole.rfind("<")):
        whole = whole[:last]  # the tag that was cut through
    line = to_line(whole)
    return cut(line, longest, faults).rstrip()


def cut(text: str, longest: int, faults: Faults) -> str:
    """The text, or its beginning where it is longer than `longest`, noted as `field_too_large`."""
    if len(text) <= longest:
        return text
    faults.add("field_too_large")
    return text[:longest]


def guid_of(text: str) -> str:
    """An identifier on one line; a monstrous one is replaced by its hash, which identifies as well."""
    if len(text) <= LONGEST_TITLE and is_plain(text):
        return text
    guid = fold(text[:10_000])
    return guid if len(guid) <= LONGEST_TITLE else "sha256:" + hashlib.sha256(guid.encode()).hexdigest()


def link_of(link: str, base: str, faults: Faults) -> str:
    """An absolute http(s) address, or "" (noted as `field_too_large` or `blocked_scheme`) where it is none."""
    if len(link) <= LONGEST and is_plain(link):
        return link
    link = clean(link[: LONGEST + 1]).strip()
    if not link:
        return ""
    try:
        return resolve(link, base)
    except BadInput:
        faults.add("field_too_large" if len(link) > LONGEST else "blocked_scheme")
        return ""


def names_of(names: Iterable[object]) -> tuple[str, ...]:
    """Distinct names as short plain lines, at most 50."""
    found: dict[str, None] = {}
    for name in names:
        if name and isinstance(name, str) and (line := _name_of(name[: LONGEST_NAME * 2])):
            found[line] = None
        if len(found) == MOST_NAMES:
            break
    return tuple(found)


@lru_cache(1024)
def _name_of(name: str) -> str:
    """A name as a line; a feed tells the same authors and tags with every item."""
    return to_line(name)[:LONGEST_NAME].rstrip()


def language_of(claim: object) -> str:
    """A language claim such as `nl` or `en-US`, lower case up to the first sign that is no letter, digit or hyphen."""
    return _language_of(claim[:40]) if isinstance(claim, str) else ""


@lru_cache(256)
def _language_of(claim: str) -> str:
    text = fold(claim).replace("_", "-")
    return text if text.replace("-", "").isalnum() and text.isascii() else ""
