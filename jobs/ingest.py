"""Ingest: sources → bytes → feed entries or pages → articles → store.

    due source ─▶ egress.fetch | file ─▶ recognise ─▶ feeds.parse ─▶ new or edited entries ─▶ page ─▶ assemble ─▶ save
                                        ├▶ sitemaps.parse ─▶ recent pages as entries ─▶ page ─▶ assemble ─▶ save
                                        ├▶ pages.extract ────────────────────────────────────────▶ assemble ─▶ save
                                        └▶ plain text ───────────────────────────────────────────▶ assemble ─▶ save

When a source is due, what is sent along and what its answer means for the next time: `manners.polling`. Its state
is saved after its entries, so a run that is killed asks for them again.
"""

import asyncio
import datetime as dt
import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jobs.asking import shown
from jobs.console import Advance
from jobs.egress import AbstractResolver, Egress, Limits, Request, RetryLater
from jobs.house import House
from jobs.intake import Intake, is_web, take_in
from jobs.record import Outcome
from jobs.settings import Ingest, Source
from jobs.single import read_stated
from jobs.standings import Standings, pack, unpack
from service.errors import BadInput, FetchFailed, NewscandleError, ParseFailed, StoreFailed
from service.news.article import UNDATED, Dated
from service.news.manners import polling
from service.news.manners.caching import read_feed_wish
from service.news.manners.polling import Answered, Failed, SourceState
from service.redaction import fill_in

READ_AT_ONCE = 8
"""Sources begun for each host asked at a time: enough that those of one slow host keep no other waiting, and few enough
that ten thousand sources are not all in memory.
"""
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
    return asyncio.run(ingest_all(house, wanted, UNDATED, advance))


def ingest_given(house: House, given: Given, advance: Advance) -> Outcome:
    """Read what was named: each a URL or a file holding a feed, a page or plain text."""
    stated = UNDATED
    if given.published is not None:
        stated = read_stated(given.published)
    wanted = [
        Source(name=given.source, url=_locate(item), language=given.language, assume_delay=given.assume_delay)
        for item in given.what
    ]
    return asyncio.run(ingest_all(house, wanted, stated, advance))


def _locate(item: str) -> str:
    """An address as it is; a file from where the command was given, wherever the settings lie."""
    if is_web(item):
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
        allow_networks=tuple(map(ipaddress.ip_network, settings.allow_networks)),
        allow_ports=frozenset(settings.allow_ports),
    )


async def ingest_all(
    house: House,
    wanted: Sequence[Source],
    stated: Dated,
    advance: Advance,
    resolver: AbstractResolver | None = None,
) -> Outcome:
    """Read these sources, side by side; `resolver` stands in for DNS."""
    counts: Counter[str] = Counter(sources=0, entries=0, new=0, revised=0, unchanged=0, skipped=0)
    failures: list[str] = []
    silent: list[str] = []
    notes: list[str] = []
    standings = Standings(house)

    async def one(source: Source) -> None:
        try:
            counts.update(await _ingest_source(_Run(house, egress, stated, standings), source))
            counts["sources"] += 1
        except Resting as resting:
            notes.extend(resting.args)
        except StoreFailed:  # not the source's fault, and nothing further could be stored
            raise
        except NewscandleError as error:
            reason = _reason_of(error)
            (silent if reason in polling.NOT_REACHED else failures).append(f"{source.name}: {reason}: {error}")
        advance(1)

    try:
        async with (
            Egress(limits_of(house.settings.ingest), house.clock, house.hosts, resolver=resolver) as egress,
            asyncio.TaskGroup() as group,
        ):
            waiting = iter(wanted)

            async def take_turns() -> None:
                for source in waiting:
                    await one(source)

            for _ in range(min(len(wanted), READ_AT_ONCE * house.settings.ingest.concurrent)):
                group.create_task(take_turns())
    except* StoreFailed as failed:
        raise _first_of(failed) from failed
    finally:
        house.page_reader.close()
    lost = standings.close()
    if lost:
        told = f"network: none of the {len(silent)} sources asked could be reached ({lost})"
        silent = [f"{told}: is this machine online? No source is held to blame, all are asked at the next run"]
    return Outcome(counts, tuple(sorted(failures + silent)), tuple(sorted(notes)))


