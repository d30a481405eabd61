"""The entries of one feed: which are new or edited, the page behind each, and the article made of both.

    entries ─name─▶ fresh ─▶ page ─▶ assemble ─▶ Article ─identity.decide─▶ which article it is ─▶ save

An entry is remembered by a fingerprint of what the feed said. The same fingerprint again costs nothing; an article
another source brought first is left to that source, so two feeds never take turns revising one article.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from jobs.asking import shown
from jobs.egress import PASSING, Egress, Request
from jobs.house import House
from jobs.naming import Named, name_entries
from jobs.settings import Source
from service.errors import BadInput, FetchFailed, ParseFailed
from service.instants import parse_duration
from service.news import assemble, identity
from service.news.article import Article, Feed, FeedEntry, Skipped, key_of
from service.news.identity import Decision, Register, Ruling, likeness_of
from service.news.manners import health
from service.news.page.pages import Page
from storage import aliases, articles, database, entries, yields
from storage.aliases import Alias

COMMIT_EVERY = 10  # entries: a killed run loses at most these pages
PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one entry: an article or the reason why not, and what was wrong with its page."""

    named: Named
    item: Article | Skipped
    faults: list[Skipped]


@dataclass(frozen=True, slots=True)
class EntryIntake:
    """Takes in feeds of one source."""

    house: House
    egress: Egress
    source: Source

    async def take(self, feed: Feed) -> Counter[str]:
        """Store every new or edited entry of `feed`.

        New and edited ones are taken the oldest first: what was told earlier is what later ones are held against.
        Counts new, revised, unchanged, skipped and entries, and what was told by anything else than its address; and
        those `owed`: their pages failed for now, and they are to be given here again though the feed does not change.
        """
        counts: Counter[str] = Counter(entries=len(feed.entries))
        named = self._name(feed)
        fresh = sorted((one for one in named if one.is_fresh(self.source.name)), key=_order_of_telling)
        counts["unchanged"] += len(feed.entries) - len(fresh)
        elsewhere = sum(one.seen is not None and one.seen.source != self.source.name for one in named)
        shelf = _Shelf(self.source)
        for start in range(0, len(fresh), COMMIT_EVERY):
            made = [await self._make(named) for named in fresh[start : start + COMMIT_EVERY]]
            counts["owed"] += sum(is_owed(one.faults) for one in made)
            stored = self._store(shelf, made)
            elsewhere += stored.pop("elsewhere", 0)
            counts.update(stored)
        if named and elsewhere == len(named):  # nothing of it is this source's: say why it brings nothing
            feed = replace(feed, faults=(*feed.faults, "told_elsewhere"))
        self._remember_yield(feed, counts, shelf.newcomers)
        return counts

    def _name(self, feed: Feed) -> list[Named]:
        with database.read(self.house.engine) as connection:
            return name_entries(
                feed.entries, self.source.name, lambda keys: entries.load_fingerprints(connection, keys)
            )

    async def _make(self, named: Named) -> Made:
        page, faults = await self._read_page(named.entry)
        made = assemble.from_entry(
            named.entry,
            source=self.source.name,
            first_seen_at=self.house.clock(),
            page=page,
            language=self.source.language,
        )
        return Made(named, replay(made, self.source) if isinstance(made, Article) else made, faults)

    async def _read_page(self, entry: FeedEntry) -> tuple[Page | None, list[Skipped]]:
        if not self.source.fetch_pages or not entry.url or not self.source.url.startswith(("http://", "https://")):
            return None, []
        try:
            fetched = await self.egress.fetch(Request(entry.url, accept=PAGE_ACCEPT))
            reader = self.house.page_reader
            told = {"url": fetched.url, "content_type": fetched.content_type}
            return _unless_wall(await asyncio.to_thread(reader.extract, fetched.body, **told), entry.url)
        except (FetchFailed, ParseFailed) as error:
            return None, [Skipped(error.reason, entry.url, str(error))]
        except BadInput as error:
            return None, [Skipped("malformed_url", entry.url, str(error))]

    def _store(self, shelf: "_Shelf", made: Sequence[Made]) -> Counter[str]:
        now = self.house.clock()
        # An entry whose page failed for now is remembered as owned and unread: it is asked for again.
        prints = {one.named.key: "" if is_owed(one.faults) else one.named.fingerprint for one in made}
        with database.begin(self.house.engine) as connection:
            seen = entries.load_fingerprints(connection, list(prints))
            # A source read at the same time may have stored an entry while this one waited for its page.
            elsewhere = {key for key, found in seen.items() if found.source != self.source.name}
            own = [one for one in made if one.named.key not in elsewhere]
            refused = [one.item for one in own if isinstance(one.item, Skipped)]
            settled = shelf.settle(connection, own)
            ready = [one.article for one in settled if one.decision.ruling is not Ruling.ELSEWHERE]
            saved = articles.save(connection, ready, recorded_at=now)
            aliases.save(connection, [name for one in settled for name in one.names()], recorded_at=now)
            faults = [fault for one in own for fault in one.faults]
            articles.save_skipped(connection, refused, source=self.source.name, stage="entry", recorded_at=now)
            articles.save_skipped(connection, faults, source=self.source.name, stage="page", recorded_at=now)
            entries.save_fingerprints(connection, prints, source=self.source.name, recorded_at=now)
        unchanged = saved.unchanged + saved.same_story + len(elsewhere) + len(settled) - len(ready)
        counted = Counter(
            new=saved.new,
            revised=saved.revised,
            unchanged=unchanged,
            skipped=len(refused),
            elsewhere=len(elsewhere),
        )
        told = Counter(one.decision.ruling.value for one in settled if one.decision.ruling not in _ORDINARY)
        return counted + told

    def _remember_yield(self, feed: Feed, counts: Counter[str], newcomers: Sequence[Article]) -> None:
        """What this reading brought, and what was wrong with the feed as a whole."""
        now = self.house.clock()
        where = shown(self.source.url)
        faults = [Skipped(fault, where, f"{len(feed.entries)} entries were read all the same") for fault in feed.faults]
        brought = health.weigh(newcomers, counts, now)
        if not faults and brought is None:
            return
        with database.begin(self.house.engine) as connection:
            articles.save_skipped(connection, faults, source=self.source.name, stage="feed", recorded_at=now)
            if brought is not None:
                yields.save(connection, brought, source=self.source.name)


