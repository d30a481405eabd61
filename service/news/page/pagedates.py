"""When a page says it was published and changed: JSON-LD, meta elements, visible time elements."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.news.article import UNDATED, Dated, InstantOrigin
from service.news.dating.dates import DAY_ONLY, read
from service.news.page.jsonld import text_of
from service.news.page.shown_dates import find_shown_dates

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "pubdate"),
    *("publish-date", "publish_date", "publishdate", "publication_date", "published_time", "date.published"),
    *(
        "article_date_original",
        "dc.date.issued",
        "dcterms.created",
        "dc.date",
        "dcterms.date",
        "date",
        "rnews:datepublished",
    ),
)
_MODIFIED = (
    *("article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified"),
    *("dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "last_updated", "rnews:datemodified"),
)


_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=/)")


@dataclass(frozen=True, slots=True)
class PageDates:
    """When a page came out and last changed, and what says so: `json_ld`, `meta`, `time`, `shown`, `address`, ""."""

    published: Dated
    published_by: str
    modified: Dated
    modified_by: str


def read_dates(
    article: Mapping[str, Any], metas: Mapping[str, str], root: Any, *, url: str, zone: str | None, language: str
) -> PageDates:
    """What a page declares; the first time with a zone wins, then a time without, then a bare day.

    `article` is the JSON-LD node, `metas` the meta elements by lower-case name, `root` the parsed page. What readers
    see counts only where nothing is declared (it may belong to other stories), the day in `url` only then. `language`
    settles 03/04/2026 in what readers see.
    """
    published = _best(
        [
            ("json_ld", text_of(article.get("datePublished"))),
            *(("meta", metas[name]) for name in _PUBLISHED if name in metas),
            ("json_ld", text_of(article.get("dateCreated"))),
        ],
        zone,
    )
    modified = _best(
        [
            ("json_ld", text_of(article.get("dateModified"))),
            *(("meta", metas[name]) for name in _MODIFIED if name in metas),
        ],
        zone,
    )
    if published[0].instant is None:
        published = _best([("time", written) for written in _times(root)], zone, otherwise=published)
    if published[0].instant is None:
        shown = find_shown_dates(root)
        came_out = [("shown", one.written) for one in shown if not one.is_change]
        published = _best(came_out[:1], zone, otherwise=published, language=language)
        if modified[0].instant is None:
            changed = [("shown", one.written) for one in shown if one.is_change]
            modified = _best(changed[:1], zone, otherwise=modified, language=language)
    if published[0].instant is None and (day := _DAY_IN_ADDRESS.search(url)):
        published = _best([("address", "-".join(day.groups()))], zone, otherwise=published)
    return PageDates(*published, *modified)


def _best(
    written: list[tuple[str, str]],
    zone: str | None,
    *,
    otherwise: tuple[Dated, str] = (UNDATED, ""),
    language: str = "",
) -> tuple[Dated, str]:
    """The surest of the dates written, with what wrote it."""
    read_ones = [
        (read(text, origin=InstantOrigin.PAGE, zone=zone, language=language), by)
        for by, text in written
        if text.strip()
    ]
    dated = [one for one in read_ones if one[0].instant is not None]
    if not dated:
        return otherwise if otherwise[1] or not read_ones else read_ones[0]
    return min(dated, key=lambda one: (one[0].reason == DAY_ONLY, one[0].zone_assumed))  # the first among equals


def _times(root: Any) -> Iterator[str]:
    """Machine-readable times near the headline: marked as publication first, then those of the first article."""
    marked = root.xpath("//*[@itemprop='datePublished' or @pubdate][@datetime or @content]")
    shown = root.xpath("(//article//time[@datetime] | //main//time[@datetime] | //header//time[@datetime])[1]")
    for element in [*marked[:3], *shown]:
        yield element.get("datetime") or element.get("content") or ""
