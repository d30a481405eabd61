"""What feeds, pages, texts and archives brought, made into articles: one text, labelled, dated, with one identity.

Available is the latest of what had to exist first. Live: publication and first sight. Archive: publication and the
stated delay (marked assumed); a bare day counts from its end, since nothing tells when on that day the item came out.
"""

import datetime as dt
from dataclasses import replace

from service.errors import BadInput
from service.instants import ensure_utc
from service.news import urls
from service.news.article import UNDATED, Article, Dated, FeedEntry, Skipped
from service.news.bulk.archives import ArchiveItem
from service.news.dating.dates import DAY_ONLY, refuse_future
from service.news.page.pages import Page
from service.news.passage import passages
from service.news.syndication.feedlimits import names_of
from service.news.text import languages, plain
from service.news.text.characters import fold
from service.news.text.markup import to_text

_DAY = dt.timedelta(days=1)

LEAD = 700
"""Code points of title and lead that the language is told from."""


def from_entry(
    entry: FeedEntry, *, source: str, first_seen_at: dt.datetime, page: Page | None = None, language: str = ""
) -> Article | Skipped:
    """The article of a feed's entry, with the text of its `page` where that was read and has one.

    Without a page the longer of the entry's content and summary is the body. `language` is the operator's claim and
    goes before those of feed and page. `Skipped`: `date_future` (more than 24 h after `first_seen_at`), `no_body`.
    """
    body = _longer_where_stubbed(entry, page)
    return _build(
        url=_entry_url(entry, page, source),
        source=source,
        title=entry.title or (page.title if page else ""),
        body=body,
        published=_surer(entry.published, page.published if page else UNDATED),
        modified=_surer(entry.modified, page.modified if page else UNDATED),
        first_seen_at=first_seen_at,
        claim=language or entry.language_claim or (page.language_claim if page else ""),
        guid=entry.guid,
        authors=entry.authors or (page.authors if page else ()),
        tags=names_of([*entry.tags, page.section if page else ""]),
    )


def from_page(
    page: Page, *, url: str, source: str, first_seen_at: dt.datetime, language: str = ""
) -> Article | Skipped:
    """The article of a page read from `url` ("" for a file). `Skipped`: `date_future`, `no_body`."""
    return _build(
        url=page.canonical_url or _canonical(url),
        source=source,
        title=page.title,
        body=page.text,
        published=page.published,
        modified=page.modified,
        first_seen_at=first_seen_at,
        claim=language or page.language_claim,
        authors=page.authors,
        tags=names_of([page.section]),
    )


def from_text(
    text: str,
    *,
    source: str,
    first_seen_at: dt.datetime,
    published: Dated = UNDATED,
    url: str = "",
    language: str = "",
) -> Article | Skipped:
    """The article of a plain text; without `url` its contents are its identity. `Skipped`: `date_future`, `no_body`.

    Raises `BadInput` where `url` is given and is no http(s) address.
    """
    title, body = plain.read(text)
    return _build(
        url=urls.canonical(url) if url else "",
        source=source,
        title=title,
        body=body,
        published=published,
        modified=UNDATED,
        first_seen_at=first_seen_at,
        claim=language,
    )


def from_archive(
    item: ArchiveItem,
    *,
    source: str,
    first_seen_at: dt.datetime,
    assume_delay: dt.timedelta | None = None,
    is_live: bool = False,
) -> Article | Skipped:
    """The article of an archive's row, known `assume_delay` (else the item's) after publication and marked assumed.

    A row dated by the day only is known from the end of that day plus the delay. `source` is used where the row names
    none. `is_live`: the rules of live items instead. `Skipped`: `date_missing`, `date_future`, `no_body`.
    """
    made = _build(
        url=_story_url(item.url),
        source=item.source or source,
        title=item.title,
        body=item.text,
        published=item.published,
        modified=item.modified,
        first_seen_at=first_seen_at,
        claim=item.language,
        authors=item.authors,
        prefix=f"archive:{item.source or source}",
    )
    if is_live or isinstance(made, Skipped):
        return made
    if made.published.instant is None:
        return Skipped("date_missing", made.url, f"row {item.row}: {made.published.raw}")
    return assume_known(made, item.assume_delay if assume_delay is None else assume_delay)


