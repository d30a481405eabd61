"""What a crawl saw (WARC), made into articles as if the page had just been fetched.

The crawl's sight is the first: `first_seen_at` is WARC-Date, `available_at` the later of that and publication. It is
not marked assumed, since somebody did read the page then; and it is never earlier than the crawl, though a crawl comes
days after publication: what a page said before it was seen cannot be known. When newscandle itself came to know it is
`recorded_at`, as with everything, so `as_of` an instant before the import it is not there.
"""

import datetime as dt
from dataclasses import dataclass

from jobs.page_worker import PageReader
from jobs.single import read_single
from service.errors import BadInput, ParseFailed
from service.news import assemble, urls
from service.news.article import Article, Skipped
from service.news.bulk.warc import Record, agrees
from service.news.dating.dates import FUTURE_TOLERANCE
from service.news.page import responses
from service.news.page.responses import Response
from service.news.page.walls import name_wall
from service.news.syndication import feeds
from service.news.syndication.recognise import Kind, recognise
from service.news.text.decoding import decode

_READ_TYPES = ("html", "xml", "rss", "atom", "json", "text/plain", "octet-stream", "unknown")
_SHORT = 1_000  # characters: a wall shows no more
_OF_PAGES = frozenset({"response", "resource", "conversion", "revisit"})


@dataclass(frozen=True, slots=True)
class Aside:
    """An article told by something lesser than its page: taken only where nothing is held of it."""

    article: Article


Made = Article | Aside | Skipped


def make(record: Record, *, source: str, now: dt.datetime, reader: PageReader) -> list[Made]:
    """What a record gives: a page one article, a feed those of its entries, words without markup (WET) one aside.

    Records about the crawl itself (warcinfo, request, metadata) give nothing. `source` "" is the host. Reasons beside
    those of `warc.read`: `date_future`, `revisit`, `http_status`, `unsupported_mime`, `unsupported_encoding`,
    `not_html`, `no_text`, `challenge`, `consent_wall`, `malformed_url`, and those of `feeds.parse` and `assemble`.
    """
    if record.kind not in _OF_PAGES:
        return []
    try:
        _refuse_record(record, now)
        named = source or urls.host_of(record.url)
        if record.kind == "conversion":
            return [_make_aside(record, named)]
        return _make_from_body(record, _read_body(record), named, reader)
    except BadInput as error:
        return [Skipped("malformed_url", record.url[:500], str(error))]
    except ParseFailed as error:
        return [Skipped(error.reason, record.url[:500], str(error))]


def _refuse_record(record: Record, now: dt.datetime) -> None:
    if record.seen_at > now + FUTURE_TOLERANCE:
        raise ParseFailed("date_future", f"WARC-Date {record.seen_at:%Y-%m-%dT%H:%M:%SZ} is still to come")
    if record.kind == "revisit":
        raise ParseFailed("revisit", f"as it was: {record.fields.get('warc-refers-to-date', 'seen before')[:80]}")


def _read_body(record: Record) -> Response:
    if record.kind == "resource":
        return Response(200, record.content_type, record.block, record.block)
    response = responses.read(record.block)
    told = record.fields.get("warc-payload-digest", "")
    if not agrees(told, response.payload) and not agrees(told, response.body):
        raise ParseFailed("digest_mismatch", "its body is not what was fetched (WARC-Payload-Digest)")
    if response.status != 200:
        raise ParseFailed("http_status", f"the server answered {response.status}")
    return response


def _make_from_body(record: Record, response: Response, source: str, reader: PageReader) -> list[Made]:
    declared = response.content_type.lower()
    if declared and not any(kind in declared for kind in _READ_TYPES):
        raise ParseFailed("unsupported_mime", declared[:80])
    kind = recognise(response.body, response.content_type)
    if kind is Kind.FEED:
        return _make_from_feed(record, response, source)
    if kind is Kind.TEXT:
        raise ParseFailed("not_html", f"declared as {declared[:80] or 'nothing'}, and neither a page nor a feed")
    made = read_single(
        response.body,
        kind,
        where=record.url,
        url=record.url,
        source=source,
        first_seen_at=record.seen_at,
        content_type=response.content_type,
        reader=reader,
    )
    return [_refuse_empty(made, response) if isinstance(made, Article) else made]


def _refuse_empty(made: Article, response: Response) -> Made:
    """A page of which only the title can be read, or a wall before it, is no article: a crawl holds thousands."""
    if len(made.text) < _SHORT and (wall := name_wall(decode(response.body, content_type=response.content_type).text)):
        return Skipped(wall, made.url, made.title[:200])
    if made.text == made.title:
        return Skipped("no_text", made.url, made.title[:200])
    return made


def _make_from_feed(record: Record, response: Response, source: str) -> list[Made]:
    feed = feeds.parse(response.body, content_type=response.content_type, url=record.url)
    made: list[Made] = []
    for entry in feed.entries:
        article = assemble.from_entry(entry, source=source, first_seen_at=record.seen_at)
        made.append(article if isinstance(article, Skipped) else Aside(article))
    return made


def _make_aside(record: Record, source: str) -> Made:
    """The words of a page with its menus (WET): better than nothing, and never in the place of the page itself."""
    text = decode(record.block, content_type="text/plain; charset=utf-8").text.replace("\x00", "")
    made = assemble.from_text(text, source=source, first_seen_at=record.seen_at, url=record.url)
    return made if isinstance(made, Skipped) else Aside(made)
