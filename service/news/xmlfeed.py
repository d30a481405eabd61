"""RSS 0.9x to 2.0, RDF and Atom into entries, through feedparser (the only file that knows it)."""

import html
import io
from collections.abc import Iterator
from typing import Any

from service.errors import ParseFailed
from service.news.article import Dated, Feed, FeedEntry, InstantOrigin
from service.news.characters import clean
from service.news.dates import read
from service.news.feedlimits import (
    LONGEST_CONTENT,
    LONGEST_SUMMARY,
    Faults,
    cut,
    guid_of,
    language_of,
    line_of,
    link_of,
    names_of,
    title_of,
)


def read_xml_feed(text: str, *, url: str, zone: str | None, faults: Faults, most_entries: int) -> Feed:
    """The feed in an XML text; a broken one yields the entries up to the break and the fault `malformed`.

    Raises `ParseFailed("malformed")` where neither a feed nor an entry is found.
    """
    document = _parse(text, url)
    version = str(document.get("version") or "")
    entries = document["entries"]
    if not version and not entries:
        raise ParseFailed("malformed", "no feed and no entry found")
    if document.get("bozo"):
        faults.add("malformed")
    if len(entries) > most_entries:
        faults.add("too_many_items")
    feed = document["feed"]
    language = language_of(dict.get(feed, "language")) or language_of(_detail(feed, "title").get("language"))
    base = url or _text(feed, "link")
    return Feed(
        kind=_kind(version),
        title=title_of(_text(feed, "title"), faults),
        url=url or link_of(base, "", faults),
        language_claim=language,
        entries=tuple(_entry(entry, base, language, zone, faults) for entry in entries[:most_entries]),
    )


def _parse(text: str, url: str) -> Any:
    """feedparser's reading of a document held in memory.

    It opens strings and bytes as files and addresses, hence the stream. Its lenient parser is built on sgmllib, which
    answers some garbage with exceptions of its own.
    """
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ParseFailed("malformed", f"the feed cannot be parsed: {type(error).__name__}") from error


def _kind(version: str) -> str:
    if version.startswith("atom"):
        return "atom"
    return "rdf" if version in ("rss090", "rss10") else "rss"


def _entry(entry: Any, base: str, language: str, zone: str | None, faults: Faults) -> FeedEntry:
    link = link_of(_text(entry, "feedburner_origlink") or _text(entry, "link") or _alternate(entry), base, faults)
    claim = next((found for found in _claims(entry) if found), language)
    content = max(_contents(entry), key=len, default="")
    summary = _text(entry, "summary")
    published, modified = _instants(entry, zone, claim)
    return FeedEntry(
        guid=guid_of(_text(entry, "id")) or link,
        url=link,
        title=title_of(_text(entry, "title"), faults),
        summary=line_of(summary, LONGEST_SUMMARY, faults),
        content_html=cut(content or (summary if "<" in summary else ""), LONGEST_CONTENT, faults),
        published=published,
        modified=modified,
        authors=names_of(_authors(entry)),
        language_claim=claim,
        tags=names_of(tag.get("term") or tag.get("label") for tag in dict.get(entry, "tags") or ()),
    )


def _instants(entry: Any, zone: str | None, language: str) -> tuple[Dated, Dated]:
    """Published and modified. A feed that gives only the change (RDF's dc:date, Atom's updated) means it for both."""
    first = _text(entry, "published") or _text(entry, "created")
    changed = _text(entry, "updated")
    modified = _dated(entry, changed, "updated_parsed", zone, language)
    if not first:
        return modified, modified
    return _dated(entry, first, "published_parsed", zone, language), modified


def _dated(entry: Any, written: str, parsed: str, zone: str | None, language: str) -> Dated:
    """Our reading of a date; for scripts we have no month names of, feedparser's (Korean, Greek, Hungarian)."""
    dated = read(written, origin=InstantOrigin.FEED, zone=zone, language=language)
    foreign = dict.get(entry, parsed)
    if dated.reason != "date_unreadable" or written.isascii() or not foreign:
        return dated
    again = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*foreign[:6])
    understood = read(again, origin=InstantOrigin.FEED)
    return Dated(understood.instant, InstantOrigin.FEED, dated.raw, zone_assumed=True, reason=understood.reason)


def _text(mapping: Any, key: str) -> str:
    """A value under its own name: feedparser's look-up follows aliases and makes publications of changes."""
    value = dict.get(mapping, key)
    return value if isinstance(value, str) else ""


def _detail(mapping: Any, key: str) -> Any:
    return dict.get(mapping, f"{key}_detail") or {}


def _contents(entry: Any) -> Iterator[str]:
    """The markup of each full text an entry carries; plain ones are escaped."""
    for content in dict.get(entry, "content") or ():
        value = content.get("value")
        if isinstance(value, str):
            is_plain = content.get("type") == "text/plain" and "<" not in value
            yield f"<p>{html.escape(clean(value))}</p>" if is_plain and value else value


def _claims(entry: Any) -> Iterator[str]:
    yield language_of(dict.get(entry, "language"))
    for key in ("title", "summary"):
        yield language_of(_detail(entry, key).get("language"))


def _alternate(entry: Any) -> str:
    """The first link that leads to the story, for entries whose main link is not marked as such."""
    for link in dict.get(entry, "links") or ():
        if link.get("rel", "alternate") in ("alternate", "via") and isinstance(link.get("href"), str):
            return str(link["href"])
    return ""


def _authors(entry: Any) -> Iterator[object]:
    for author in dict.get(entry, "authors") or ():
        yield author.get("name") or author.get("email")
    yield dict.get(entry, "author")
