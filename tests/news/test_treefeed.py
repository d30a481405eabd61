"""The quick reader changes how fast a feed is read and nothing else: what it takes, feedparser reads the same."""

import contextlib
import itertools
import os
import random
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import ParseFailed
from service.news.article import Feed, FeedEntry
from service.news.syndication.feedlimits import Faults
from service.news.syndication.feedrecord import Record, Unsure, make_entry
from service.news.syndication.feeds import parse
from service.news.syndication.treefeed import _Document, read_tree_feed
from service.news.syndication.treeitem import Item, Readers
from service.news.syndication.treelane import Lane
from service.news.syndication.treenames import NOT_KEPT
from service.news.text.characters import WINDOWS_1252

NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "x": "https://x.example/ns",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
ROOTS = {
    "rss": (f'<?xml version="1.0"?><rss version="2.0" {DECLARED}><channel>', "</channel></rss>", "item"),
    "old": (f'<rss version="0.92" xml:lang="nl_BE" {DECLARED}><channel>', "</channel></rss>", "item"),
    "rdf": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        + DECLARED.replace('xmlns:atom="http://www.w3.org/2005/Atom"', "")
        + "><channel><title>R</title><link>https://r.example/</link></channel>",
        "</rdf:RDF>",
        "item",
    ),
    "atom": (f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB" {DECLARED}>', "</feed>", "entry"),
}
TEXTS = (
    "Koers",
    "",
    "  a &amp; b &lt;i&gt;c&lt;/i&gt; ",
    "<![CDATA[<p>Eén <b>dag</b></p><script>x</script>]]>",
    "Zo&#8217;n dag &#146; Ã©",
    "https://a.example/1?b=1&amp;c=2#d",
    "/relative/../1?a&amp;amp;b;c",
    "http:////slashes.example/x",
    "urn:uuid:1",
    "Wed, 23 Sep 2026 14:05:00 +0200",
    "2026-09-23T14:05:00Z",
    "03/04/2026",
    "jan@munt.example (Jan Vos)",
    "Jan Vos &lt;jan@munt.example&gt;",
    "a, b ,c",
    "nl",
    "<!-- note -->text<?pi x?> more",
    "\u00a0Spaced\u3000 caf\u00e9 \u0065\u0301",
)
ATTRIBUTES = (
    "",
    "",
    "",
    ' isPermaLink="false"',
    ' type="text/plain"',
    ' type="HTML"',
    ' type="xhtml"',
    ' href="https://a.example/h" rel="Alternate"',
    ' href="/h" rel="self"',
    ' url="https://a.example/u" type="image/png"',
    ' xml:lang="fr"',
    ' lang=""',
    ' xml:base="https://base.example/"',
    ' domain="https://d.example"',
    ' term="t" label="l"',
    ' mode="base64"',
    ' x:href="https://x.example/h"',
    ' text="News"',
)
_ELEMENT_WORDS = (
    "title link guid id description summary content content:encoded pubDate published updated dc:date dcterms:created "
    "author dc:creator itunes:author category dc:subject media:category media:keywords itunes:keywords source image "
    "media:title media:description media:thumbnail media:credit language dc:language feedburner:origLink comments "
    "enclosure atom:link atom:updated x:other x:title site contributor itunes:summary itunes:category rights lastmod "
    "textInput body tags georss:point media:restriction Title dc:title name email"
)
ELEMENTS = _ELEMENT_WORDS.split()
_COMMON = ("title", "link", "guid", "description", "pubDate", "content:encoded", "category", "dc:creator")
_CONTAINER_WORDS = "media:group media:content source author x:box image contributor itunes:owner content"
CONTAINERS = _CONTAINER_WORDS.split()


def read_both(text: str, url: str = "") -> tuple[Feed | None, Feed | str]:
    """The quick reader's feed, None where it leaves the text alone, and what feedparser makes of it."""
    quick = read_tree_feed(text.encode(), url=url, zone=None, faults=Faults(), most_entries=50)
    try:
        thorough = parse(text.encode(), url=url, max_entries=50, quick=False)
    except ParseFailed as failed:
        return quick, failed.reason
    return quick, thorough


def vars_of(feed: Feed) -> dict[str, object]:
    """The parts of a feed, one by one, so that a difference is shown and not hidden in a long line."""
    parts = {name: getattr(feed, name) for name in Feed.__slots__ if name != "entries"}
    entries = {
        f"{number} {name}": getattr(entry, name)
        for number, entry in enumerate(feed.entries)
        for name in type(entry).__slots__
    }
    return {**parts, **entries}


def check_same(body: bytes, url: str = "") -> bool:
    """Whether the quick reader took the body; then all that `parse` returns must be what the slow way returns."""
    text = body.decode()
    if read_tree_feed(text.encode(), url=url, zone=None, faults=Faults(), most_entries=50) is None:
        return False
    quick, thorough = (parse(body, url=url, max_entries=50, quick=way) for way in (True, False))
    assert vars_of(quick) == vars_of(thorough), text
    return True


