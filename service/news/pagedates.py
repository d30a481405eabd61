"""When a page says it was published and changed: JSON-LD, meta elements, visible time elements."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.news.article import UNDATED, Dated, InstantOrigin
from service.news.dates import DAY_ONLY, read
from service.news.jsonld import text_of

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


def read_published(
    article: Mapping[str, Any], metas: Mapping[str, str], root: Any, *, url: str, zone: str | None
) -> Dated:
    """The publication a page declares; the first time with a zone wins, then a time without, then a bare day.

    `article` is the JSON-LD node, `metas` the meta elements by lower-case name, `root` the parsed page. Visible `time`
    elements count only where nothing is declared (they may belong to other stories), the day in `url` only then.
    """
    declared = [text_of(article.get(name)) for name in ("datePublished", "dateCreated")]
    declared[1:1] = [metas[name] for name in _PUBLISHED if name in metas]
    found = _best(declared, zone)
    if found.instant is None:
        found = _best([*_times(root)], zone, otherwise=found)
    if found.instant is None and (day := _DAY_IN_ADDRESS.search(url)):
        found = _best(["-".join(day.groups())], zone, otherwise=found)
    return found


def read_modified(article: Mapping[str, Any], metas: Mapping[str, str], zone: str | None) -> Dated:
    """The last change a page declares, chosen like the publication."""
    return _best([text_of(article.get("dateModified")), *(metas[name] for name in _MODIFIED if name in metas)], zone)


def _best(written: list[str], zone: str | None, otherwise: Dated = UNDATED) -> Dated:
    read_ones = [read(text, origin=InstantOrigin.PAGE, zone=zone) for text in written if text.strip()]
    dated = [one for one in read_ones if one.instant is not None]
    if not dated:
        return next(iter(read_ones), otherwise)
    return min(dated, key=lambda one: (one.reason == DAY_ONLY, one.zone_assumed))  # the first among equals


def _times(root: Any) -> Iterator[str]:
    """Machine-readable times near the headline: marked as publication first, then those of the first article."""
    marked = root.xpath("//*[@itemprop='datePublished' or @pubdate][@datetime or @content]")
    shown = root.xpath("(//article//time[@datetime] | //main//time[@datetime] | //header//time[@datetime])[1]")
    for element in [*marked[:3], *shown]:
        yield element.get("datetime") or element.get("content") or ""
