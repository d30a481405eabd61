"""Ingest: sources → bytes → feed entries or pages → articles → store.

    source ─▶ egress.fetch | file ─▶ recognise ─▶ feeds.parse ─▶ new or changed entries ─▶ page ─▶ assemble ─▶ save
                                        ├▶ sitemaps.parse ─▶ recent pages as entries ─▶ page ─▶ assemble ─▶ save
                                        ├▶ pages.extract ────────────────────────────────────────▶ assemble ─▶ save
                                        └▶ plain text ───────────────────────────────────────────▶ assemble ─▶ save

A source's validators are saved after its entries, so a run that is killed asks for them again.
"""

import asyncio
import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jobs.console import Advance
from jobs.egress import Egress, Fetched, Limits, Request, RetryLater
from jobs.entries import EntryIntake, replay
from jobs.house import House
from jobs.record import Outcome
from jobs.settings import Ingest, Source
from jobs.single import read_single, read_stated
from jobs.sitemaps import SitemapIntake
from service.errors import BadInput, FetchFailed, NewscandleError, ParseFailed, StoreFailed
from service.news import feeds
from service.news.article import UNDATED, Article, Dated, Skipped
from service.news.recognise import Kind, recognise
from storage import articles, database, sources
from storage.sources import SourceState

FEED_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Given:
    """Addresses and files named on the command line, kept under the name `source`."""

    what: tuple[str, ...]
    source: str = "given"
    published: str | None = None
    language: str = ""
    assume_delay: str = ""


def ingest_sources(house: House, chosen: frozenset[str], advance: Advance) -> Outcome:
    """Read every enabled source of the settings, or those `chosen` by name; one failing source does not stop others."""
    wanted = [source for source in house.settings.source if source.enabled and (not chosen or source.name in chosen)]
    return asyncio.run(_ingest_all(house, wanted, UNDATED, advance))


def ingest_given(house: House, given: Given, advance: Advance) -> Outcome:
    """Read what was named: each a URL or a file holding a feed, a page or plain text."""
    stated = UNDATED
    if given.published is not None:
        stated = read_stated(given.published)
    wanted = [
        Source(name=given.source, url=_locate(item), language=given.language, assume_delay=given.assume_delay)
        for item in given.what
    ]
    return asyncio.run(_ingest_all(house, wanted, stated, advance))


def _locate(item: str) -> str:
    """An address as it is; a file from where the command was given, wherever the settings lie."""
    if _is_web(item):
        return item
    path = Path(_path_of(item)).absolute()
    if not path.is_file():
        raise BadInput("what", item, "is neither the name of a source, nor a file, nor an http(s) address")
    return str(path)


def limits_of(settings: Ingest) -> Limits:
    """The egress limits that the settings declare."""
    return Limits(
        contact=settings.contact,
        connect_timeout=settings.connect_timeout_seconds,
        total_timeout=settings.total_timeout_seconds,
        max_bytes=int(settings.max_megabytes * 1_000_000),
        attempts=settings.attempts,
        concurrent=settings.concurrent,
        host_gap=settings.seconds_between_requests_to_a_host,
        follow_robots=settings.follow_robots,
        allow_private=settings.allow_private_addresses,
    )


async def _ingest_all(house: House, wanted: list[Source], stated: Dated, advance: Advance) -> Outcome:
    counts: Counter[str] = Counter(sources=0, entries=0, new=0, revised=0, unchanged=0, skipped=0)
    failures: list[str] = []
    notes: list[str] = []

    async def one(source: Source) -> None:
        try:
            counts.update(await _ingest_source(house, egress, source, stated))
            counts["sources"] += 1
        except Resting as resting:
            notes.append(str(resting))
        except StoreFailed:  # not the source's fault, and nothing further could be stored
            raise
        except NewscandleError as error:
            failures.append(_remember_failure(house, source, error))
        advance(1)

    try:
        async with (
            Egress(limits_of(house.settings.ingest), house.clock, house.robots) as egress,
            asyncio.TaskGroup() as group,
        ):
            for source in wanted:
                group.create_task(one(source))
    except* StoreFailed as failed:
        raise _first_of(failed) from failed
    return Outcome(counts, tuple(sorted(failures)), tuple(sorted(notes)))


