"""Sitemaps as sources: their recent pages are entries like those of a feed.

    sitemap ─▶ recent pages ─▶ EntryIntake
    index ─▶ newest sitemaps that changed ─▶ egress.fetch ─▶ recent pages ─▶ EntryIntake ─▶ remember the change

A sitemap of an index is remembered, under its address, with the change it named once its pages are stored: a run that
is killed asks for it again.
"""

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, replace

from jobs.egress import Egress, Request
from jobs.entries import EntryIntake
from jobs.house import House
from jobs.settings import Source
from service.errors import FetchFailed, ParseFailed
from service.instants import EPOCH
from service.news.article import Feed, FeedEntry, Skipped
from service.news.syndication import sitemaps
from service.news.syndication.sitemaps import Child
from storage import articles, database, entries

MOST_CHILDREN = 10
"""Sitemaps of one index that are read in one run, the newest first."""
SITEMAP_ACCEPT = "application/xml, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class SitemapIntake:
    """Takes in the sitemaps of one source."""

    house: House
    egress: Egress
    source: Source

    async def take(self, body: bytes, content_type: str, url: str) -> Counter[str]:
        """Store the new pages of a sitemap, or of the sitemaps its index names; counts as `EntryIntake.take`.

        Raises `ParseFailed`; a sitemap of an index that cannot be had is noted and does not stop the others.
        """
        sitemap = sitemaps.parse(body, content_type=content_type, url=url)
        read = [(child, inner) for child in self._select(sitemap.children) if (inner := await self._read(child))]
        feeds = [sitemap.feed, *(inner for _, inner in read)]
        recent = tuple(entry for feed in feeds for entry in feed.entries if self._is_recent(entry))
        faults = tuple(dict.fromkeys(fault for feed in feeds for fault in feed.faults))
        whole = replace(sitemap.feed, entries=recent, faults=faults)
        counts = await EntryIntake(self.house, self.egress, self.source).take(whole)
        self._remember([child for child, _ in read])
        return counts

    async def _read(self, child: Child) -> Feed | None:
        try:
            fetched = await self.egress.fetch(Request(child.url, accept=SITEMAP_ACCEPT))
            return sitemaps.parse(fetched.body, content_type=fetched.content_type, url=child.url).feed
        except (FetchFailed, ParseFailed) as error:
            self._note(Skipped(error.reason, child.url, str(error)))
            return None

    def _is_recent(self, entry: FeedEntry | Child) -> bool:
        """Whether something was published or, where that is not said, changed within the source's days."""
        published = entry.published.instant if isinstance(entry, FeedEntry) else None
        dated = published or entry.modified.instant
        return dated is not None and dated >= self.house.clock() - dt.timedelta(days=self.source.days)

    def _select(self, children: tuple[Child, ...]) -> list[Child]:
        """The newest sitemaps of an index that changed since they were last read; undated ones come last."""
        wanted = [child for child in children if child.modified.instant is None or self._is_recent(child)]
        with database.read(self.house.engine) as connection:
            seen = entries.load_fingerprints(connection, [_key(child) for child in wanted])
        changed = [
            child
            for child in wanted
            if child.modified.instant is None
            or _key(child) not in seen
            or seen[_key(child)].fingerprint != _change(child)
        ]
        newest = sorted(changed, key=lambda child: child.modified.instant or EPOCH, reverse=True)
        return newest[:MOST_CHILDREN]

    def _remember(self, children: list[Child]) -> None:
        now = self.house.clock()
        changes = {_key(child): _change(child) for child in children if child.modified.instant is not None}
        with database.begin(self.house.engine) as connection:
            entries.save_fingerprints(connection, changes, source=self.source.name, recorded_at=now)

    def _note(self, fault: Skipped) -> None:
        with database.begin(self.house.engine) as connection:
            articles.save_skipped(
                connection, [fault], source=self.source.name, stage="sitemap", recorded_at=self.house.clock()
            )


def _key(child: Child) -> str:
    return hashlib.sha256(f"sitemap:{child.url}".encode()).hexdigest()[:32]


def _change(child: Child) -> str:
    return hashlib.sha256(child.modified.raw.encode()).hexdigest()[:32]
