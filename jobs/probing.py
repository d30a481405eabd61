"""What a source would give, found out by asking it once, and its block in the settings file.

address ─egress▶ feed | sitemap | front page ─▶ its feeds ─▶ the first ─▶ entries ─▶ the newest one's page ─▶ Probe
"""

import asyncio
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jobs.asking import shown
from jobs.egress import Egress, Request
from jobs.entries import PAGE_ACCEPT
from jobs.house import House
from jobs.ingest import FEED_ACCEPT, limits_of
from jobs.whole import write_whole
from service.errors import BadInput, FetchFailed, NewscandleError, ParseFailed
from service.news import urls
from service.news.article import Feed, FeedEntry
from service.news.page import pages
from service.news.page.walls import name_wall
from service.news.syndication import discovery, feeds
from service.news.syndication.recognise import Kind, recognise
from service.news.text import languages
from service.news.text.decoding import decode
from service.news.text.markup import to_text

FULL_TEXT = 150
"""Words from which on an entry's own text is taken for the whole story."""
_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PageProbe:
    """The page of the newest entry: words of its text and what is wrong with it, or why it could not be read."""

    url: str
    words: int = 0
    faults: tuple[str, ...] = ()
    failure: str = ""

    @property
    def is_readable(self) -> bool:
        """Whether such pages are worth fetching."""
        return self.words > 0 and not {"paywall_stub", "consent_wall", "challenge"}.intersection(self.faults)


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found at `url`; `kind` is rss, rdf, atom, json or sitemap, `others` further feeds the site names."""

    url: str
    kind: str
    title: str
    entries: int
    dated: int
    full_text: int
    languages: tuple[tuple[str, int], ...]
    faults: tuple[str, ...] = ()
    page: PageProbe | None = None
    others: tuple[str, ...] = ()
    found_on: str = ""  # the front page it was found on


def probe(house: House, url: str) -> Probe:
    """Ask `url` once, as ingest would. Raises `FetchFailed`, `ParseFailed` and `BadInput` with what is wrong."""
    return asyncio.run(_probe(house, url))


async def _probe(house: House, url: str) -> Probe:
    async with Egress(limits_of(house.settings.ingest), house.clock, house.hosts) as egress:
        fetched = await egress.fetch(Request(url, accept=FEED_ACCEPT))
        kind = recognise(fetched.body, fetched.content_type)
        if kind is Kind.SITEMAP:
            return Probe(url, "sitemap", "", fetched.body.count(b"<loc>"), fetched.body.count(b"<lastmod>"), 0, ())
        if kind is Kind.FEED:
            feed = feeds.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
            return await _describe(egress, url, feed)
        links = discovery.find_links(fetched.body, fetched.url, content_type=fetched.content_type)
        named = [link.url for link in links if link.kind == "feed"]
        for place, address in enumerate(named[:3]):
            try:
                told = await egress.fetch(Request(address, accept=FEED_ACCEPT))
                feed = feeds.parse(told.body, content_type=told.content_type, url=told.url)
            except (FetchFailed, ParseFailed):
                continue
            return await _describe(egress, address, feed, named[:place] + named[place + 1 :], found_on=url)
    text = decode(fetched.body, content_type=fetched.content_type).text
    if wall := name_wall(text):
        raise ParseFailed(wall, f"{url}: a {wall.replace('_', ' ')} stands in its place")
    sitemaps = [link.url for link in links if link.kind == "sitemap"]
    told_else = f"; it names the sitemap {sitemaps[0]}" if sitemaps else ""
    raise ParseFailed("html_instead", f"{url}: this is no feed, and names none that can be read{told_else}")


async def _describe(
    egress: Egress, url: str, feed: Feed, others: list[str] | None = None, *, found_on: str = ""
) -> Probe:
    texts = [to_text(entry.content_html) or entry.summary for entry in feed.entries]
    spoken = Counter(
        languages.detect(f"{entry.title}\n{text}"[:700], entry.language_claim or feed.language_claim)[0]
        for entry, text in zip(feed.entries, texts, strict=True)
    )
    newest = max(feed.entries, key=_age, default=None)
    return Probe(
        url=url,
        kind=feed.kind,
        title=feed.title,
        entries=len(feed.entries),
        dated=sum(entry.published.instant is not None for entry in feed.entries),
        full_text=sum(len(text.split()) >= FULL_TEXT for text in texts),
        languages=tuple(spoken.most_common(3)),
        faults=feed.faults,
        page=await _read_page(egress, newest) if newest is not None and newest.url else None,
        others=tuple(others or ()),
        found_on=found_on,
    )


def _age(entry: FeedEntry) -> float:
    return entry.published.instant.timestamp() if entry.published.instant else 0.0


async def _read_page(egress: Egress, entry: FeedEntry) -> PageProbe:
    try:
        fetched = await egress.fetch(Request(entry.url, accept=PAGE_ACCEPT))
        page = pages.extract(fetched.body, url=fetched.url, content_type=fetched.content_type)
    except (FetchFailed, ParseFailed) as error:
        return PageProbe(entry.url, failure=error.reason)
    except NewscandleError:
        return PageProbe(entry.url, failure="malformed_url")
    return PageProbe(entry.url, len(page.text.split()), page.faults)


def as_text(found: Probe) -> str:
    """What was found, for people."""
    facts = {
        "found on": found.found_on,
        "kind": found.kind,
        "title": found.title,
        "entries": f"{found.entries}, {found.dated} dated",
        "full text": f"{found.full_text} of {found.entries} entries have {FULL_TEXT} words or more"
        if found.kind != "sitemap"
        else "",
        "languages": ", ".join(f"{code} {number}" for code, number in found.languages),
        "faults": ", ".join(found.faults),
        "newest page": _describe_page(found.page) if found.page else "",
        "other feeds": ", ".join(found.others[:5]),
    }
    return "\n".join([shown(found.url), *(f"  {name:<13}{told}" for name, told in facts.items() if told)])


def _describe_page(page: PageProbe) -> str:
    if page.failure:
        return f"not read ({page.failure}): {page.url}"
    faults = f", {', '.join(page.faults)}" if page.faults else ""
    return f"{page.words:,} words{faults}: {page.url}"


def add(file: Path, found: Probe, name: str) -> str:
    """Append a `[[source]]` block to the settings file, all else in it as it was; the name it was given.

    Raises `BadInput` where the file is not there or lists no sources, or the name or address is in it already.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput("settings file", str(file), "write one with `newscandle init` first") from error
    held = tomllib.loads(text).get("source", [])
    if not held:
        raise BadInput("settings file", str(file), "lists no sources, so the packaged ones are read: `newscandle init`")
    name = name or _propose_name(found.url)
    if any(one.get("name") == name for one in held):
        raise BadInput("name", name, "is a source already; give another with --name")
    same = [one.get("name") for one in held if _is_same(str(one.get("url", "")), found.url)]
    if same:
        raise BadInput("url", found.url, f"is read already, as {same[0]}")
    added = f"{text.rstrip()}\n\n{_write_block(found, name)}"
    if len(tomllib.loads(added)["source"]) != len(held) + 1:
        raise BadInput("settings file", str(file), "ends in a way that nothing can be appended to; add it by hand")
    _replace(file, added)
    return name


def _propose_name(url: str) -> str:
    host = (urlsplit(url).hostname or "source").removeprefix("www.").removeprefix("feeds.").removeprefix("rss.")
    kept = host if host.replace(".", "").isdigit() else host.rpartition(".")[0] or host
    return _NAME.sub("-", kept.lower()).strip("-")[:64] or "source"


def _is_same(one: str, other: str) -> bool:
    try:
        return urls.canonical(one) == urls.canonical(other)
    except BadInput:
        return one == other


def _write_block(found: Probe, name: str) -> str:
    spoken = found.languages[0][0] if found.languages else ""
    lines = ["[[source]]", f"name = {_quote(name)}", f"url = {_quote(found.url)}"]
    lines += ['kind = "sitemap"'] if found.kind == "sitemap" else []
    lines += [f'language = "{spoken}"'] if spoken not in ("", "en", "und") else []
    lines += ["fetch_pages = false"] if found.page is not None and not found.page.is_readable else []
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _replace(file: Path, text: str) -> None:
    """The old file or the new one, whenever the machine stops; with the rights that the old one had."""
    try:
        write_whole({file: text.encode()})
    except OSError as error:
        raise BadInput("settings file", str(file), f"cannot be written: {error.strerror}") from error
