"""The frozen types of the news room: what each stage hands to the next."""

import datetime as dt
import enum
import hashlib
from dataclasses import dataclass

from service.instants import ensure_utc


class PassageKind(enum.Enum):
    """What a stretch of a page's text is. Only TITLE and BODY are scored; the rest is kept and shown."""

    TITLE = "title"
    BODY = "body"
    PROMO = "promo"  # adverts of its own, calls to buy, subscribe, register, download or give
    AFFILIATE = "affiliate"  # that links or products earn the publisher something
    SPONSOR = "sponsor"  # that somebody paid for the text, and the marks around adverts
    NEWSLETTER = "newsletter"
    DISCLAIMER = "disclaimer"  # risk, no advice, corrections, copyright, legal notices
    BIO = "bio"  # who wrote it: bylines and introductions
    COUNTER = "counter"  # dates, reading time, views, likes, how many comments
    SHARE = "share"  # share bars, calls to follow
    RELATED = "related"  # links to other articles, tags, navigation
    CAPTION = "caption"
    COMMENTS = "comments"  # readers' comments and calls to comment

    @property
    def is_scored(self) -> bool:
        """Whether sentiment is read from passages of this kind."""
        return self in (PassageKind.TITLE, PassageKind.BODY)


class InstantOrigin(enum.Enum):
    """Where an instant was read from: its provenance."""

    FEED = "feed"
    PAGE = "page"
    ARCHIVE = "archive"
    HEADER = "header"
    CLOCK = "clock"
    STATED = "stated"  # by whoever handed the text in
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Dated:
    """An instant with its provenance.

    `instant` is UTC or None (then `reason` says why: `date_missing`, `date_unreadable`, `date_out_of_range`,
    `date_future` …). With an instant, `reason` is "" or a note on it: `date_day_only` (a bare day, midnight stands in),
    `date_two_digit`. `raw` is the text it was read from. `zone_assumed` is true where the text named no zone.
    """

    instant: dt.datetime | None
    origin: InstantOrigin
    raw: str = ""
    zone_assumed: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        if self.instant is not None and self.instant.tzinfo is not dt.UTC:
            ensure_utc(self.instant, "dated.instant")


UNDATED = Dated(None, InstantOrigin.UNKNOWN, reason="date_missing")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a feed as the feed tells it; texts are plain (no markup), `content_html` is raw and hostile."""

    guid: str
    url: str
    title: str
    summary: str
    content_html: str
    published: Dated
    modified: Dated
    authors: tuple[str, ...] = ()
    language_claim: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed. `faults` are stable codes of what was wrong with it although entries were recovered."""

    kind: str  # rss, rdf, atom, json, sitemap
    title: str
    url: str
    language_claim: str
    entries: tuple[FeedEntry, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A labelled stretch `text[start:end]` of an article's text; `rule` names what labelled it.

    `confidence` (0–1) is the share of this rule's lines that a reader labels so, as far as labels tell
    (`passage.precision`), and `rules` the set of rules that cut the text: 16 hex digits. Both are None for a passage
    that was stored before they were written down.
    """

    kind: PassageKind
    start: int
    end: int
    rule: str
    confidence: float | None = None
    rules: str | None = None


def key_of(url: str) -> str:
    """The key of the article whose canonical address this is: 32 hex digits."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Article:
    """One revision of one article.

    `url` is canonical and is the article's identity (`key`); a text without address has `text:<hash>`.
    `text` is the whole plain text, title first, as `passages` index it (code points). `content_hash` is the
    identity of the revision. `available_at` is when the revision could have been known: for live items the later
    of publication and first sight; for imported archives publication + the stated delay (`is_assumed`).
    """

    url: str
    source: str
    title: str
    text: str
    passages: tuple[Passage, ...]
    language: str  # ISO 639-1, or "und"
    language_confidence: float  # 0–1
    published: Dated
    modified: Dated
    first_seen_at: dt.datetime
    available_at: dt.datetime
    is_assumed: bool = False
    guid: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Stable identity of the article over its revisions: 32 hex digits of sha256 of the canonical URL."""
        return key_of(self.url)

    @property
    def content_hash(self) -> str:
        """Identity of this revision: 32 hex digits of sha256 of title and text."""
        return hashlib.sha256(f"{self.title}\x00{self.text}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something not taken in, with a stable `reason` code, what it was, and a detail for people."""

    reason: str
    what: str
    detail: str = ""