def _first_of(group: BaseExceptionGroup[StoreFailed]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


class Resting(NewscandleError):
    """The source asked to be left alone until later."""


async def _ingest_source(house: House, egress: Egress, source: Source, stated: Dated) -> Counter[str]:
    path = _file_of(house, source.url)
    if path is not None:
        body, content_type, state = _read_file(path), "", None
    else:
        state = _load_state(house, source)
        fetched = await egress.fetch(Request(source.url, state.etag, state.last_modified, FEED_ACCEPT))
        state = _after_success(state, fetched)
        body, content_type = fetched.body, fetched.content_type
        if fetched.is_unchanged:
            _save_state(house, state)
            return Counter()
    counts = await _take_in(house, egress, source, stated, body, content_type)
    if state is not None:
        _save_state(house, state)
    return counts


async def _take_in(
    house: House, egress: Egress, source: Source, stated: Dated, body: bytes, content_type: str
) -> Counter[str]:
    kind = recognise(body, content_type)
    if kind is Kind.FEED:
        feed = feeds.parse(body, content_type=content_type, url=_web_address(source))
        return await EntryIntake(house, egress, source).take(feed)
    if kind is Kind.SITEMAP or source.kind == "sitemap":
        return await SitemapIntake(house, egress, source).take(body, content_type, _web_address(source))
    if source.kind == "feed" and _web_address(source) and source in house.settings.source:
        raise ParseFailed("html_instead" if kind is Kind.PAGE else "malformed", f"{source.url}: this is not a feed")
    article = _read_single(house, source, stated, body, content_type, kind)
    return store(house, source, [article] if isinstance(article, Article) else [], _skips(article))


def _read_single(
    house: House, source: Source, stated: Dated, body: bytes, content_type: str, kind: Kind
) -> Article | Skipped:
    made = read_single(
        body,
        kind,
        where=source.url,
        url=_web_address(source),
        source=source.name,
        first_seen_at=house.clock(),
        stated=stated,
        language=source.language,
        content_type=content_type,
    )
    return replay(made, source) if isinstance(made, Article) else made


def store(house: House, source: Source, made: list[Article], skipped: list[Skipped]) -> Counter[str]:
    """Save articles and what was skipped in one transaction; returns the counts."""
    now = house.clock()
    with database.begin(house.engine) as connection:
        saved = articles.save(connection, made, recorded_at=now)
        articles.save_skipped(connection, skipped, source=source.name, stage="ingest", recorded_at=now)
    return Counter(new=saved.new, revised=saved.revised, unchanged=saved.unchanged, skipped=len(skipped))


def _skips(made: Article | Skipped) -> list[Skipped]:
    return [made] if isinstance(made, Skipped) else []


def _file_of(house: House, url: str) -> Path | None:
    return None if _is_web(url) else house.path(_path_of(url))


def _web_address(source: Source) -> str:
    return source.url if _is_web(source.url) else ""


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _path_of(url: str) -> str:
    return unquote(urlsplit(url).path) if url.startswith("file:") else url


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FetchFailed("file", f"{path}: {error.strerror}") from error


def _load_state(house: House, source: Source) -> SourceState:
    with database.read(house.engine) as connection:
        state = sources.load(connection, source.name) or SourceState(source=source.name, url=source.url)
    if state.url != source.url:  # validators belong to an address
        state = SourceState(source=source.name, url=source.url)
    if state.next_allowed_at is not None and state.next_allowed_at > house.clock():
        raise Resting(f"{source.name} asked to be left alone until {state.next_allowed_at:%Y-%m-%d %H:%M} UTC")
    return state


def _after_success(state: SourceState, fetched: Fetched) -> SourceState:
    return replace(
        state,
        etag=fetched.etag or (state.etag if fetched.is_unchanged else ""),
        last_modified=fetched.last_modified or (state.last_modified if fetched.is_unchanged else ""),
        last_checked_at=fetched.fetched_at,
        last_success_at=fetched.fetched_at,
        failures_in_row=0,
        next_allowed_at=None,
    )


def _save_state(house: House, state: SourceState) -> None:
    with database.begin(house.engine) as connection:
        sources.save(connection, state)


def _remember_failure(house: House, source: Source, error: NewscandleError) -> str:
    now = house.clock()
    reason = str(getattr(error, "reason", "bad_input"))
    with database.begin(house.engine) as connection:
        state = sources.load(connection, source.name) or SourceState(source=source.name, url=source.url)
        rest = now + dt.timedelta(seconds=error.seconds) if isinstance(error, RetryLater) else None
        failed = replace(
            state,
            url=source.url,
            last_checked_at=now,
            last_failure_at=now,
            last_failure_reason=reason,
            last_failure_detail=str(error),
            failures_in_row=state.failures_in_row + 1,
            next_allowed_at=rest,
        )
        sources.save(connection, failed)
    return f"{source.name}: {reason}: {error}"
