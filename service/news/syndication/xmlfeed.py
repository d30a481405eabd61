"""RSS 0.9x to 2.0, RDF and Atom into entries, through feedparser (the only file that knows it)."""

import io
from collections.abc import Iterator
from typing import Any

from service.errors import ParseFailed
from service.news.article import Feed
from service.news.syndication.feedlimits import Faults, language_of, link_of, title_of
from service.news.syndication.feedrecord import Record, make_entry


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
        entries=tuple(
            make_entry(_record(entry), base=base, language=language, zone=zone, faults=faults)
            for entry in entries[:most_entries]
        ),
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


def _record(entry: Any) -> Record:
    published = _text(entry, "published")
    return Record(
        link=_text(entry, "feedburner_origlink") or _text(entry, "link") or _alternate(entry),
        guid=_text(entry, "id"),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        contents=[*_contents(entry)],
        first=published or _text(entry, "created"),
        changed=_text(entry, "updated"),
        first_parsed=dict.get(entry, "published_parsed"),
        changed_parsed=dict.get(entry, "updated_parsed"),
        authors=[*_authors(entry)],
        claims=[
            dict.get(entry, "language"),
            _detail(entry, "title").get("language"),
            _detail(entry, "summary").get("language"),
        ],
        tags=[tag.get("term") or tag.get("label") for tag in dict.get(entry, "tags") or ()],
    )


def _text(mapping: Any, key: str) -> str:
    """A value under its own name: feedparser's look-up follows aliases and makes publications of changes."""
    value = dict.get(mapping, key)
    return value if isinstance(value, str) else ""


def _detail(mapping: Any, key: str) -> Any:
    return dict.get(mapping, f"{key}_detail") or {}


def _contents(entry: Any) -> Iterator[tuple[str, bool]]:
    for content in dict.get(entry, "content") or ():
        if isinstance(value := content.get("value"), str):
            yield value, content.get("type") == "text/plain"


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