@st.composite
def element(draw: st.DrawFn, depth: int = 0) -> str:
    if depth < 2 and draw(st.integers(0, 5)) == 0:
        name = draw(st.sampled_from(CONTAINERS))
        inner = "".join(draw(st.lists(element(depth + 1), max_size=3)))
    else:
        name = draw(st.sampled_from(ELEMENTS))
        inner = draw(st.sampled_from(TEXTS))
    default = ' xmlns="com-wordpress:feed-additions:1"' if name == "site" else ""
    declared = ' xmlns:georss="http://www.georss.org/georss"' if name.startswith("georss") else ""
    return f"<{name}{default}{declared}{draw(st.sampled_from(ATTRIBUTES))}>{inner}</{name}>"


@st.composite
def feed(draw: st.DrawFn) -> str:
    start, end, item = ROOTS[draw(st.sampled_from(sorted(ROOTS)))]
    own = "".join(draw(st.lists(element(1), max_size=3)))
    items = "".join(
        f"<{item}>{''.join(inner)}</{item}>" for inner in draw(st.lists(st.lists(element(), max_size=7), max_size=3))
    )
    return start + own + items + end


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feed(), st.sampled_from(["", "https://feeds.example/news.xml", "https://feeds.example:8443/x y"]))
def test_generated_feeds_are_read_as_feedparser_reads_them(text: str, url: str) -> None:
    check_same(text.encode(), url)


def vary(rounds: int, seed: int) -> tuple[int, int]:
    """Items of two elements in every kind of feed, one of them twice, at random: (tried, taken)."""
    choice = random.Random(seed)
    tried = taken = 0
    for name, (start, end, item), _ in itertools.product(ELEMENTS, ROOTS.values(), range(rounds)):
        other = choice.choice(ELEMENTS)
        parts = [f"<{one}{choice.choice(ATTRIBUTES)}>{choice.choice(TEXTS)}</{one}>" for one in (name, other, name)]
        tried += 1
        body = (start + f"<{item}><title>T</title>{''.join(parts)}</{item}>" + end).encode()
        taken += check_same(body, choice.choice(("", "https://feeds.example/news.xml")))
    return tried, taken


def test_every_element_is_read_alike_among_others() -> None:
    """Order, repeats and what stands before matter to feedparser; NEWSCANDLE_FEED_ROUNDS (1) says how many of each."""
    tried, taken = vary(int(os.environ.get("NEWSCANDLE_FEED_ROUNDS", "1")), seed=7)
    assert taken > tried / 4


def read_ways(text: str, url: str) -> list[tuple[FeedEntry | None, FeedEntry | str]]:
    """Every item of a feed as the lane of ordinary items reads it, None where it does not, and as `Item` does."""
    document = _Document(text.encode(), url)
    document._read_children(document._root, None, is_channel=document._kind == "atom")
    names, texts = document._names, document._texts
    lane, readers = Lane(names, texts), Readers(names)

    def made(record: Record) -> FeedEntry:
        return make_entry(record, base=url, language="en", zone=None, faults=Faults())

    found: list[tuple[FeedEntry | None, FeedEntry | str]] = []
    for item, language in document._items:
        with contextlib.suppress(Unsure):
            ordinary = lane.read(item, language) if texts.is_sound else None
            try:
                whole: FeedEntry | str = made(Item(names, texts, readers).read(item, language))
            except Unsure:
                whole = "left to feedparser"
            found.append((ordinary and made(ordinary), whole))
    return found


def test_the_lane_reads_ordinary_items_as_every_item_is_read() -> None:
    """Three elements of any names, attributes and texts, some in boxes; feedparser is the judge in other tests."""
    choice = random.Random(23)
    sound = [text for text in TEXTS if "&#" not in text]  # documents with others are not for the lane
    ordinary = 0
    for start, end, item in [*ROOTS.values()] * (150 * int(os.environ.get("NEWSCANDLE_FEED_ROUNDS", "1"))):
        parts = []
        for name in choice.choices([*ELEMENTS, *_COMMON * 4], k=choice.randint(2, 6)):
            attribute = choice.choice(ATTRIBUTES) if choice.random() < 0.2 else ""
            part = f"<{name}{attribute}>{choice.choice(sound)}</{name}>"
            box = choice.choice(("media:group", "x:box", "author")) if choice.random() < 0.15 else ""
            parts.append(f"<{box}>{part}</{box}>" if box else part)
        text = f"{start}<{item}>{''.join(parts)}</{item}>{end}"
        with contextlib.suppress(Unsure):
            for lane, whole in read_ways(text, "https://feeds.example/news.xml"):
                assert lane is None or lane == whole, text
                ordinary += lane is not None
    assert ordinary > 100