_ORDINARY = (Ruling.NEW, Ruling.SAME, Ruling.ELSEWHERE)


@dataclass(frozen=True, slots=True)
class _Settled:
    """An article under the identity it has, with how that was decided and the names it was told by."""

    article: Article
    decision: Decision
    told_as: tuple[str, ...]  # addresses

    def names(self) -> list[Alias]:
        """The names to remember the article by; its own address only where its feed gave no GUID."""
        found, own = self.article, self.decision.url
        aliased = set() if self.decision.ruling is Ruling.ADDRESS_REUSED else {url for url in self.told_as if url}
        addresses = sorted((aliased - {own}) | (set() if found.guid else {own}))
        key = key_of(own)
        named = [Alias(key, url, found.source, found.first_seen_at) for url in addresses]
        guid = [Alias(key, found.guid, found.source, found.first_seen_at, is_guid=True)] if found.guid else []
        return named + guid


@dataclass(slots=True)
class _Shelf:
    """What the entries of one reading are held against: articles of the store, and those of earlier batches."""

    source: Source
    register: Register = field(default_factory=Register)
    newcomers: list[Article] = field(default_factory=list)
    is_recent_loaded: bool = False

    def settle(self, connection: sa.Connection, made: Sequence[Made]) -> list[_Settled]:
        """Each article with the identity it has among those held."""
        ready = [(one, one.item) for one in made if isinstance(one.item, Article)]
        moved = aliases.find_addresses(connection, {item.key for _, item in ready})
        found = [(one, item, replace(item, url=moved.get(item.key, item.url))) for one, item in ready]
        self._look_up(connection, [item for _, _, item in found])
        return [self._settle(one, told, item) for one, told, item in found]

    def _look_up(self, connection: sa.Connection, found: Sequence[Article]) -> None:
        addresses = {item.url for item in found}
        guids = {item.guid for item in found if item.guid}
        held = aliases.load_named(connection, source=self.source.name, addresses=addresses, guids=guids)
        for one in held:
            self.register.add(one)
        if not self.is_recent_loaded and addresses - {one.url for one in held}:
            since = min(item.first_seen_at for item in found) - identity.NEAR
            for one in aliases.load_recent(connection, source=self.source.name, since=since):
                self.register.add(one)
            self.is_recent_loaded = True

    def _settle(self, made: Made, told: Article, found: Article) -> _Settled:
        likeness = likeness_of(found)
        decision = self.register.decide(likeness, is_beside=made.named.is_beside)
        if decision.ruling is not Ruling.ELSEWHERE:
            self.register.add(replace(likeness, url=decision.url))
        if not decision.is_held:
            self.newcomers.append(found)
        return _Settled(replace(found, url=decision.url), decision, (told.url, made.named.address))


def _order_of_telling(one: Named) -> tuple[bool, float, str]:
    instant = one.entry.published.instant or one.entry.modified.instant
    return instant is None, instant.timestamp() if instant else 0.0, one.key


def _unless_wall(page: Page, url: str) -> tuple[Page | None, list[Skipped]]:
    """The page; none, and the reason, where something else stood in the story's place."""
    if not page.wall:
        return page, []
    return None, [Skipped(page.wall, url, "this stood in the story's place; the feed's own text is kept")]


def is_owed(faults: Sequence[Skipped]) -> bool:
    """Whether an entry is to be asked for again: its page failed for now."""
    return any(fault.reason in PASSING for fault in faults)


def replay(article: Article, source: Source) -> Article:
    """For sources with `assume_delay`: known that long after publication, and marked so; others unchanged."""
    if not source.assume_delay:
        return article
    return assemble.assume_known(article, parse_duration(source.assume_delay))
