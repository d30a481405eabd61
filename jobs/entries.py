"""The entries of one feed: which are new or edited, the page behind each, and the article made of both.

An entry is remembered by a fingerprint of what the feed said. The same fingerprint again costs nothing; an article
another source brought first is left to that source, so two feeds never take turns revising one article.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass

from jobs.egress import PASSING, Egress, Request
from jobs.house import House
from jobs.settings import Source
from service.errors import BadInput, FetchFailed, ParseFailed
from service.instants import parse_duration
from service.news import assemble, pages, urls
from service.news.article import Article, Feed, FeedEntry, Skipped
from service.news.pages import Page
from storage import articles, database, entries

COMMIT_EVERY = 10  # entries: a killed run loses at most these pages
PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class EntryIntake:
    """Takes in feeds of one source."""

    house: House
    egress: Egress
    source: Source

    async def take(self, feed: Feed) -> Counter[str]:
        """Store every new or edited entry of `feed`; counts new, revised, unchanged, skipped and entries."""
        counts: Counter[str] = Counter(entries=len(feed.entries))
        fresh = self._select_fresh(feed)
        counts["unchanged"] += len(feed.entries) - len(fresh)
        for start in range(0, len(fresh), COMMIT_EVERY):
            made = [await self._make(entry) for entry in fresh[start : start + COMMIT_EVERY]]
            counts.update(self._store(fresh[start : start + COMMIT_EVERY], made))
        return counts

    def _select_fresh(self, feed: Feed) -> list[FeedEntry]:
        by_key = {entry_key(entry): entry for entry in reversed(feed.entries)}
        with database.read(self.house.engine) as connection:
            seen = entries.load_fingerprints(connection, list(by_key))
        return [
            entry
            for key, entry in reversed(by_key.items())
            if key not in seen or (seen[key].source == self.source.name and seen[key].fingerprint != fingerprint(entry))
        ]

    async def _make(self, entry: FeedEntry) -> tuple[Article | Skipped, list[Skipped]]:
        page, faults = await self._read_page(entry)
        made = assemble.from_entry(
            entry,
            source=self.source.name,
            first_seen_at=self.house.clock(),
            page=page,
            language=self.source.language,
        )
        return (replay(made, self.source) if isinstance(made, Article) else made), faults

    async def _read_page(self, entry: FeedEntry) -> tuple[Page | None, list[Skipped]]:
        if not self.source.fetch_pages or not entry.url or not self.source.url.startswith(("http://", "https://")):
            return None, []
        try:
            fetched = await self.egress.fetch(Request(entry.url, accept=PAGE_ACCEPT))
            return pages.extract(fetched.body, url=fetched.url, content_type=fetched.content_type), []
        except (FetchFailed, ParseFailed) as error:
            return None, [Skipped(error.reason, entry.url, str(error))]
        except BadInput as error:
            return None, [Skipped("malformed_url", entry.url, str(error))]

    def _store(self, taken: list[FeedEntry], made: list[tuple[Article | Skipped, list[Skipped]]]) -> Counter[str]:
        now = self.house.clock()
        # An entry whose page failed for now is remembered as owned and unread: it is asked for again.
        prints = {
            entry_key(entry): "" if any(fault.reason in PASSING for fault in faults) else fingerprint(entry)
            for entry, (_, faults) in zip(taken, made, strict=True)
        }
        with database.begin(self.house.engine) as connection:
            seen = entries.load_fingerprints(connection, list(prints))
            # A source read at the same time may have stored an entry while this one waited for its page.
            elsewhere = {key for key, found in seen.items() if found.source != self.source.name}
            own = [one for key, one in zip(prints, made, strict=True) if key not in elsewhere]
            ready = [item for item, _ in own if isinstance(item, Article)]
            refused = [item for item, _ in own if isinstance(item, Skipped)]
            faults = [fault for _, some in own for fault in some]
            saved = articles.save(connection, ready, recorded_at=now)
            articles.save_skipped(connection, refused, source=self.source.name, stage="entry", recorded_at=now)
            articles.save_skipped(connection, faults, source=self.source.name, stage="page", recorded_at=now)
            entries.save_fingerprints(connection, prints, source=self.source.name, recorded_at=now)
        unchanged = saved.unchanged + len(elsewhere)
        return Counter(new=saved.new, revised=saved.revised, unchanged=unchanged, skipped=len(refused))


def replay(article: Article, source: Source) -> Article:
    """For sources with `assume_delay`: known that long after publication, and marked so; others unchanged."""
    if not source.assume_delay:
        return article
    return assemble.assume_known(article, parse_duration(source.assume_delay))


def entry_key(entry: FeedEntry) -> str:
    """What an entry is remembered under: its canonical URL, else its GUID, else its title."""
    try:
        name = urls.canonical(entry.url)
    except BadInput:
        name = f"guid:{entry.guid}" if entry.guid else f"title:{entry.title}"
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def fingerprint(entry: FeedEntry) -> str:
    """A hash of what the feed says of the entry; changes with any edit of title, summary or content."""
    said = "\x00".join((entry.title, entry.summary, entry.content_html))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
