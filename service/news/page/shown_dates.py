"""Dates that readers see on a page, where it declares none: beside the headline, never under comments or elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

_TAGS = ("h1", "time", "span", "div", "p", "li", "small", "abbr", "td", "em", "i", "h5", "h6", "dd", "strong", "a", "b")
_NAMED = re.compile(
    r"(?:^|[-_\s])(?:date|time|datum|tijd|published|posted|timestamp|pubdate|dateline|created|updated)(?:[-_\s]|$)"
    r"|(?:post|entry|article|publish|publication|pub|story)[-_]?(?:date|time|meta|info)",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"comment|reacties|respon|related|recommend|popular|footer|sidebar|teaser|widget|masthead|top-?bar|site-?header|weather"
    r"|clock|current-?date|today|ticker|latest|archive|calendar|event",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"\b(?:updated?|modified|changed|edited|bijgewerkt|gewijzigd|aangepast|laatst)\b", re.IGNORECASE)
_DAY = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?[\s.,-]{1,3}(?:of )?[a-z]{3,9}\.?[\s,.-]{1,3}\d{4}"
    r"|[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
)
_CLOCK = (
    r"(?:(?:[T\s,|•·–-]| at | om | @ ){1,4}\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?\b)?(?: uur)?"
    r"(?: ?(?:utc|gmt|cest|cet|est|edt|pst|pdt|bst|z)\b)?)?"
)
_DATE = re.compile(_DAY + _CLOCK, re.IGNORECASE)
_MOST_LOOKED_AT = 4_000  # elements
_NEAR = 250  # elements behind the headline: further down dates are other stories'
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class ShownDate:
    """A date as written; `is_change` where it says when the page was changed."""

    written: str
    is_change: bool


def find_shown_dates(root: Any) -> list[ShownDate]:
    """Dates near the headline in the order of their weight: behind it first, those before it last."""
    before: list[ShownDate] = []
    behind: list[ShownDate] = []
    headline_at: int | None = None
    for position, element in enumerate(islice(root.iter(*_TAGS), _MOST_LOOKED_AT)):
        if element.tag == "h1":
            headline_at = position if headline_at is None else headline_at
        elif headline_at is not None and position > headline_at + _NEAR:
            break
        else:
            (before if headline_at is None else behind).extend(_dates_in(element))
    return [*behind, *reversed(before[-3:])]


def _dates_in(element: Any) -> Iterator[ShownDate]:
    get = element.get
    if element.tag != "time" and not _NAMED.search(
        f"{get('class') or ''} {get('id') or ''} {get('itemprop') or ''}"[:200]
    ):
        return
    line = " ".join("".join(islice(element.itertext(), 20)).split())
    if not 6 <= len(line) <= _LONGEST or (found := _DATE.search(line)) is None or _is_foreign(element):
        return
    yield ShownDate(re.sub(r"\s*[|•·@]\s*", " ", found.group()), bool(_CHANGED.search(line[: found.start()])))


def _is_foreign(element: Any) -> bool:
    around = (element, *islice(element.iterancestors(), 8))
    return any(
        one.tag in ("aside", "footer", "nav") or (one.tag not in ("body", "html") and _FOREIGN.search(_name(one)))
        for one in around
    )


def _name(element: Any) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
