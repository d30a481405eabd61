"""What a source brought, told apart and stored: a feed's entries, a sitemap's pages, one page, or plain text."""

from collections import Counter
from dataclasses import dataclass

from jobs.asking import shown
from jobs.egress import Egress
from jobs.entries import EntryIntake, replay
from jobs.house import House
from jobs.settings import Source
from jobs.single import read_single
from jobs.sitemaps import SitemapIntake
from service.errors import ParseFailed
from service.news.article import Article, Dated, Skipped
from service.news.page.walls import name_wall
from service.news.syndication import feeds
from service.news.syndication.recognise import Kind, recognise
from service.news.text.decoding import decode
from storage import articles, database


@dataclass(frozen=True, slots=True)
class Intake:
    """Where things go, how the pages behind them are asked for, and when single ones are said to be published."""

    house: House
    egress: Egress
    stated: Dated


async def take_in(intake: Intake, source: Source, body: bytes, content_type: str) -> Counter[str]:
    """Store what `source` brought; returns the counts of entries or of the one article.

    Raises `ParseFailed` where it is nothing that can be read, or a page where a feed was asked.
    """
    house = intake.house
    kind = recognise(body, content_type)
    if kind is Kind.FEED:
        feed = feeds.parse(body, content_type=content_type, url=web_address(source))
        if not feed.entries and "malformed" in feed.faults:  # else what breaks off before its news would pass as quiet
            raise ParseFailed("malformed", f"{shown(source.url)}: the feed is broken, and no entry could be read in it")
        return await EntryIntake(house, intake.egress, source).take(feed)
    if kind is Kind.SITEMAP or source.kind == "sitemap":
        return await SitemapIntake(house, intake.egress, source).take(body, content_type, web_address(source))
    if source.kind == "feed" and web_address(source) and source in house.settings.source:
        raise _refuse(source, body, content_type, kind)
    article = _read_single(house, source, intake.stated, body, content_type, kind)
    return store(house, source, [article] if isinstance(article, Article) else [], _skips(article))


def _refuse(source: Source, body: bytes, content_type: str, kind: Kind) -> ParseFailed:
    wall = name_wall(decode(body, content_type=content_type).text) if kind is Kind.PAGE else ""
    reason = wall or ("html_instead" if kind is Kind.PAGE else "malformed")
    return ParseFailed(reason, f"{shown(source.url)}: this is not a feed")


def _read_single(
    house: House, source: Source, stated: Dated, body: bytes, content_type: str, kind: Kind
) -> Article | Skipped:
    made = read_single(
        body,
        kind,
        where=shown(source.url),
        url=web_address(source),
        source=source.name,
        first_seen_at=house.clock(),
        stated=stated,
        language=source.language,
        content_type=content_type,
        reader=house.page_reader,
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


def web_address(source: Source) -> str:
    """The address of a source on the web as `shown`, "" of one that is a file."""
    return shown(source.url) if is_web(source.url) else ""


def is_web(url: str) -> bool:
    """Whether it is an http(s) address, rather than a file."""
    return url.lower().startswith(("http://", "https://"))
