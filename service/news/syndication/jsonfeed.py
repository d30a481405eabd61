"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) into entries."""

import html
import json
from collections.abc import Mapping
from typing import Any

from service.errors import ParseFailed
from service.news.article import Feed, FeedEntry, InstantOrigin
from service.news.dating.dates import read
from service.news.syndication.feedlimits import (
    LONGEST_CONTENT,
    LONGEST_SUMMARY,
    MOST_NAMES,
    Faults,
    cut,
    guid_of,
    language_of,
    line_of,
    link_of,
    names_of,
    title_of,
)
from service.news.text.characters import clean


def read_json_feed(text: str, *, url: str, zone: str | None, faults: Faults, most_entries: int) -> Feed:
    """The feed in a JSON text. Raises `ParseFailed("malformed")` where it is no JSON or no JSON Feed."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseFailed("malformed", f"not readable as JSON: {str(error)[:200]}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ParseFailed("malformed", "JSON without a list of items is no feed")
    if "jsonfeed.org/version/" not in _text(document.get("version")):
        faults.add("malformed")
    if len(items) > most_entries:
        faults.add("too_many_items")
    base = url or _text(document.get("feed_url")) or _text(document.get("home_page_url"))
    language = language_of(document.get("language"))
    entries = []
    for item in items[:most_entries]:
        if isinstance(item, dict):
            entries.append(_entry(item, base=base, language=language, zone=zone, faults=faults))
        else:
            faults.add("malformed")
    return Feed(
        kind="json",
        title=title_of(_text(document.get("title")), faults),
        url=url or link_of(base, "", faults),
        language_claim=language,
        entries=tuple(entries),
    )


def _entry(item: Mapping[str, Any], *, base: str, language: str, zone: str | None, faults: Faults) -> FeedEntry:
    language = language_of(item.get("language")) or language
    plain = clean(_text(item.get("content_text")))
    content = _text(item.get("content_html")) or _paragraphs(plain)
    link = link_of(_text(item.get("url")) or _text(item.get("external_url")), base, faults)
    modified = _text(item.get("date_modified"))
    published = _text(item.get("date_published")) or modified
    return FeedEntry(
        guid=guid_of(_text(item.get("id"))) or link,
        url=link,
        title=title_of(html.escape(_text(item.get("title")), quote=False), faults),
        summary=line_of(html.escape(_text(item.get("summary")), quote=False), LONGEST_SUMMARY, faults),
        content_html=cut(content, LONGEST_CONTENT, faults),
        published=read(published, origin=InstantOrigin.FEED, zone=zone, language=language),
        modified=read(modified, origin=InstantOrigin.FEED, zone=zone, language=language),
        authors=names_of(_names(item)),
        language_claim=language,
        tags=names_of(_list(item.get("tags"))),
    )


def _names(item: Mapping[str, Any]) -> list[object]:
    """Authors of 1.1 (a list) or 1.0 (one object)."""
    people = [*_list(item.get("authors")), item.get("author")]
    return [person.get("name") for person in people if isinstance(person, dict)]


def _list(value: object) -> list[Any]:
    return value[:MOST_NAMES] if isinstance(value, list) else []


def _text(value: object) -> str:
    """A string as it stands, a number as its digits (ids are often numbers), anything else as nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _paragraphs(plain: str) -> str:
    """Plain text as markup, its blank lines kept."""
    return "".join(f"<p>{html.escape(part)}</p>" for part in plain.split("\n\n") if part.strip())