def _first_of(group: BaseExceptionGroup[StoreFailed]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


class Resting(NewscandleError):
    """The source is not to be asked now; with a note where somebody should know."""


@dataclass(frozen=True, slots=True)
class _Run(Intake):
    standings: Standings


async def _ingest_source(run: _Run, source: Source) -> Counter[str]:
    path = _file_of(run.house, source.url)
    if path is not None:
        return await _ingest_file(run, source, path)
    if not run.standings.is_due(source):
        raise _rest(run.standings.of(source))
    counts, outcome = await _check(run, source)
    state = run.standings.settle(source, outcome)
    if state.failures_in_row:
        raise FetchFailed(state.last_failure_reason, state.last_failure_detail)
    return counts


async def _ingest_file(run: _Run, source: Source, path: Path) -> Counter[str]:
    try:
        counts = await take_in(run, source, _read_file(path), "")
    except (FetchFailed, ParseFailed, BadInput) as error:
        run.standings.settle(source, Failed(run.house.clock(), _reason_of(error), str(error)))
        raise
    if run.standings.of(source).failures_in_row:
        run.standings.settle(source, Answered(run.house.clock(), shown(source.url)))
    del counts["owed"]
    return counts


async def _check(run: _Run, source: Source) -> tuple[Counter[str], Answered | Failed]:
    """Ask the source and take in what it brings; returns counts, and how it went."""
    state = run.standings.of(source)
    address = fill_in(polling.address_of(state), source.url)
    try:
        asked = Request(address, state.etag, state.last_modified, FEED_ACCEPT, state.validated_url)
        fetched = await run.egress.fetch(asked)
    except RetryLater as rest:
        if rest.reason == "resting":
            raise _rest(run.standings.postpone(source, rest)) from rest
        return Counter(), Failed(run.house.clock(), rest.reason, str(rest), dt.timedelta(seconds=rest.seconds))
    except (FetchFailed, BadInput) as error:
        return Counter(), Failed(run.house.clock(), _reason_of(error), str(error))
    answer = Answered(
        fetched.fetched_at,
        shown(fetched.url),
        fetched.etag,
        fetched.last_modified,
        fetched.is_unchanged,
        fetched.fresh_for,
        shown(fetched.moved_permanently_to),
        wish_seconds=read_feed_wish(fetched.body),
    )
    body, content_type = fetched.body, fetched.content_type
    if fetched.is_unchanged and state.owed:
        body, content_type = unpack(state.owed)
    if fetched.is_unchanged and not body:
        return Counter(), answer
    try:
        counts = await take_in(run, source, body, content_type)
    except (ParseFailed, FetchFailed) as error:
        return Counter(), Failed(run.house.clock(), error.reason, str(error), answered=answer)
    owed = pack(body, content_type) if counts["owed"] else ""
    del counts["owed"]
    return counts, replace(answer, owed=owed)


def _rest(state: SourceState) -> Resting:
    """Why a source is not asked: its host's wish, its failures, or (which needs no note) that it is not time yet."""
    if state.stopped_at is not None:
        told = f"answered 410 (gone) on {state.stopped_at:%Y-%m-%d} and is not asked any more; change its url"
        return Resting(f"{state.source} {told}, or revive it")
    if state.next_allowed_at is None or not state.failures_in_row:
        return Resting()
    until = f"{state.next_allowed_at:%Y-%m-%d %H:%M} UTC"
    if state.last_failure_reason in polling.ASKED_TO_REST:
        return Resting(f"{state.source} asked to be left alone until {until}")
    return Resting(f"{state.source} failed ({state.last_failure_reason}) and is asked again at {until}")


def _reason_of(error: NewscandleError) -> str:
    return str(getattr(error, "reason", "bad_input"))


def _file_of(house: House, url: str) -> Path | None:
    return None if is_web(url) else house.path(_path_of(url))


def _path_of(url: str) -> str:
    return unquote(urlsplit(url).path) if url.startswith("file:") else url


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FetchFailed("file", f"{path}: {error.strerror}") from error