def assume_known(article: Article, delay: dt.timedelta) -> Article:
    """The article as known `delay` after publication, and marked assumed; one without a date stays as it is.

    One dated by the day only is known from the end of that day plus the delay: its midnight would look ahead.
    """
    if article.published.instant is None:
        return article
    day = _DAY if article.published.reason == DAY_ONLY else dt.timedelta(0)
    return replace(article, available_at=article.published.instant + day + delay, is_assumed=True)


def _build(
    *,
    url: str,
    source: str,
    title: str,
    body: str,
    published: Dated,
    modified: Dated,
    first_seen_at: dt.datetime,
    claim: str = "",
    prefix: str = "text",
    guid: str = "",
    authors: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
) -> Article | Skipped:
    """An article under live rules; without `url` its identity is `prefix` and its contents."""
    first_seen_at = ensure_utc(first_seen_at, "first_seen_at")
    if refuse_future(published, first_seen_at).reason == "date_future":
        return Skipped("date_future", url or title[:200], published.raw)
    text = _join(title, body)
    if not text:
        return Skipped("no_body", url or guid or source, "neither title nor text")
    found = passages.label(text, title=title)
    # Adverts and buttons have no vote on the language: only what is scored is looked at.
    language, confidence = languages.detect(passages.scored_text(text, found, limit=LEAD) or text, claim)
    article = Article(
        url=url,
        source=source,
        title=title,
        text=text,
        passages=found,
        language=language,
        language_confidence=confidence,
        published=published,
        modified=refuse_future(modified, first_seen_at),
        first_seen_at=first_seen_at,
        available_at=max(published.instant or first_seen_at, first_seen_at),
        guid=guid,
        authors=authors,
        tags=tags,
    )
    return article if url else replace(article, url=f"{prefix}:{article.content_hash}")


def _join(title: str, body: str) -> str:
    """Title, blank line, body; a body that begins with the title again loses that line (it would count twice)."""
    first, _, rest = body.partition("\n")
    if title and fold(first).casefold() == fold(title).casefold():
        body = rest.strip()
    return "\n\n".join(part for part in (title, body) if part)


def _longer_where_stubbed(entry: FeedEntry, page: Page | None) -> str:
    """The page's text; the entry's where the page has none, is a wall, or a stub shorter than what the feed told."""
    if page is None or not page.text or page.wall:
        return _entry_text(entry)
    told = _entry_text(entry) if "paywall_stub" in page.faults else ""
    return told if _weight(told) > _weight(page.text) else page.text


def _entry_text(entry: FeedEntry) -> str:
    """The longer of an entry's full text and its summary, white space not counted."""
    content = to_text(entry.content_html)
    return entry.summary if _weight(entry.summary) > _weight(content) else content


def _weight(text: str) -> int:
    return sum(map(len, text.split()))


def _entry_url(entry: FeedEntry, page: Page | None, source: str) -> str:
    """The entry's identity: its page's own address, its link, its guid; "" where it has none of them."""
    if page is not None and page.canonical_url:
        return page.canonical_url
    return _story_url(entry.url) or _story_url(entry.guid) or (f"guid:{source}:{entry.guid}" if entry.guid else "")


def _story_url(url: str) -> str:
    """The canonical address, or "" where it is none or a front page, which would make one article of all stories."""
    address = _canonical(url)
    return "" if address.endswith("/") else address


def _canonical(url: str) -> str:
    try:
        return urls.canonical(url) if url else ""
    except BadInput:
        return ""


def _surer(told: Dated, shown: Dated) -> Dated:
    """The feed's date, unless only the page's is readable, names its zone, or knows the time of the same day."""
    if shown.instant is None:
        return told
    if told.instant is None:
        return shown
    is_near = abs(told.instant - shown.instant) < _DAY
    is_finer = (told.reason == DAY_ONLY, told.zone_assumed) > (shown.reason == DAY_ONLY, shown.zone_assumed)
    return shown if is_near and is_finer else told