def rss(items: str, before: str = "", root: str = 'version="2.0"') -> str:
    return f"{before}<rss {root}><channel><title>T</title>{items}</channel></rss>"


ORDINARY = rss(
    "<link>https://a.example/</link><image><url>u</url><title>Picture</title><link>l</link></image>"
    "<item><title>One &amp; two</title><link>https://a.example/1</link><guid>g</guid><description>Short</description>"
    "<media:group><media:content url='u'>"
    "<media:title>M</media:title><media:description>D</media:description></media:content></media:group>"
    "<content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
    "<site xmlns='com-wordpress:feed-additions:1'>5</site><pubDate>Wed, 23 Sep 2026 14:05:00 GMT</pubDate></item>",
    root=f'version="2.0" {DECLARED}',
)


def test_ordinary_feeds_are_taken() -> None:
    quick, thorough = read_both(ORDINARY)
    assert quick is not None
    assert quick == thorough
    assert [(entry.title, entry.summary) for entry in quick.entries] == [("One & two", "Short")]


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY[:-20],
        ORDINARY.replace("<guid>", "<guid>&nbsp;"),
        "<!DOCTYPE rss>" + ORDINARY,
        '<?xml version="1.0" encoding="utf-8\x00"?>' + ORDINARY,
        "<!-- <!DOCTYPE rss [<!ENTITY a 'b'>]> -->" + ORDINARY,
        ORDINARY.replace("Short", "Short <b>bold</b>"),
        ORDINARY.replace("Short", "Short \x01"),
        ORDINARY.replace("Short", "Short \ufffe"),
        ORDINARY.replace("Short", "<![CDATA[\x7f]]>"),
        ORDINARY.replace("<item>", '<item xml:base="https://b.example/">'),
        ORDINARY.replace("http://search.yahoo.com/mrss/", "http://purl.org/dc/terms/"),
        ORDINARY.replace("<item>", "<item><undeclared:x/>"),
        ORDINARY.replace("<rss", "<rss xmlns='https://unknown.example/'").replace("<channel>", "<x:y/><channel>", 0)[
            :90
        ],
        "<html><body>no feed</body></html>",
        "<urlset/>",
        '{"items": []}',
    ],
)
def test_what_is_not_provably_read_alike_is_left_to_feedparser(text: str) -> None:
    assert read_tree_feed(text.encode(), url="", zone=None, faults=Faults(), most_entries=50) is None


def test_sizes_are_bounded_alike() -> None:
    many = rss("".join(f"<item><title>{number}</title></item>" for number in range(60))).encode()
    assert check_same(many)
    assert parse(many, max_entries=50).faults == ("too_many_items",)
    assert check_same(rss(f"<item><title>{'long ' * 1000}</title><link>javascript:x</link></item>").encode())


def test_every_handler_of_feedparser_is_kept_or_refused() -> None:
    """A release of feedparser that treats a new element must be met by a decision, not by silence."""
    from feedparser.mixin import _FeedParserMixin  # type: ignore[import-untyped]

    handlers = {
        name.partition("_")[2].partition("_")[2].lower()
        for name in dir(_FeedParserMixin)
        if name.startswith(("_start_", "_end_"))
    }
    without_effect = {"media_group", "media_content"}
    assert handlers - Item.HANDLERS.keys() - NOT_KEPT == without_effect


def test_windows_characters_are_those_of_feedparser() -> None:
    from feedparser.html import _cp1252  # type: ignore[import-untyped]

    assert _cp1252 == WINDOWS_1252


@pytest.mark.data
def test_real_feeds_and_the_public_corpus_are_read_alike(shared_data: Path) -> None:
    """Every twenty-fifth file of feedparser's tests and all real feeds; the whole is in benchmarks/feeds.py."""
    folder = shared_data / "feeds"
    real = [*folder.glob("*.xml"), *(folder / "fastfeedparser_benchmark").glob("*.xml")]
    small = [name for name in real if name.stat().st_size < 30_000]
    assert all(check_same(name.read_bytes()) for name in small)
    ways = [way for name in small for way in read_ways(name.read_text(), "https://a.example/feed.xml")]
    assert sum(lane == whole for lane, whole in ways) == len(ways) > 200
    taken = 0
    with tarfile.open(folder / "feedparser_corpus" / "feedparser_tests_xml.tar.xz") as files:
        for member in itertools.islice((member for member in files if member.isfile()), 0, None, 25):
            handle = files.extractfile(member)
            body = handle.read() if handle else b""
            try:
                body.decode()
            except UnicodeDecodeError:
                continue
            taken += check_same(body, "https://a.example/feed.xml")
    assert taken > 30
