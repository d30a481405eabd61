"""One page or text, as it was handed over, made into an article."""

import datetime as dt
from dataclasses import replace

from jobs.page_worker import InProcess, PageReader
from service.errors import ParseFailed
from service.instants import parse_instant
from service.news import assemble
from service.news.article import UNDATED, Article, Dated, InstantOrigin, Skipped
from service.news.dating.dates import DAY_ONLY
from service.news.syndication.recognise import Kind
from service.news.text.decoding import decode

IN_PROCESS = InProcess()


def read_single(
    body: bytes,
    kind: Kind,
    *,
    where: str,
    url: str = "",
    source: str,
    first_seen_at: dt.datetime,
    stated: Dated = UNDATED,
    language: str = "",
    content_type: str = "",
    reader: PageReader = IN_PROCESS,
) -> Article | Skipped:
    """The article in `body`, a PAGE or a TEXT; a `stated` publication date goes before the page's own.

    `where` names it in messages, `url` is where it came from ("" for a file), `reader` reads pages. Raises
    `ParseFailed` where it is neither.
    """
    if kind is Kind.PAGE:
        page = reader.extract(body, url=url, content_type=content_type)
        if stated.instant is not None:
            page = replace(page, published=stated)
        return assemble.from_page(page, url=url, source=source, first_seen_at=first_seen_at, language=language)
    text = decode(body, content_type=content_type).text
    if "\x00" in text:
        raise ParseFailed("malformed", f"{where}: this is neither a feed, nor a page, nor text")
    return assemble.from_text(text, source=source, first_seen_at=first_seen_at, published=stated, language=language)


def read_stated(text: str) -> Dated:
    """A publication date as somebody states it: an instant with its zone, or a bare day (UTC), which stays one."""
    instant = parse_instant(text, "--published")
    is_day = len(text.strip()) == len("2024-01-10")
    return Dated(instant, InstantOrigin.STATED, text, reason=DAY_ONLY if is_day else "")
